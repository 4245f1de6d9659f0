"""Whether a database takes writes, as those learn it who ask whether a service is well."""

import pytest
from eventlet.event import Event

from shop.contracts.errors import ServiceUnavailable
from shop.service import trials
from shop.service.trials import SECONDS_BETWEEN_TRIALS, WriteProbe
from tests.support.clock import FakeClock
from tests.support.waiting import SOON


class Database:
    """Takes writes, unless it is told otherwise."""

    def __init__(self):
        self.error = None
        self.written = 0

    def write(self):
        self.written += 1
        if self.error:
            raise ServiceUnavailable("event_store") from self.error


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def trial(database, clock):
    return WriteProbe(database.write, clock)


def test_a_database_that_takes_writes_has_no_refusal(trial):
    assert trial.refusal() is None


def test_one_that_takes_none_says_why_in_a_line(trial, database):
    database.error = OSError("database or disk is full.\n[SQL: UPDATE log_trial]")

    assert trial.refusal() == "its database takes no writes: database or disk is full"


def test_all_who_ask_within_a_second_are_told_of_one_trial(trial, database, clock):
    trial.refusal()
    database.error = OSError("full")

    assert trial.refusal() is None
    clock.turn(SECONDS_BETWEEN_TRIALS)
    assert trial.refusal()
    database.error = None
    clock.turn(SECONDS_BETWEEN_TRIALS)
    assert trial.refusal() is None
    assert database.written == 3


def test_one_that_does_not_answer_is_not_waited_for(clock, monkeypatch):
    monkeypatch.setattr(trials, "SECONDS_OF_A_TRIAL", SOON)

    assert WriteProbe(Event().wait, clock).refusal() == ("its database did not take a write within 0.05 s")
