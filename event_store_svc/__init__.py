"""The append-only log from which everything else can be rebuilt.

Purpose: takes commits, decides their order, and keeps them for good.
Owns: the log (commits in a hash chain), the subscriptions' checkpoints, leases and dead letters.
Publishes: `committed` on the exchange `event_store.events`, one message after each group commit.
Reacts to: nothing.
"""
