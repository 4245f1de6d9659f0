"""Makes up requests at random from the API's description: every answer has to be one that it describes."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis import Case, GenerationMode
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
from tests.component.support.gateway_client import CUSTOMER, MANAGER, Client
from tests.support.waiting import LIMIT

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

BEYOND_SCHEMAS = {"after", "category_id", "current_password", "version"}
"""Fields of which the form alone cannot say whether they are right."""

INVISIBLE = re.compile(r"Must not be blank\.|Must not contain U\+[0-9A-F]+, which cannot be displayed\.")
"""JSON Schema cannot tell a letter from a character that has no shape."""

FORBIDDING = sorted(OPERATIONS.keys() - TAKE_LITTLE)


def require_that_what_is_allowed_is_taken(gateway: Client, name: str, *, examples: int) -> None:
    """Send so many requests to an operation of `OPERATIONS` that its description allows."""

    @_tried(examples)
    @given(case=OPERATIONS[name].as_strategy(generation_mode=GenerationMode.POSITIVE))
    def holds(case: Case) -> None:
        assume(not _has_floats(case.body))
        response = _ask(gateway, name, case)

        case.validate_response(response, checks=CHECKS)
        if response.status_code == 422:
            errors = response.json()["errors"]
            wrong = {field for field, told in errors.items() if not all(map(INVISIBLE.fullmatch, told))}
            assert wrong <= BEYOND_SCHEMAS, response.text
        assert response.status_code not in (400, 403, 405, 413, 415), response.text

    holds()


def require_that_what_is_forbidden_is_refused(gateway: Client, name: str, *, examples: int) -> None:
    """Send so many requests to an operation of `FORBIDDING` that its description forbids."""

    @_tried(examples)
    @given(case=OPERATIONS[name].as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def holds(case: Case) -> None:
        assume(_is_sent_whole(case.query or {}))
        response = _ask(gateway, name, case)

        case.validate_response(response, checks=[*CHECKS, negative_data_rejection])

    holds()


def _tried(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def _has_floats(value: Any) -> bool:
    """2.0 is an integer to JSON Schema; to us it is not."""
    if isinstance(value, dict | list):
        return any(_has_floats(part) for part in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, float)


def _is_sent_whole(query: Mapping[str, Any]) -> bool:
    """An empty list, which the description forbids, leaves nothing to send."""
    sent = requests.Request("GET", "http://shop/", params=query).prepare().url or ""
    return parse_qs(urlsplit(sent).query, keep_blank_values=True).keys() == query.keys()


def _ask(gateway: Client, name: str, case: Case) -> requests.Response:
    headers = {"Authorization": f"Bearer {CUSTOMER if name in CUSTOMERS_ONLY else MANAGER}"}
    return case.call(base_url=gateway.url, session=gateway.session, headers=headers, timeout=LIMIT)
