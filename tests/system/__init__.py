"""The whole shop, driven from outside over HTTP."""
