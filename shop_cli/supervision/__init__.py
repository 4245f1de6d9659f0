"""Supervision for `shop up`: processes are started, watched, restarted, and stopped in order."""
