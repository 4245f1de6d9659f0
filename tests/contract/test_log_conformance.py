"""What every adapter of the log has to do. Adapters are in `log_databases.py`."""

from itertools import pairwise, product

import eventlet
import orjson
import pytest

from event_store_svc import patience
from event_store_svc.commits import MAX_ANSWER, MAX_COMMIT
from shop.contracts.commits import RecordedCommit
from shop.contracts.errors import (
    CheckpointMoved,
    CommandReused,
    CommitTooLarge,
    InvalidCommit,
    InvalidRequest,
    UnknownDeadLetter,
    WrongExpectedVersion,
)
from tests.contract.support.log_builders import SettableClock, commit, running_log
from tests.contract.support.log_databases import MAKERS


@pytest.fixture(params=MAKERS)
def new_database(request):
    return lambda: request.param(request)


@pytest.fixture
def database(new_database):
    return new_database()


@pytest.fixture
def clock():
    return SettableClock()


@pytest.fixture
def log(database, clock):
    with running_log(database.store(clock)) as log:
        yield log


def positions(log):
    return [kept["position"] for kept in everything(log)]


def everything(log, limit=1000):
    """The whole log, page by page."""
    commits, after = [], 0
    while after is not None:
        page = log.read_all(after, limit)
        commits += page["commits"]
        after = page["next"]
    return commits


def versions(log, *streams):
    answer = log.read_streams([(stream, 0) for stream in streams])["streams"]
    return [answer[stream]["version"] for stream in streams]


def kinds(answer):
    """What became of each commit of `append_many`: "recorded", "duplicate" or the error's name."""
    return [
        outcome["error"]["type"] if "error" in outcome else "duplicate" if outcome["duplicate"] else "recorded"
        for outcome in answer["outcomes"]
    ]


# Order


def test_positions_are_1_2_3_without_gap_also_when_many_append_at_once(log):
    pool = eventlet.GreenPool()

    answers = list(pool.imap(log.append, [commit() for _ in range(50)]))

    assert sorted(answer["commit"]["position"] for answer in answers) == list(range(1, 51))
    assert positions(log) == list(range(1, 51))


def test_appends_that_wait_together_are_one_group(log):
    pool = eventlet.GreenPool()

    list(pool.imap(log.append, [commit() for _ in range(50)]))

    assert [len(plan.links) for plan in log.plans] == [50]


def test_a_refused_commit_leaves_no_gap(log):
    log.append(commit({"a": 0}))
    with pytest.raises(WrongExpectedVersion):
        log.append(commit({"a": 0}))
    log.append(commit({"a": 1}))

    assert positions(log) == [1, 2]


def test_a_commit_is_kept_as_it_was_sent(log, clock):
    sent = commit({"a": 0}, reads={"b": 0}, fingerprint="f", data={"text": "ä\0\u2028 𝄞", "list": [1, None, True, {}]})

    log.append(sent)

    (kept,) = everything(log)
    assert kept["command_id"] == sent["command_id"]
    assert kept["fingerprint"] == "f"
    assert kept["events"] == [{"stream": "a", "version": 1, "type": "Happened", "data": sent["events"][0]["data"]}]
    assert kept["meta"] == {**sent["meta"], "at": "2026-11-23T09:30:00.000Z"}


def test_contracts_read_what_the_log_answers(log):
    answer = log.append(commit({"a": 0}, data={"x": 1}))

    recorded = RecordedCommit.load(answer["commit"])
    assert (recorded.position, recorded.events[0].stream, recorded.events[0].version) == (1, "a", 1)


def test_several_events_of_one_stream_count_on(log):
    sent = commit({"a": 0, "b": 0})
    sent["events"] += sent["events"]

    kept = log.append(sent)["commit"]

    assert [(event["stream"], event["version"]) for event in kept["events"]] == [
        ("a", 1),
        ("b", 1),
        ("a", 2),
        ("b", 2),
    ]


# Optimistic concurrency


@pytest.mark.parametrize(("expected", "actual"), [(0, 1), (2, 1), (1, 0)])
def test_a_stream_that_is_elsewhere_refuses_the_commit(log, expected, actual):
    for version in range(actual):
        log.append(commit({"a": version}))

    with pytest.raises(WrongExpectedVersion) as refused:
        log.append(commit({"a": expected}))

    assert refused.value.args == ("a", expected, actual)


