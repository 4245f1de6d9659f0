"""Requests that the API's description allows and forbids, at random, with many examples of each."""

from collections.abc import Iterator

import pytest

from tests.component.support import fuzzing
from tests.component.support.gateway_client import Client, running_gateway

EXAMPLES = 100


@pytest.fixture(scope="module")
def fuzzed_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with running_gateway(tmp_path_factory.mktemp("gateway")) as client:
        yield client


@pytest.mark.parametrize("name", fuzzing.OPERATIONS)
def test_what_the_description_allows_is_taken(fuzzed_gateway: Client, name: str) -> None:
    fuzzing.require_that_what_is_allowed_is_taken(fuzzed_gateway, name, examples=EXAMPLES)


@pytest.mark.parametrize("name", fuzzing.FORBIDDING)
def test_what_the_description_forbids_is_refused(fuzzed_gateway: Client, name: str) -> None:
    fuzzing.require_that_what_is_forbidden_is_refused(fuzzed_gateway, name, examples=EXAMPLES)
