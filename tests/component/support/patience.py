"""Time-outs of the shop's own that never run out in a test."""

from tests.support.waiting import TEST_LIMIT

NEVER = 2 * TEST_LIMIT
"""Seconds: a wait for the end of them meets the test's limit before."""

MOST_FOR_A_CALL = 60
"""Seconds: the most that the configuration takes for `rpc_timeout_seconds`."""
