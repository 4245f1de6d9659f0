"""The append-only event log, from which all read models can be rebuilt.

Purpose: accepts commits, decides their order, and keeps them for good.
Owns: the log (commits in a hash chain), the subscriptions' checkpoints, leases and dead letters.
Publishes: `committed` on the exchange `event_store.events`, one message after each group commit. Reacts to: nothing.
"""
