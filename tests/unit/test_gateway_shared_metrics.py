"""Several gateway processes behind one address tell the same sums, whichever is asked."""

import os
import subprocess
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families

COUNTING = """
import sys
from gateway_svc import metrics
for _ in range(int(sys.argv[1])):
    metrics.count("GET", "/v1/products", 200, 0.01)
metrics.IN_FLIGHT.inc()
while True:
    print(metrics.exposition({}).decode() + "# EOF", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def start(tmp_path):
    """Starts a process that has answered so many requests and has one under way, and tells all that it knows."""
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    processes = []

    def start_one(requests):
        command = [sys.executable, "-c", COUNTING, str(requests)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        processes.append(subprocess.Popen(command, env=environment, text=True, **pipes))
        return processes[-1], told_by(processes[-1])

    yield start_one
    for process in processes:
        process.kill()
        process.communicate()


def told_by(process):
    """Requests that were answered, and requests under way."""
    lines = list(iter(process.stdout.readline, "# EOF\n"))
    found = {s.name: s.value for f in text_string_to_metric_families("".join(lines)) for s in f.samples}
    return found["shop_http_requests_total"], found["shop_http_requests_in_flight"]


def told_again_by(process):
    process.stdin.write("\n")
    process.stdin.flush()
    return told_by(process)


def test_processes_that_share_a_folder_tell_their_sum_and_counters_never_fall(start):
    one, first = start(3)
    other, second = start(4)

    assert (first, second, told_again_by(one)) == ((3, 1), (7, 2), (7, 2))

    other.kill()
    other.wait()

    assert told_again_by(one) == (7, 1)
