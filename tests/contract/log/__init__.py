"""The contract of every adapter of the log. Adapters are in `tests/contract/support/log_databases.py`."""
