"""No test ends without a word: one that lacks a server fails in CI, one that hangs fails alone."""

from pathlib import Path

import pytest

ROOT_CONFTEST = Path(__file__).parents[1] / "conftest.py"
OPTIONS = ("--continue-on-collection-errors", "-p", "no:schemathesis", "-p", "no:nameko_sqlalchemy")

GRACE = "GRACE = 1.0"
"""A test that computes takes a processor for so long before it is ended."""

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

HANGING = """
    import eventlet
    import eventlet.event
    import pytest

    soon = pytest.mark.timeout(0.2)

    def spin():
        while True:
            pass

    @soon
    def test_waiting_for_nobody():
        eventlet.event.Event().wait()

    @soon
    def test_computing():
        spin()

    @soon
    def test_another_computing():
        eventlet.spawn(spin)
        eventlet.sleep(60)

    def test_after_all_that():
        eventlet.sleep(0)
    """


@pytest.fixture
def repository(pytester, monkeypatch):
    conftest = ROOT_CONFTEST.read_text()
    assert GRACE in conftest
    pytester.makeconftest(conftest.replace(GRACE, "GRACE = 0.1"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT_CONFTEST.parents[1]))  # where it finds its plugins
    return pytester


def test_in_ci_whatever_lacks_a_server_fails_and_other_skips_stay(repository, monkeypatch):
    repository.makepyfile(**THREE_SKIPS)
    monkeypatch.setenv("CI", "true")

    run = repository.runpytest_inprocess(*OPTIONS)

    run.assert_outcomes(errors=1, failed=1, skipped=1)


def test_on_a_laptop_all_are_skipped(repository, monkeypatch):
    repository.makepyfile(**THREE_SKIPS)
    monkeypatch.delenv("CI", raising=False)

    run = repository.runpytest_inprocess(*OPTIONS)

    run.assert_outcomes(skipped=3)


def test_a_test_that_hangs_fails_and_the_next_one_runs(repository):
    repository.makepyfile(HANGING)

    run = repository.runpytest_subprocess(*OPTIONS)

    run.assert_outcomes(failed=3, passed=1)
    run.stdout.fnmatch_lines(["*Timeout: not done after 0.2 s*"])