def test_a_commit_of_several_streams_is_all_or_nothing(log):
    log.append(commit({"b": 0}))

    with pytest.raises(WrongExpectedVersion):
        log.append(commit({"a": 0, "b": 0, "c": 0}))

    assert versions(log, "a", "b", "c") == [0, 1, 0]


def test_streams_that_were_only_read_are_checked_too(log):
    log.append(commit({"read": 0}))

    with pytest.raises(WrongExpectedVersion) as refused:
        log.append(commit({"a": 0}, reads={"read": 0}))
    log.append(commit({"a": 0}, reads={"read": 1, "never": 0}))

    assert refused.value.args == ("read", 0, 1)
    assert versions(log, "a", "read", "never") == [1, 1, 0]


def test_of_many_who_decide_on_the_same_version_one_gets_through(log):
    def attempt(sent):
        try:
            return log.append(sent)["duplicate"]
        except WrongExpectedVersion:
            return None

    answers = list(eventlet.GreenPool().imap(attempt, [commit({"a": 0}) for _ in range(20)]))

    assert sorted(answers, key=str) == [False, *[None] * 19]


def test_a_stream_that_is_written_has_to_be_expected(log):
    sent = commit({"a": 0})
    sent["expects"] = {"b": 0}

    with pytest.raises(InvalidCommit):
        log.append(sent)

    assert positions(log) == []


# Command ids, versions and fingerprints

KEPT, SENT = (None, "f"), (None, "f", "g")
KNOWN = FRESH = TOGETHER = (True, False)


def test_command_id_comes_first_then_the_fingerprint_then_the_version(log):
    """All cases on one log, each with a stream and ids of its own."""
    for number, case in enumerate(product(KEPT, SENT, KNOWN, FRESH, TOGETHER)):
        kept, sent, known, fresh, together = case
        stream, once = f"stream-{number}", f"once-{number}"
        first = commit({stream: 0}, command_id=once, fingerprint=kept)
        again = commit({stream: 1 if fresh else 0}, command_id=once if known else None, fingerprint=sent)

        calls = [[first, again]] if together else [[first], [again]]
        answers = [log.append_many(call) for call in calls]

        expected = "recorded" if fresh else "WrongExpectedVersion"
        if known:
            expected = "duplicate" if kept == sent else "CommandReused"
        assert kinds(answers[-1])[-1] == expected, case
        assert versions(log, stream) == ([2] if expected == "recorded" else [1]), case


def test_a_duplicate_answers_with_the_original(log):
    original = log.append(commit({"a": 0}, command_id="once", data={"first": True}))
    log.append(commit({"a": 1}))

    answer = log.append(commit({"a": 7}, command_id="once", data={"first": False}))

    assert original["duplicate"] is False
    assert answer == {"commit": original["commit"], "duplicate": True}


def test_the_same_command_many_times_at_once_happens_once(log):
    answers = list(eventlet.GreenPool().imap(log.append, [commit({"a": 0}, command_id="once") for _ in range(20)]))

    assert [answer["duplicate"] for answer in answers].count(False) == 1
    assert {answer["commit"]["position"] for answer in answers} == {1}
    assert versions(log, "a") == [1]


def test_the_same_key_with_another_request_is_refused(log):
    log.append(commit(command_id="once", fingerprint="f"))

    with pytest.raises(CommandReused):
        log.append(commit(command_id="once", fingerprint="g"))


# append_many


def test_each_commit_of_a_call_sees_the_ones_before_it(log):
    answer = log.append_many([commit({"a": version}) for version in range(3)])

    assert kinds(answer) == ["recorded"] * 3
    assert versions(log, "a") == [3]


def test_a_refused_commit_takes_later_ones_on_its_streams_with_it_and_no_others(log):
    log.append(commit({"a": 0}))

    answer = log.append_many(
        [
            commit({"a": 0, "b": 0}),  # refused
            commit({"b": 0}),  # was decided on b without what is now missing
            commit({"c": 0}, reads={"b": 0}),
            commit({"d": 0}, reads={"c": 0}),  # c is missing, too
            commit({"e": 0}),
        ]
    )

    assert kinds(answer) == [*["WrongExpectedVersion"] * 4, "recorded"]
    assert [outcome["error"]["args"] for outcome in answer["outcomes"][:4]] == [
        ["a", 0, 1],
        ["b", 0, 0],
        ["b", 0, 0],
        ["c", 0, 0],
    ]
    assert versions(log, "a", "b", "c", "d", "e") == [1, 0, 0, 0, 1]


