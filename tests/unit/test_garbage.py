"""How often garbage is collected in the processes of the shop."""

import subprocess
import sys

import pytest

from shop.chassis.garbage import OBJECTS_BETWEEN_COLLECTIONS
from shop.cli.services import MODULES


@pytest.mark.parametrize("module", ["shop.cli.start", *MODULES.values()])
def test_whatever_runs_services_collects_rarely(module):
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"import gc, {module}; print(gc.get_threshold()[0])"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(told.stdout) == OBJECTS_BETWEEN_COLLECTIONS
