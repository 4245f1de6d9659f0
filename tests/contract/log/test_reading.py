"""Reading: streams, pages of the log, correlations and commands."""

from tests.contract.support.log_builders import commit, sized


def test_streams_are_read_after_a_version(log):
    log.append_many([commit({"a": version}, data={"n": version}) for version in range(3)])
    log.append(commit({"b": 0}))

    answer = log.read_streams([("a", 1), ("b", 1), ("c", 0)])["streams"]

    assert [event["version"] for event in answer["a"]["events"]] == [2, 3]
    assert answer["a"] | {"events": [], "anchor": ""} == {"version": 3, "events": [], "next": None, "anchor": ""}
    assert answer["b"] == {"version": 1, "events": [], "next": None, "anchor": ""}
    assert answer["c"] == {"version": 0, "events": [], "next": None, "anchor": ""}


def test_a_commit_of_several_streams_is_read_once_for_all_of_them(log):
    log.append_many([sized(200_000, writes=dict.fromkeys("abc", version)) for version in range(2)])
    log.append_many([sized(200_000, writes={"d": version}) for version in range(2)])

    answer = log.read_streams([(stream, 0) for stream in "abcd"])["streams"]

    assert [part["next"] for part in answer.values()] == [None] * 4, "all of it fits one answer"
    assert [[event["version"] for event in part["events"]] for part in answer.values()] == [[1, 2]] * 4


def test_a_version_that_is_not_there_yet_has_no_events(log):
    log.append(commit({"a": 0}))

    told = log.read_streams([("a", 9)])["streams"]

    assert told == {"a": {"version": 1, "events": [], "next": None, "anchor": ""}}


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