def test_what_a_refused_commit_only_read_does_not_matter_to_later_ones(log):
    log.append(commit({"a": 0}))

    answer = log.append_many([commit({"a": 0}, reads={"read": 0}), commit({"b": 0}, reads={"read": 0})])

    assert kinds(answer) == ["WrongExpectedVersion", "recorded"]


def test_a_duplicate_takes_later_commits_on_its_streams_with_it(log):
    log.append(commit({"a": 0}, command_id="once"))

    answer = log.append_many([commit({"a": 0}, command_id="once"), commit({"a": 1}), commit({"b": 0})])

    assert kinds(answer) == ["duplicate", "WrongExpectedVersion", "recorded"]
    assert answer["outcomes"][1]["error"]["args"] == ["a", 1, 1]


def test_a_step_that_is_done_answers_even_where_an_earlier_one_is_refused(log):
    log.append(commit({"a": 0}, command_id="once"))

    answer = log.append_many([commit({"a": 5}), commit({"a": 6}, command_id="once")])

    assert kinds(answer) == ["WrongExpectedVersion", "duplicate"]


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        {**commit({"a": 0}), "events": []},
        {**commit({"a": 0}), "expects": {}},
        {**commit({"a": 0}), "unknown": 1},
        {**commit({"a": 0}), "command_id": "x" * 501},
        {**commit({"a": 0}), "expects": {"a": True}},
        {**commit({"a": 0}), "expects": {"a": -1}},
        commit({"a": 0}, data={"lone surrogate": "\ud800"}),
        commit({"a": 0}, data={"number": 2**70}),
        commit({"a\0": 0}),
        commit({"": 0}),
    ],
    ids=str,
)
def test_a_malformed_commit_is_refused_and_the_others_are_not(log, broken):
    answer = log.append_many([broken, commit({"b": 0})])

    assert kinds(answer) == ["InvalidCommit", "recorded"]
    with pytest.raises(InvalidCommit):
        log.append(broken)


def test_a_malformed_commit_takes_later_ones_on_its_streams_with_it(log):
    answer = log.append_many([{"events": [{"stream": "a"}, "?", {"stream": 7}]}, commit({"a": 0}), commit({"b": 0})])

    assert kinds(answer) == ["InvalidCommit", "WrongExpectedVersion", "recorded"]


# Checkpoints


def test_a_checkpoint_moves_with_the_commits_of_its_call(log):
    answer = log.append_many([commit({"a": 0})], ["orders", 0, 5])

    assert answer["checkpoint_moved"] is True
    assert log.checkpoint("orders") == {"log": log.head()["log"], "position": 5}


def test_a_checkpoint_nobody_has_moved_is_at_0(log):
    assert log.checkpoint("orders")["position"] == 0


def test_a_checkpoint_moves_without_commits(log):
    assert log.append_many([], ["orders", 0, 5]) == {"outcomes": [], "checkpoint_moved": True}
    assert log.append_many([], ["orders", 5, 9])["checkpoint_moved"] is True
    assert log.checkpoint("orders")["position"] == 9


def test_a_checkpoint_stays_when_a_commit_is_refused(log):
    answer = log.append_many([commit({"a": 1}), commit({"b": 0})], ["orders", 0, 5])

    assert kinds(answer) == ["WrongExpectedVersion", "recorded"]
    assert answer["checkpoint_moved"] is False
    assert log.checkpoint("orders")["position"] == 0


def test_a_checkpoint_moves_over_what_was_done_before(log):
    log.append(commit({"a": 0}, command_id="once"))

    answer = log.append_many([commit({"a": 0}, command_id="once")], ["orders", 0, 5])

    assert answer["checkpoint_moved"] is True


def test_whoever_is_mistaken_about_a_checkpoint_writes_nothing(log):
    log.append_many([], ["orders", 0, 5])

    with pytest.raises(CheckpointMoved) as refused:
        log.append_many([commit({"a": 0})], ["orders", 4, 6])

    assert refused.value.args == ("orders", 4, 5)
    assert positions(log) == []
    assert log.checkpoint("orders")["position"] == 5


