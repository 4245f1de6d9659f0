"""Whether a log takes commits, as those are told who ask for it."""

from tests.contract.support.log_builders import commit


def test_a_log_that_takes_commits_has_no_refusal(log):
    log.append(commit())

    assert log.health() == {**log.head(), "head": 1, "refusal": None}


def test_a_trial_leaves_the_log_as_it_is(log):
    log.append(commit())
    before = log.head()

    for _ in range(3):
        log._store.try_to_write()

    assert log.head() == before
    assert log.verify()["ok"]


def test_a_clock_that_is_wrong_is_told(log, clock):
    log.append(commit())
    clock.turn(days=-1)

    assert log.health()["refusal"] == log.clock.read()["refusal"]
