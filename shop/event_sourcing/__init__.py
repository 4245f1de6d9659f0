"""From the log to decisions and back: the client of the event store, decisions, reactions, projections, rebuilds.

Imports: `shop.messaging`, `shop.read_models` and what is below them. Start with `log.py`, by which a command is decided
and committed, then `runner.py`, which works through the log for a service.
"""
