"""A test that needs a server may be skipped on a laptop, never in CI."""

from pathlib import Path

import pytest

ROOT_CONFTEST = Path(__file__).parents[1] / "conftest.py"

THREE_SKIPS = {
    "test_bus": """
        import pytest

        def test_of_the_bus():
            pytest.skip("needs RabbitMQ")

        def test_of_the_system():
            pytest.skip("Linux only")
        """,
    "test_browser": """
        import pytest

        pytest.skip("needs Chromium", allow_module_level=True)
        """,
}


@pytest.fixture
def outcomes(pytester):
    def run():
        pytester.makeconftest(ROOT_CONFTEST.read_text())
        pytester.makepyfile(**THREE_SKIPS)
        options = "--continue-on-collection-errors -p no:schemathesis -p no:nameko_sqlalchemy"
        return pytester.runpytest_inprocess(*options.split()).parseoutcomes()

    return run


def test_in_ci_whatever_lacks_a_server_fails_and_other_skips_stay(outcomes, monkeypatch):
    monkeypatch.setenv("CI", "true")

    assert outcomes() == {"errors": 1, "failed": 1, "skipped": 1}


def test_on_a_laptop_all_are_skipped(outcomes, monkeypatch):
    monkeypatch.delenv("CI", raising=False)

    assert outcomes() == {"skipped": 3}