def test_of_two_who_move_a_checkpoint_at_once_one_gets_through(log):
    def attempt(sent):
        try:
            return kinds(log.append_many([sent], ["orders", 0, 5]))
        except CheckpointMoved:
            return "late"

    answers = list(eventlet.GreenPool().imap(attempt, [commit({"a": 0}), commit({"b": 0})]))

    assert answers == [["recorded"], "late"]
    assert versions(log, "a", "b") == [1, 0]


@pytest.mark.parametrize(
    "checkpoint", [[], ["orders"], ["orders", 1], ["orders", 1, -2], [1, 1, 1], "abc", 7, ["", 0, 1]]
)
def test_a_malformed_checkpoint_is_refused(log, checkpoint):
    with pytest.raises(InvalidRequest):
        log.append_many([], checkpoint)


# Reading


def test_streams_are_read_after_a_version(log):
    log.append_many([commit({"a": version}, data={"n": version}) for version in range(3)])
    log.append(commit({"b": 0}))

    answer = log.read_streams([("a", 1), ("b", 1), ("c", 0)])["streams"]

    assert [event["version"] for event in answer["a"]["events"]] == [2, 3]
    assert answer["a"] | {"events": []} == {"version": 3, "events": [], "next": None}
    assert answer["b"] == {"version": 1, "events": [], "next": None}
    assert answer["c"] == {"version": 0, "events": [], "next": None}


def test_a_commit_of_several_streams_is_read_once_for_all_of_them(log):
    log.append_many([sized(200_000, writes=dict.fromkeys("abc", version)) for version in range(2)])
    log.append_many([sized(200_000, writes={"d": version}) for version in range(2)])

    answer = log.read_streams([(stream, 0) for stream in "abcd"])["streams"]

    assert [part["next"] for part in answer.values()] == [None] * 4, "all of it fits one answer"
    assert [[event["version"] for event in part["events"]] for part in answer.values()] == [[1, 2]] * 4


def test_a_version_that_is_not_there_yet_has_no_events(log):
    log.append(commit({"a": 0}))

    assert log.read_streams([("a", 9)])["streams"] == {"a": {"version": 1, "events": [], "next": None}}


def test_an_event_says_all_that_its_commit_says(log):
    log.append(commit({"a": 0, "b": 0}, data={"x": 1}, correlation_id="order"))

    (event,) = log.read_streams([("b", 0)])["streams"]["b"]["events"]

    assert event == {
        "position": 1,
        "at": "2026-11-23T09:30:00.000Z",
        "correlation_id": "order",
        "causation": 0,
        "actor": "customer:ada",
        "service": "tests",
        "stream": "b",
        "version": 1,
        "type": "Happened",
        "data": {"x": 1},
    }
    assert log.read_correlations(["order"])["correlations"]["order"][1] == event


def test_the_log_is_read_page_by_page(log):
    log.append_many([commit() for _ in range(10)])

    page = log.read_all(2, limit=3)

    assert [kept["position"] for kept in page["commits"]] == [3, 4, 5]
    assert (page["head"], page["next"], page["log"]) == (10, 5, log.head()["log"])
    assert log.read_all(7)["next"] is None
    assert log.read_all(10) == {"log": page["log"], "head": 10, "commits": [], "next": None}


def test_an_empty_log_is_at_0(log):
    assert log.head()["head"] == 0
    assert log.read_all(0)["commits"] == []


def test_correlated_events_come_in_log_order(log):
    log.append(commit({"a": 0}, correlation_id="x"))
    log.append(commit({"b": 0}, correlation_id="y"))
    log.append(commit({"a": 1, "c": 0}, correlation_id="x"))

    answer = log.read_correlations(["x", "y", "none", "x"])
    later = log.read_correlations(["x"], after=1)

    assert [event["stream"] for event in answer["correlations"]["x"]] == ["a", "a", "c"]
    assert [event["stream"] for event in answer["correlations"]["y"]] == ["b"]
    assert answer["correlations"]["none"] == []
    assert answer["next"] == []
    assert [event["position"] for event in later["correlations"]["x"]] == [3, 3]


def test_commits_are_found_by_command_id(log):
    kept = log.append(commit(command_id="once"))["commit"]

    assert log.find(["once", "never"]) == {"once": kept, "never": None}
    assert log.find([]) == {}


# Sizes


