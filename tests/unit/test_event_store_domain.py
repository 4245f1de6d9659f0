"""The log's rules, without a database."""

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_store_svc.commits import blanked, seen
from event_store_svc.domain import (
    AppendAnswer,
    AppendCall,
    CheckpointMove,
    KnownLog,
    Link,
    Malformed,
    Proposal,
    Recorded,
    Tail,
    fault_of,
    plan,
    seal,
)
from event_store_svc.encoding import decode, encode
from shop.contracts.errors import CheckpointMoved, CommandReused, InvalidCommit, ShopError, WrongExpectedVersion

NOW = "2026-11-23T09:30:00.000Z"
META = {"correlation_id": "c", "causation": 0, "actor": "customer:ada", "service": "tests"}
EMPTY = KnownLog(tail=Tail.of_empty("log"), commits={}, versions={}, checkpoints={})

STREAMS = st.sampled_from("abc")
VERSIONS = st.integers(0, 3)


def proposal(command_id, writes, reads=(), fingerprint=None):
    events = [{"stream": stream, "type": "Happened", "data": {}} for stream in writes]
    return Proposal(command_id, fingerprint, events, {**dict(reads), **writes}, META)


def planned(calls, known=EMPTY, now=NOW):
    return plan(calls, known, now=now, encode=encode)


def after(known, made):
    """The contents of the log when the plan is carried out."""
    versions = {event["stream"]: event["version"] for link in made.links for event in link.commit["events"]}
    return KnownLog(
        tail=made.links[-1].tail if made.links else known.tail,
        commits={**known.commits, **{link.commit["command_id"]: link.commit for link in made.links}},
        versions={**known.versions, **versions},
        checkpoints={**known.checkpoints, **made.checkpoints},
    )


proposals = st.builds(
    proposal,
    command_id=st.sampled_from([f"command-{n}" for n in range(6)]),
    writes=st.dictionaries(STREAMS, VERSIONS, min_size=1, max_size=2),
    reads=st.dictionaries(STREAMS, VERSIONS, max_size=1),
    fingerprint=st.sampled_from([None, "f"]),
)
malformed = st.builds(Malformed, error=st.just(InvalidCommit("x")), written=st.frozensets(STREAMS))
moves = st.builds(CheckpointMove, name=st.sampled_from("pq"), old=st.integers(0, 2), new=st.integers(1, 3))
calls = st.builds(
    AppendCall, proposals=st.lists(st.one_of(proposals, proposals, malformed), max_size=5), move=st.none() | moves
)


@given(st.lists(calls, max_size=6))
def test_a_group_comes_to_the_same_as_its_calls_one_by_one(group):
    known, answers, links = EMPTY, [], []
    for call in group:
        made = planned([call], known)
        answers += made.answers
        links += made.links
        known = after(known, made)

    together = planned(group)

    assert [described(answer) for answer in together.answers] == [described(answer) for answer in answers]
    assert together.links == links
    assert after(EMPTY, together) == known


def described(answer):
    """Exceptions are not equal to others of their kind."""
    if isinstance(answer, CheckpointMoved):
        return answer.args
    outcomes = [(type(it), it.args) if isinstance(it, ShopError) else it for it in answer.outcomes]
    return outcomes, answer.checkpoint_moved


@given(st.lists(calls, max_size=6))
def test_positions_versions_and_hashes_follow_each_other(group):
    made = planned(group)

    tail, versions = EMPTY.tail, {}
    for link in made.links:
        assert fault_of(link, tail) is None
        assert decode(link.body, link.commit["hash"]) == link
        tail = link.tail
        for event in link.commit["events"]:
            assert event["version"] == versions.get(event["stream"], 0) + 1
            versions[event["stream"]] = event["version"]


@given(st.lists(calls, max_size=6))
def test_a_call_is_answered_by_its_own_rules(group):
    known = EMPTY
    for call in group:
        made = planned([call], known)
        (answer,) = made.answers
        if isinstance(answer, CheckpointMoved):
            assert (made.links, made.checkpoints) == ([], {})
            assert known.checkpoints.get(call.move.name, 0) != call.move.old
        else:
            assert_later_commits_only_stand_on_effects_that_came_about(call, answer)
            failed = any(isinstance(outcome, ShopError) for outcome in answer.outcomes)
            assert answer.checkpoint_moved == (call.move is not None and not failed)
        known = after(known, made)


