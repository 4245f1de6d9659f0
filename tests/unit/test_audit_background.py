"""Audits in the background: a question gets the known result, and starts a new audit where that is not enough."""

from collections.abc import Callable

import pytest
from eventlet.event import Event

from shop.audit.background import BackgroundAudit, ReadingProgress
from shop.audit.checks import Check
from shop.contracts.errors import ServiceUnavailable
from tests.support.waiting import let_others_run

RIGHT = Check("books", ok=True, detail="all")


class LogContext:
    """The work of the audit; tests say when it goes on."""

    def __init__(self) -> None:
        self.runs = 0
        self.head = 10
        self.failure: Exception | None = None
        self.may_end: Callable[[], object] = lambda: None

    def __call__(self, progress: ReadingProgress) -> list[Check]:
        self.runs += 1
        progress.head = self.head
        progress.position = self.head // 2
        self.may_end()
        if self.failure:
            raise self.failure
        progress.position = self.head
        return [RIGHT]


@pytest.fixture
def work():
    return LogContext()


@pytest.fixture
def audit(work):
    return BackgroundAudit("books", work)


def finished(audit):
    """Its answer when no audit is under way any more."""
    let_others_run()
    return audit.ask(at_least=0, max_age=1e9)


def test_the_first_question_begins_an_audit(audit, work):
    assert audit.ask(0, 60) == {"running": {"position": 0, "head": 0}, "result": None, "current": False}

    told = finished(audit)

    assert told["running"] is None
    assert {name: told["result"][name] for name in ("position", "ok", "checks")} == {
        "position": 10, "ok": True, "checks": [{"name": "books", "ok": True, "detail": "all"}]
    }  # fmt: skip
    assert work.runs == 1


def test_while_it_runs_the_answer_is_how_far_it_is(audit, work):
    gate = Event()
    work.may_end = gate.wait
    audit.ask(0, 60)
    let_others_run()

    assert audit.ask(0, 60)["running"] == {"position": 5, "head": 10}
    assert audit.ask(0, 60)["result"] is None
    gate.send()
    assert finished(audit)["result"]["position"] == 10
    assert work.runs == 1


@pytest.mark.parametrize(("at_least", "max_age", "runs"), [(10, 60, 1), (0, 60, 1), (11, 60, 2), (0, 0, 2)])
def test_a_new_one_begins_when_the_last_knows_too_little_or_is_too_old(audit, work, at_least, max_age, runs):
    audit.ask(0, 60)
    first = finished(audit)["result"]

    told = audit.ask(at_least, max_age)
    finished(audit)

    assert told["result"] == first
    assert told["current"] == (runs == 1)
    assert work.runs == runs


def test_a_service_that_is_away_leaves_no_result_and_is_asked_again(audit, work):
    work.failure = ServiceUnavailable("event_store")
    audit.ask(0, 60)
    let_others_run()
    work.failure = None

    assert audit.ask(0, 60)["result"] is None
    assert finished(audit)["result"]["ok"]


def test_an_audit_that_breaks_says_so(audit, work):
    work.failure = LookupError("the log ends before position 5")
    audit.ask(0, 60)

    assert finished(audit)["result"]["checks"] == [
        {"name": "audit", "ok": False, "detail": "books could not be checked"}
    ]


def test_a_stopped_audit_says_nothing(audit, work):
    work.may_end = Event().wait
    audit.ask(0, 60)
    let_others_run()

    audit.stop()

    assert audit.ask(0, 60) == {"running": {"position": 0, "head": 0}, "result": None, "current": False}
    audit.stop()