def sized(total, **more):
    """A commit of so many bytes."""
    empty = commit(data={"text": ""}, **more)
    empty["events"][0]["data"]["text"] = "x" * (total - len(orjson.dumps(empty)))
    return empty


def test_a_commit_has_at_most_256_kib(log):
    log.append(sized(MAX_COMMIT))
    with pytest.raises(CommitTooLarge) as refused:
        log.append(sized(MAX_COMMIT + 1))

    assert refused.value.args == (MAX_COMMIT + 1,)
    assert positions(log) == [1]


def test_a_commit_that_is_too_large_does_not_fail_the_others(log):
    answer = log.append_many([sized(MAX_COMMIT + 1), commit()])

    assert kinds(answer) == ["CommitTooLarge", "recorded"]


def test_answers_end_at_1_mib_and_say_where_to_go_on(log):
    log.append_many([sized(200_000) for _ in range(12)])

    page = log.read_all(0)

    assert 5 * 200_000 <= len(orjson.dumps(page)) <= MAX_ANSWER
    assert page["next"] == 5
    assert [kept["position"] for kept in everything(log)] == list(range(1, 13))


def test_a_page_has_a_commit_even_when_that_alone_is_as_large_as_can_be(log):
    log.append_many([sized(MAX_COMMIT), sized(MAX_COMMIT)])

    assert [len(log.read_all(after)["commits"]) for after in (0, 1)] == [2, 1]


def test_streams_are_cut_at_1_mib_and_say_where_to_go_on(log):
    streams = ["a", "b", "c"]
    log.append_many([sized(200_000, writes={stream: n}) for n in range(4) for stream in streams])

    wanted, seen, answers = dict.fromkeys(streams, 0), [], 0
    while wanted:
        answer = log.read_streams(wanted.items())["streams"]
        assert len(orjson.dumps(answer)) <= MAX_ANSWER
        answers += 1
        seen += [(event["stream"], event["version"]) for part in answer.values() for event in part["events"]]
        wanted = {stream: part["next"] for stream, part in answer.items() if part["next"] is not None}

    assert answers == 3
    assert sorted(seen) == [(stream, version) for stream in streams for version in range(1, 5)]


def test_streams_that_one_answer_does_not_reach_are_named_with_where_they_stand(log):
    log.append_many([sized(250_000, writes={stream: 0}) for stream in "abcdef"])
    log.append(commit({"f": 1}))

    answer = log.read_streams([(stream, 0) for stream in "abcdef"])["streams"]

    assert [len(answer[stream]["events"]) for stream in "abcdef"] == [1, 1, 1, 1, 0, 0]
    assert answer["f"] == {"version": 2, "events": [], "next": 0}


def test_more_events_than_one_answer_has_are_read_in_several(log, monkeypatch):
    monkeypatch.setattr(patience, "PATIENCE", 60.0)  # such a group takes a stand-in on a busy machine its time
    log.append_many([commit({"a": n}) for n in range(510)])
    log.append_many([commit({"b": n}) for n in range(510)])

    first = log.read_streams([("a", 0), ("b", 0)])["streams"]
    second = log.read_streams([(stream, part["next"]) for stream, part in first.items() if part["next"]])["streams"]

    assert (len(first["a"]["events"]), len(first["b"]["events"])) == (510, 490)
    assert [event["version"] for event in second["b"]["events"]] == list(range(491, 511))


def test_commits_shared_by_streams_leave_no_hole_in_an_answer(log):
    log.append_many([sized(200_000, writes={"b": n}) for n in range(6)])
    log.append(commit({"a": 0, "b": 6}))

    wanted, seen = {"a": 0, "b": 0}, {"a": [], "b": []}
    while wanted:
        answer = log.read_streams(wanted.items())["streams"]
        for stream, part in answer.items():
            seen[stream] += [event["version"] for event in part["events"]]
        wanted = {stream: part["next"] for stream, part in answer.items() if part["next"] is not None}

    assert seen == {"a": [1], "b": [1, 2, 3, 4, 5, 6, 7]}


def test_correlations_are_cut_at_1_mib_and_answered_whole(log):
    log.append_many([sized(200_000, correlation_id=name) for name in "abcabcabc"])

    first = log.read_correlations(["a", "b", "c"])
    second = log.read_correlations(first["next"])

    assert {name: len(events) for name, events in first["correlations"].items()} == {"a": 3}
    assert first["next"] == ["b", "c"]
    assert {name: len(events) for name, events in second["correlations"].items()} == {"b": 3}


