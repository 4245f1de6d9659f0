"""Whether the books are right: rules that must hold for the whole log, and read models that must be what it says.

The rules are written down a second time here, as sums, without those by which the services decide. Each check reads the
log's events in order and in the end says what it found; `auditor.py` runs them in the background of a service.

Imports: `shop.event_sourcing` and what is below it. Start with `checks.py`, then `auditor.py`.
"""
