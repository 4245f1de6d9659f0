"""Preparations of a process when a service starts in it, and not before: importing changes nothing."""

import json
import subprocess
import sys

import pytest

from shop.service.garbage import OBJECTS_BETWEEN_COLLECTIONS
from shop.service.registry import MODULES

TELL = """
import gc, json, sys
import apispec, argon2, flask, kombu.transport, nameko.rpc, prometheus_client, redis, reportlab.platypus, sqlalchemy.orm
from importlib import import_module
from kombu.serialization import registry
from kombu.transport import TRANSPORT_ALIASES

def tell():
    return gc.get_threshold()[0], TRANSPORT_ALIASES["amqp"], registry._encoders["json"].encoder.__module__

before = tell()
for module in json.loads(sys.argv[1]):
    import_module(module)
imported = tell()
from nameko.containers import ServiceContainer
from nameko.rpc import rpc as _
from shop.messaging import embedded
from shop.messaging.rpc import rpc

class Service:
    name = "service"

    @rpc
    def method(self):
        pass

embedded.register()
container = ServiceContainer(Service, {"AMQP_URI": "embedded://", "serializer": "json"})
container.start()
started = tell()
container.stop()
print(json.dumps([before, imported, started]))
"""


@pytest.fixture(scope="module")
def told():
    modules = json.dumps(["shop_cli.start", *MODULES.values()])
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", TELL, modules], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_to_import_a_service_changes_nothing_in_its_process(told):
    before, imported, _ = told

    assert imported == before


def test_a_service_that_starts_prepares_its_process(told):
    *_, started = told

    assert started == [
        OBJECTS_BETWEEN_COLLECTIONS,
        "shop.messaging.rabbitmq.transport:Transport",
        "shop.messaging.serialization",
    ]
