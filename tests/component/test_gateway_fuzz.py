"""What the API's description allows and forbids, tried out at random: every answer is one that it describes."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway_svc.openapi import describe
from gateway_svc.service import GatewayService
from tests.component.support.gateway_client import CUSTOMER, MANAGER, gateway

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(describe(GatewayService, "EUR"))
OPERATIONS = {f"{found.ok().method} {found.ok().path}": found.ok() for found in SCHEMA.get_all_operations()}
CUSTOMERS_ONLY = {"post /v1/orders", "get /v1/customers/me", "patch /v1/customers/me"}
TAKE_LITTLE = {"get /healthz", "get /readyz", "get /metrics", "get /v1/revenue"}
"""There is too little that their descriptions forbid to make something up at random."""

BEYOND_SCHEMAS = {"after", "current_password", "category_id"}
"""Fields of which the form alone cannot say whether they are right."""

INVISIBLE = ["May not be blank."]
"""JSON Schema cannot tell a letter from a character that has no shape."""

quickly = settings(
    max_examples=8,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with gateway(tmp_path_factory.mktemp("shop")) as client:
        yield client


def has_floats(value):
    """2.0 is an integer to JSON Schema; to us it is not."""
    if isinstance(value, dict | list):
        return any(has_floats(part) for part in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, float)


def ask(shop, name, case):
    token = CUSTOMER if name in CUSTOMERS_ONLY else MANAGER
    return case.call(base_url=shop.url, session=shop.session, headers={"Authorization": f"Bearer {token}"}, timeout=20)


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_the_description_allows_is_taken(shop, name):
    @quickly
    @given(case=OPERATIONS[name].as_strategy(generation_mode=GenerationMode.POSITIVE))
    def holds(case):
        assume(not has_floats(case.body))
        response = ask(shop, name, case)

        case.validate_response(response, checks=CHECKS)
        if response.status_code == 422:
            errors = response.json()["errors"]
            assert {field for field, told in errors.items() if told != INVISIBLE} <= BEYOND_SCHEMAS, response.text
        assert response.status_code not in (400, 403, 405, 413, 415), response.text

    holds()


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - TAKE_LITTLE))
def test_what_the_description_forbids_is_refused(shop, name):
    operation = OPERATIONS[name]

    @quickly
    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def holds(case):
        response = ask(shop, name, case)

        case.validate_response(response, checks=[*CHECKS, negative_data_rejection])

    holds()
