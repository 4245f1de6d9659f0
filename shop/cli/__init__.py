"""The `shop` command: the only code that knows every service."""