def assert_later_commits_only_stand_on_effects_that_came_about(call, answer):
    missing = set()
    for wish, outcome in zip(call.proposals, answer.outcomes, strict=True):
        if isinstance(outcome, Recorded) and not outcome.duplicate:
            assert missing.isdisjoint(wish.expects)
        else:
            missing |= wish.written


def test_the_hash_of_a_commit_is_sha256_of_its_canonical_json():
    (link,) = planned([AppendCall([proposal("once", {"a": 0})])]).links

    assert link.body == (
        b'{"command_id":"once","events":[{"data":{},"stream":"a","type":"Happened","version":1}],"fingerprint":null,'
        b'"meta":{"actor":"customer:ada","at":"2026-11-23T09:30:00.000Z","causation":0,"correlation_id":"c",'
        b'"service":"tests"},"position":1,"prev":"' + sha256(b"log").hexdigest().encode() + b'"}'
    )
    assert link.commit["hash"] == sha256(link.body).hexdigest()


def test_time_stands_still_rather_than_going_backwards():
    known = replace(EMPTY, tail=Tail(7, "hash", "2026-11-23T09:34:00.000Z"))

    (link,) = planned([AppendCall([proposal("once", {"a": 0})])], known).links

    assert link.commit["meta"]["at"] == "2026-11-23T09:34:00.000Z"


def test_two_callers_with_one_command_share_one_commit():
    once = proposal("once", {"a": 0})

    made = planned([AppendCall([once]), AppendCall([once]), AppendCall([replace(once, fingerprint="f")])])

    first, second, third = (answer.outcomes[0] for answer in made.answers)
    assert (first.duplicate, second.duplicate) == (False, True)
    assert first.commit is second.commit
    assert isinstance(third, CommandReused)
    assert len(made.links) == 1


def test_the_first_stream_that_differs_is_named():
    known = replace(EMPTY, versions={"b": 4, "c": 5})

    (answer,) = planned([AppendCall([proposal("once", {"a": 0, "b": 3, "c": 3})])], known).answers

    (refused,) = answer.outcomes
    assert isinstance(refused, WrongExpectedVersion)
    assert refused.args == ("b", 3, 4)


def test_a_stream_that_is_written_has_to_be_expected():
    with pytest.raises(InvalidCommit, match="b, c"):
        Proposal("once", None, proposal("x", {"a": 0, "b": 0, "c": 0}).events, {"a": 0}, META)


def test_nothing_asked_is_nothing_planned():
    assert planned([AppendCall([])]).answers == [AppendAnswer([], checkpoint_moved=False)]


# The chain


def link_of(**changes):
    (link,) = planned([AppendCall([proposal("once", {"a": 0})])]).links
    commit = {**link.commit, **changes}
    body = encode({key: value for key, value in commit.items() if key != "hash"})
    return Link({**commit, "hash": seal(body)}, body)


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        (link_of(), None),
        (link_of(position=2), "position 1 is missing"),
        (link_of(prev="another"), "does not follow"),
        (link_of(meta={"at": "1970-01-01T00:00:00.000Z"}), "earlier"),
        (replace(link_of(), body=b"{}"), "was changed"),
    ],
)
def test_each_kind_of_damage_to_the_chain_is_told(link, fault):
    found = fault_of(link, replace(EMPTY.tail, at="2026-01-01T00:00:00.000Z"))

    assert found is None if fault is None else fault in found


# What readers get


def test_events_of_credential_streams_are_blanked_and_others_are_not():
    events = [
        {"stream": stream, "version": 1, "type": "T", "data": {"x": 1}}
        for stream in ("customer-ada", "credential-ada", "credentials-fair")
    ]
    commit = {"position": 1, "events": events, "meta": {**META, "at": NOW}}

    assert [event["data"] for event in blanked(commit)["events"]] == [{"x": 1}, {}, {"x": 1}]
    assert [seen(event, commit)["data"] for event in events] == [{"x": 1}, {}, {"x": 1}]
    assert events[1]["data"] == {"x": 1}, "the original is not changed"