def test_a_correlation_larger_than_an_answer_is_answered_all_the_same(log):
    log.append_many([sized(200_000, correlation_id="large") for _ in range(7)])

    assert len(log.read_correlations(["large"])["correlations"]["large"]) == 7


# Time


def test_times_never_go_backwards(log, clock):
    log.append(commit())
    clock.turn(hours=-1)
    log.append_many([commit(), commit()])
    clock.turn(hours=2)
    log.append(commit())

    assert [kept["meta"]["at"] for kept in everything(log)] == [
        *["2026-11-23T09:30:00.000Z"] * 3,
        "2026-11-23T10:30:00.000Z",
    ]


# The chain


def test_every_commit_names_the_hash_of_the_one_before(log):
    log.append_many([commit() for _ in range(3)])
    log.append(commit())

    kept = everything(log)

    assert len({one["hash"] for one in kept}) == 4
    assert [(one["hash"], two["prev"]) for one, two in pairwise(kept)] == [(one["hash"],) * 2 for one in kept[:-1]]
    assert log.verify() == {"ok": True, "position": 4, "detail": "every commit follows the one before"}


def test_a_changed_event_breaks_the_chain(log, database):
    log.append_many([commit(data={"amount": 100 + n}) for n in range(5)])

    database.change_body(3, '"amount":102', '"amount":999')

    verdict = log.verify()
    assert (verdict["ok"], verdict["position"]) == (False, 2)
    assert "3" in verdict["detail"]
    assert log.verify(after=3)["ok"] is True


def test_bytes_that_are_no_commit_break_the_chain(log, database):
    log.append_many([commit(data={"amount": 100 + n}) for n in range(5)])

    database.change_body(3, '"amount":102', '"amount":')

    assert log.verify()["ok"] is False


@pytest.mark.parametrize("position", [1, 3])
def test_a_removed_commit_breaks_the_chain(log, database, position):
    log.append_many([commit() for _ in range(5)])

    database.remove(position)

    assert log.verify() == {"ok": False, "position": position - 1, "detail": f"position {position} is missing"}


def test_the_chain_can_be_checked_from_a_position_on(log):
    log.append_many([commit() for _ in range(5)])

    assert log.verify(after=3)["position"] == 5
    assert log.verify(after=9)["ok"] is False


def test_a_long_chain_is_checked_in_parts(log, database):
    log.append_many([commit(data={"amount": 100 + n}) for n in range(5)])
    database.change_body(5, '"amount":104', '"amount":999')

    verdicts = [log.verify(after, limit=2) for after in (0, 2, 4)]

    assert [(verdict["ok"], verdict["position"]) for verdict in verdicts] == [(True, 2), (True, 4), (False, 4)]


def test_who_has_a_chain_checked_is_answered_in_time(log, monkeypatch):
    monkeypatch.setattr("event_store_svc.log.SECONDS_TO_VERIFY", -1)
    log.append_many([commit() for _ in range(3)])

    assert [(log.verify(after)["ok"], log.verify(after)["position"]) for after in (0, 1)] == [(True, 1), (True, 2)]


# Secrets


def password_set(version=0, **more):
    sent = commit({"customer-ada": version, "credential-ada": version}, **more)
    sent["events"][1]["data"] = {"password_hash": f"$argon2id${version}"}
    return sent


def test_only_read_credentials_tells_a_password_hash(log):
    assert log.read_credentials("ada") is None

    log.append(password_set(0))
    log.append(password_set(1))

    assert log.read_credentials("ADA") == {"password_hash": "$argon2id$1"}
    assert log.read_credentials("bob") is None


@pytest.mark.parametrize(
    "exit_of",
    [
        lambda log: log.append(password_set(1)),
        lambda log: log.append(password_set(0, command_id="first")),
        lambda log: log.append_many([password_set(1)]),
        lambda log: log.append_many([password_set(0, command_id="first")]),
        lambda log: log.read_all(0),
        lambda log: log.read_streams([("customer-ada", 0), ("credential-ada", 0)]),
        lambda log: log.read_correlations(["correlation"]),
        lambda log: log.find(["first"]),
    ],
    ids=["append", "duplicate", "append_many", "duplicates", "read_all", "read_streams", "read_correlations", "find"],
)
def test_a_password_hash_is_blanked_wherever_the_log_is_read(log, exit_of):
    log.append(password_set(0, command_id="first"))

    answer = orjson.dumps(exit_of(log)).decode()

    assert "credential-ada" in answer
    assert "$argon2id$" not in answer


