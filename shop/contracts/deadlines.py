"""The chain of deadlines of a request, in seconds: each is shorter than its caller's, which so receives the reason.

    browser > website's page > gateway > RPC > database

A website's own deadlines are in `shop/http/client.py` and `shop/web/calls.py`: longer than the gateway's.
"""

GATEWAY = 8.0
"""For the gateway's answer in all: the queue for a worker, and every service that is called."""

GATEWAY_QUEUE = 2.0
"""For a worker of the gateway; then the request is shed with 503."""

RPC = 5
"""For a call to a service, unless the setting `rpc_timeout_seconds` says otherwise."""

DATABASE = 4.0
"""For a database: of the log, or of a read model."""

READ_YOUR_WRITES = 1.0
"""For the read model to show a command's commit; then the command returns all the same."""

CATCH_UP = 2.0
"""For the read model to catch up with the log, when a query finds a row missing."""

READINESS = 2.0
"""For a service's answer to a readiness check."""

WRITE_PROBE = 1.0
"""For a database to write some bytes, as part of a readiness check."""
