"""The registry of services: Nameko's own command can run each, and all that names services agrees with it."""

import json
import re
from pathlib import Path
from typing import get_type_hints

import pytest
from nameko.cli.run import import_service
from nameko.containers import get_service_name

from gateway_svc.clients import Clients
from shop.contracts.api import SERVICE_OF
from shop.contracts.names import Service
from shop.service.registry import MODULES, SERVICES, WITH_READ_MODEL

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("name", "module"), MODULES.items())
def test_nameko_finds_one_service_in_each_module(module: str, name: str) -> None:
    found = import_service(module)

    assert [get_service_name(service) for service in found] == [name]


def test_every_service_is_registered_once():
    assert [service.name for service in SERVICES] == list(Service)
    assert set(MODULES.values()) == {f"{path.parent.name}.service" for path in ROOT.glob("*_svc/service.py")}


def test_the_configuration_has_a_database_for_each_read_model():
    configured = re.findall(r'^ {2}"(\w+):ReadModel":', (ROOT / "config.yaml").read_text(), re.MULTILINE)

    assert configured == [service.value for service in WITH_READ_MODEL]


def test_the_broker_has_a_user_for_each_service():
    users = json.loads((ROOT / "deploy/rabbitmq/definitions.json").read_text())["users"]

    assert {user["name"] for user in users} >= {service.value for service in MODULES}


def test_the_gateway_has_a_client_of_each_service():
    assert set(get_type_hints(Clients)) == {service.value for service in SERVICE_OF.values()}


def test_the_secrets_are_made_for_each_service():
    (listed,) = re.findall(r"^SERVICES='([^']*)'", (ROOT / "deploy/make-secrets.sh").read_text(), re.MULTILINE)

    assert listed.split() == [service.value for service in MODULES]
