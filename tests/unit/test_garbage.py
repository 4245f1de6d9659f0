"""How often garbage is collected in the processes of the shop."""

import subprocess
import sys

from shop.service.garbage import OBJECTS_BETWEEN_COLLECTIONS
from shop_cli.services import MODULES

TELL_OF_EACH = """
import gc, importlib, os, sys
import apispec, argon2, flask, kombu.transport, nameko.rpc, prometheus_client, redis, reportlab.platypus, sqlalchemy.orm

for module in sys.argv[1:]:
    if not os.fork():
        importlib.import_module(module)
        print(module, gc.get_threshold()[0], flush=True)
        os._exit(0)
    os.wait()
"""
"""Each module is imported by a process of its own, which has the libraries from the one that it comes from."""


def test_whatever_runs_services_collects_rarely():
    modules = ["shop_cli.start", *MODULES.values()]

    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TELL_OF_EACH, *modules], capture_output=True, text=True, check=True
    )

    assert told.stdout.splitlines() == [f"{module} {OBJECTS_BETWEEN_COLLECTIONS}" for module in modules]
