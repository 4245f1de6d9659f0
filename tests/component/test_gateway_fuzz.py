"""Requests that the API's description allows and forbids, at random: here a few, in `tests/proof` many."""

import pytest

from tests.component.support import fuzzing

EXAMPLES = 2


@pytest.mark.parametrize("name", fuzzing.OPERATIONS)
def test_what_the_description_allows_is_taken(gateway, name):
    fuzzing.require_that_what_is_allowed_is_taken(gateway, name, examples=EXAMPLES)


@pytest.mark.parametrize("name", fuzzing.FORBIDDING)
def test_what_the_description_forbids_is_refused(gateway, name):
    fuzzing.require_that_what_is_forbidden_is_refused(gateway, name, examples=EXAMPLES)