def test_the_chain_is_made_of_the_true_data(log, database):
    log.append(password_set())

    database.change_body(1, "$argon2id$", "$argon2xx$")

    assert log.verify()["ok"] is False


# Leases


def test_a_lease_has_one_holder(log):
    assert log.lease("orders", "one", 5)["held"] is True
    assert log.lease("orders", "two", 5) | {"log": ""} == {
        "held": False,
        "holder": "one",
        "retrying": [],
        "log": "",
        "head": 0,
    }
    assert log.lease("products", "two", 5)["held"] is True


def test_a_lease_is_kept_by_asking_again(log, clock):
    log.lease("orders", "one", 5)
    clock.turn(seconds=4)
    log.lease("orders", "one", 5)
    clock.turn(seconds=4)

    assert log.lease("orders", "two", 5)["holder"] == "one"


def test_a_lease_ends_by_the_clock_of_the_log(log, clock):
    log.lease("orders", "one", 5)
    clock.turn(seconds=5)

    assert log.lease("orders", "two", 5)["holder"] == "two"
    assert log.lease("orders", "one", 5)["held"] is False


def test_a_lease_ends_when_its_holder_says_so(log):
    log.lease("orders", "one", 5)
    log.release_lease("orders", "two")
    assert log.lease("orders", "two", 5)["held"] is False

    log.release_lease("orders", "one")

    assert log.lease("orders", "two", 5)["held"] is True


def test_a_clock_that_was_set_back_does_not_leave_a_lease_with_a_dead_holder(log, clock):
    log.lease("orders", "one", 5)
    clock.turn(hours=-1)

    assert log.lease("orders", "two", 5)["holder"] == "two"


# Dead letters


def letter(position, correlation_id="order-1", reaction="reserve", **more):
    return {
        "position": position,
        "correlation_id": correlation_id,
        "reaction": reaction,
        "error": "KeyError: 'x'",
        "attempts": 6,
        **more,
    }


def states(log, subscription=None):
    return [(kept["position"], kept["state"]) for kept in log.dead_letters(subscription)]


def test_letters_are_listed_by_position(log):
    log.set_aside("orders", [letter(7), letter(3, "order-2")])
    log.set_aside("products", [letter(5)])

    kept = log.dead_letters("orders")

    assert [one["position"] for one in kept] == [3, 7]
    assert kept[1] == {
        **letter(7),
        "id": kept[1]["id"],
        "subscription": "orders",
        "at": "2026-11-23T09:30:00.000Z",
        "state": "set_aside",
    }
    assert [one["position"] for one in log.dead_letters()] == [3, 5, 7]


def test_a_letter_that_comes_twice_is_one_and_stays_as_it_is(log):
    log.set_aside("orders", [letter(3)])
    log.retry_dead_letter(log.dead_letters()[0]["id"])

    log.set_aside("orders", [letter(3), letter(3, error="waits", attempts=0)])

    (kept,) = log.dead_letters()
    assert (kept["error"], kept["attempts"], kept["state"]) == ("KeyError: 'x'", 6, "retrying")


def test_a_letter_with_more_attempts_has_failed_again(log):
    log.set_aside("orders", [letter(3)])
    log.set_aside("orders", [letter(3, error="another", attempts=7), letter(3, reaction="release")])

    kept = log.dead_letters()

    assert [(one["reaction"], one["error"], one["attempts"]) for one in kept] == [
        ("reserve", "another", 7),
        ("release", "KeyError: 'x'", 6),
    ]


def test_a_retry_takes_all_letters_of_its_correlation_id(log):
    log.set_aside("orders", [letter(3), letter(4), letter(5, "order-2")])
    log.set_aside("products", [letter(3)])
    (chosen, *_) = log.dead_letters("orders")

    log.retry_dead_letter(chosen["id"])

    assert states(log, "orders") == [(3, "retrying"), (4, "retrying"), (5, "set_aside")]
    assert states(log, "products") == [(3, "set_aside")]
    assert log.lease("orders", "one", 5)["retrying"] == ["order-1"]
    assert log.lease("products", "one", 5)["retrying"] == []


