"""The process of the bad network."""

import os
import subprocess
import sys


def test_it_ends_without_a_word_when_whoever_started_it_has_gone():
    nobody_reads, output = os.pipe()
    os.close(nobody_reads)

    ended = subprocess.run(
        [sys.executable, "-m", "tools.chaos.proxy", "1", "1"],
        stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE,
    )  # fmt: skip

    os.close(output)
    assert (ended.returncode, ended.stderr) == (0, b"")
