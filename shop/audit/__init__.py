"""The audit: invariants of the whole log, and comparisons of the read models with it.

The rules are implemented a second time here, as sums, independently of the services' own rules. Each check reads the
log's events in order and reports at the end; `auditor.py` runs them in the background of a service.

Imports: `shop.event_sourcing` and the rooms below it. Start with `checks.py`, then `auditor.py`.
"""
