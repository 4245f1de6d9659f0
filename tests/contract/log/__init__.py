"""What every adapter of the log has to do. Adapters are in `tests/contract/support/log_databases.py`."""
