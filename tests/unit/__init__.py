"""Pure rules, without servers or I/O."""
