"""From the log to decisions and back: the client of the event store, decisions, reactions, projections, rebuilds.

Imports: `shop.messaging`, `shop.read_models` and the rooms below them. Start with `log.py`, which decides and commits a
command, then `runner.py`, which processes the log for a service.
"""