def test_a_letter_that_fails_again_ends_the_retry(log):
    log.set_aside("orders", [letter(3), letter(4)])
    log.retry_dead_letter(log.dead_letters()[0]["id"])

    log.set_aside("orders", [letter(3, attempts=7)])

    assert states(log) == [(3, "set_aside"), (4, "set_aside")]


def test_a_new_letter_waits_with_those_that_are_retried(log):
    log.set_aside("orders", [letter(3)])
    log.retry_dead_letter(log.dead_letters()[0]["id"])

    log.set_aside("orders", [letter(8)])

    assert states(log) == [(3, "retrying"), (8, "retrying")]


def test_settled_letters_are_gone(log):
    log.set_aside("orders", [letter(3), letter(4), letter(5, "order-2"), letter(6)])

    log.settle("orders", "order-1", 4)

    assert [kept["position"] for kept in log.dead_letters()] == [5, 6]


@pytest.mark.parametrize("letter_id", [99, "99", "nonsense", "", -1, 2**70, None])
def test_a_letter_that_is_not_there_cannot_be_retried(log, letter_id):
    with pytest.raises(UnknownDeadLetter):
        log.retry_dead_letter(letter_id)


def test_a_letter_is_also_known_by_its_number_as_text(log):
    log.set_aside("orders", [letter(3)])

    log.retry_dead_letter(str(log.dead_letters()[0]["id"]))

    assert states(log) == [(3, "retrying")]


def test_nothing_that_an_error_says_keeps_its_event_from_being_set_aside(log):
    log.set_aside("orders", [letter(3, error="NUL \0, surrogate \ud800, " + "long" * 10_000)])

    (kept,) = log.dead_letters()

    assert kept["error"].startswith("NUL \ufffd, surrogate ?, long")
    assert len(kept["error"]) == 10_000


@pytest.mark.parametrize("broken", [None, [{}], [letter(-1)], [letter(1, unknown=1)]])
def test_malformed_letters_are_refused(log, broken):
    with pytest.raises(InvalidRequest):
        log.set_aside("orders", broken)


# Several processes, and starting again


def test_a_log_is_the_same_after_it_was_closed(database):
    with running_log(database.store()) as log:
        before = log.append(commit({"a": 0}, command_id="once"))
        log.append_many([], ["orders", 0, 1])
        identity = log.head()["log"]

    with running_log(database.store()) as log:
        assert log.head() == {"log": identity, "head": 1}
        assert log.append(commit({"a": 0}, command_id="once")) == {"commit": before["commit"], "duplicate": True}
        assert log.checkpoint("orders")["position"] == 1
        assert log.append(commit({"a": 1}))["commit"]["prev"] == before["commit"]["hash"]
        assert log.verify()["ok"] is True


def test_another_log_has_another_id_and_another_beginning(new_database):
    with running_log(new_database().store()) as one, running_log(new_database().store()) as two:
        first, second = (log.append(commit()) for log in (one, two))

        assert one.head()["log"] != two.head()["log"]
        assert first["commit"]["prev"] != second["commit"]["prev"]


def test_two_processes_take_turns_on_one_log(database):
    with running_log(database.store()) as one, running_log(database.store()) as two:
        for version in range(0, 20, 2):
            one.append(commit({"a": version}))
            two.append(commit({"a": version + 1}))
        one.append_many([], ["orders", 0, 5])

        with pytest.raises(WrongExpectedVersion):
            one.append(commit({"a": 19}))
        with pytest.raises(CheckpointMoved):
            two.append_many([], ["orders", 0, 6])
        assert positions(one) == positions(two) == list(range(1, 21))
        assert two.verify()["ok"] is True


def test_two_processes_append_at_once(database):
    with running_log(database.store()) as one, running_log(database.store()) as two:
        pool = eventlet.GreenPool()

        answers = list(pool.imap(lambda n: (one, two)[n % 2].append(commit()), range(100)))

        assert sorted(answer["commit"]["position"] for answer in answers) == list(range(1, 101))
        assert positions(one) == list(range(1, 101))
        assert one.verify()["ok"] is True


def test_several_processes_start_a_log_together(database):
    stores = [database.store() for _ in range(4)]
    pool = eventlet.GreenPool()

    list(pool.imap(lambda store: store.open(), stores))

    assert len({store.log_id for store in stores}) == 1
    for store in stores:
        store.close()
