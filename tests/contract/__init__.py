"""One suite per promise, run on everything that makes it."""
