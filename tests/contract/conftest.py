"""Databases that the conformance suites of read models run on, each with nothing in it."""

import pytest


@pytest.fixture(params=["sqlite", "postgresql", "redis", "couchdb"])
def read_model_url(request: pytest.FixtureRequest) -> str:
    """A suite for fewer kinds names them: `parametrize("read_model_url", ["sqlite"], indirect=True)`.

    Another kind joins by a fixture `empty_<kind>`, and by an adapter in each suite.
    """
    return request.getfixturevalue(f"empty_{request.param}")
