"""What `shop up` does: processes that are started, watched, started again, and stopped in order."""
