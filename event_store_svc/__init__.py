"""The append-only log from which everything else can be rebuilt."""
