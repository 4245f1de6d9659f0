"""The services' contracts: events, commits, errors, money, names. The standard library only.

Imports: nothing of ours. Start with `events.py`, the catalogue of all facts, then `commits.py`, the form in which they
are written to the log.
"""
