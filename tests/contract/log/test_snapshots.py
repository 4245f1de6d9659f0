"""Snapshots: a cache of states beside the log, which shows none that is not of this log."""

import pytest

from shop.contracts.errors import InvalidRequest
from tests.contract.support.log_builders import commit, running_log


def fill(log, stream="order-1", count=3, **more):
    """The hashes of so many commits to a stream."""
    return [log.append(commit({stream: version}, **more))["commit"]["hash"] for version in range(count)]


def snapshot(anchor, stream="order-1", version=2, form="f", state='{"units": 7}'):
    return {"stream": stream, "version": version, "form": form, "anchor": anchor, "state": state}


def latest(log, stream="order-1", form="f", at_most=100):
    return log.read_snapshots([[stream, form, at_most]])[stream]


def test_what_is_kept_is_found(log):
    kept = snapshot(fill(log)[1])

    log.keep_snapshots([kept])

    assert latest(log) == kept | {"at": "2026-11-23T09:30:00.000Z"}
    assert latest(log, form="g") is None
    assert latest(log, at_most=1) is None
    assert latest(log, stream="order-2") is None
    assert log.list_snapshots()["snapshots"] == [kept]


def test_the_latest_up_to_a_version_is_found(log):
    hashes = fill(log)
    log.keep_snapshots([snapshot(anchor, version=version) for version, anchor in enumerate(hashes, start=1)])

    assert [latest(log, at_most=version)["version"] for version in (1, 2, 3, 4)] == [1, 2, 3, 3]


def test_one_replaces_that_of_its_version(log):
    anchor = fill(log)[1]
    log.keep_snapshots([snapshot(anchor), snapshot(anchor, state="again")])

    log.keep_snapshots([snapshot(anchor, form="g", state="by other rules")])

    assert latest(log) is None
    assert [kept["state"] for kept in log.list_snapshots()["snapshots"]] == ["by other rules"]


def test_all_are_listed_by_stream_and_version(log):
    for stream in ("order-1", "order-2"):
        hashes = fill(log, stream)
        log.keep_snapshots([snapshot(anchor, stream, number) for number, anchor in enumerate(hashes, start=1)])

    listed = [(kept["stream"], kept["version"]) for kept in log.list_snapshots(["order-1", 2])["snapshots"]]

    assert listed == [("order-1", 3), ("order-2", 1), ("order-2", 2), ("order-2", 3)]


def test_a_reader_of_events_is_told_the_anchor_of_the_last_one(log):
    *_, third = fill(log)

    told = log.read_streams([["order-1", 0], ["order-2", 0]])["streams"]

    assert (told["order-1"]["anchor"], told["order-2"]["anchor"]) == (third, "")


@pytest.mark.parametrize("of", ["another commit", "a commit that is not there", "another version"])
def test_one_that_is_not_of_this_log_is_not_shown(log, of):
    hashes = fill(log)
    anchor = {"another commit": hashes[0], "a commit that is not there": "0" * 64, "another version": hashes[1]}[of]

    log.keep_snapshots([snapshot(anchor, version=3 if of == "another version" else 2)])

    assert latest(log) is None
    assert log.list_snapshots()["snapshots"] == []


def test_another_process_sees_it(log, database):
    kept = snapshot(fill(log)[1])
    log.keep_snapshots([kept])

    with running_log(database.store()) as other:
        assert latest(other)["state"] == kept["state"]


def test_what_is_no_snapshot_is_refused(log):
    for changed in ({"version": -1}, {"state": ""}, {"form": "x" * 1000}, {"more": 1}):
        with pytest.raises(InvalidRequest):
            log.keep_snapshots([snapshot("0" * 64) | changed])
