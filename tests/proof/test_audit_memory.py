"""How much memory an audit of many orders takes."""

import json
import subprocess
import sys

ORDERS = 75_000
MIB_IN_ALL = 256
"""The memory of a container, in compose.yaml; a service without orders takes about 85."""
MIB_FOR_THE_REST = 60
"""The memory of all that a service has loaded and this process has not."""


def test_an_audit_of_many_orders_fits_a_container():
    run = [sys.executable, "-W", "ignore", "-m", "tests.proof.support.audit_of_many_orders", str(ORDERS)]

    told = json.loads(subprocess.run(run, check=True, capture_output=True, text=True).stdout)

    assert [check["detail"] for check in told["checks"] if not check["ok"]] == []
    assert told["mib"] + MIB_FOR_THE_REST < MIB_IN_ALL
