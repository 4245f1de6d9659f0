"""Log-ins and passwords on the real event store."""

from functools import partial
from typing import Any

import eventlet
import pytest
from eventlet.event import Event as Signal

from customer_svc.tokens import Token
from shop.contracts.errors import (
    CommandReused,
    InvalidRequest,
    LogInFailed,
    TooManyTries,
    Unauthenticated,
)
from shop.contracts.names import credential_stream
from tests.component.customers.support.world import (
    PASSWORD,
    at_once,
    database,
    log_in,
    new_name,
    outcome,
    sessions_of,
)
from tests.support.waiting import wait_until


def test_a_session_says_who_it_is(cluster: Any, ann: str) -> None:
    session = cluster.customers.log_in(ann.upper(), PASSWORD)

    assert (session["username"], session["role"]) == (ann, "customer")
    assert cluster.customers.identify(session["token"]) == {
        "username": ann,
        "role": "customer",
        "address": None,
        "expires_at": session["expires_at"],
    }


def test_a_wrong_password_and_an_unknown_name_fail_alike(cluster: Any, ann: str) -> None:
    with pytest.raises(LogInFailed) as wrong:
        log_in(cluster, ann, "wrong password")
    with pytest.raises(LogInFailed) as unknown:
        log_in(cluster, new_name())

    assert str(wrong.value) == str(unknown.value)


def test_a_session_ends_at_once_with_its_log_out(cluster: Any, ann: str) -> None:
    token, other = log_in(cluster, ann), log_in(cluster, ann)

    cluster.customers.log_out(token)
    cluster.customers.log_out(token)

    with pytest.raises(Unauthenticated):
        cluster.customers.identify(token)
    assert cluster.customers.identify(other)["username"] == ann


@pytest.mark.parametrize("token", ["", "nonsense", "\x00", "ä", None, 7, {"a": 1}, "x" * 10_000])
def test_tokens_of_nobody_open_nothing(cluster: Any, token: Any) -> None:
    with pytest.raises(Unauthenticated):
        cluster.customers.identify(token)
    with pytest.raises(Unauthenticated):
        cluster.customers.change_password(token, PASSWORD, "another password")


def test_of_two_changes_of_one_password_at_once_the_second_one_finds_another(
    cluster: Any, config: dict[str, Any], ann: str
) -> None:
    tokens = [log_in(cluster, ann) for _ in range(2)]
    ways = iter(zip(tokens, ("another password", "a third password"), strict=True))

    def change(own: Any) -> None:
        token, password = next(ways)
        own.customers.change_password(token, PASSWORD, password)

    assert at_once(config, 2, change) in (["InvalidRequest", "done"], ["Unauthenticated", "done"])
    assert [outcome(partial(log_in, cluster, ann, word)) for word in ("another password", "a third password")].count(
        "done"
    ) == 1


def test_a_session_ends_with_its_time_and_is_forgotten(cluster: Any, config: dict[str, Any], ann: str) -> None:
    token = log_in(cluster, ann)

    with database(config) as connection:
        connection.execute("UPDATE sessions SET expires_at = '2020-01-01T00:00:00.000Z' WHERE customer_key = ?", (ann,))
    with pytest.raises(Unauthenticated):
        cluster.customers.identify(token)
    log_in(cluster, ann)

    assert sessions_of(config, ann) == 1


def test_sessions_survive_a_rebuild(cluster: Any, ann: str) -> None:
    token = log_in(cluster, ann)
    before = cluster.customers.get_customer(ann)

    cluster.customers.rebuild()
    wait_until(lambda: not cluster.customers.rebuild_progress()["running"])

    assert cluster.customers.identify(token)["username"] == ann
    assert cluster.customers.get_customer(ann) == before


def test_a_new_password_ends_all_other_sessions(cluster: Any, ann: str) -> None:
    mine, other = log_in(cluster, ann), log_in(cluster, ann)

    cluster.customers.change_password(mine, PASSWORD, "another password")

    assert cluster.customers.identify(mine)["username"] == ann
    with pytest.raises(Unauthenticated):
        cluster.customers.identify(other)
    with pytest.raises(LogInFailed):
        log_in(cluster, ann)
    assert log_in(cluster, ann, "another password")


def test_a_new_password_needs_the_current_one(cluster: Any, ann: str) -> None:
    token = log_in(cluster, ann)

    with pytest.raises(InvalidRequest) as refusal:
        cluster.customers.change_password(token, "wrong password", "another password")

    assert list(refusal.value.errors) == ["current_password"]
    assert log_in(cluster, ann)


def test_a_password_changed_with_a_key_is_changed_once(cluster: Any, ann: str) -> None:
    token = log_in(cluster, ann)

    for _ in range(2):
        cluster.customers.change_password(token, PASSWORD, "another password", key="pw")
    with pytest.raises(CommandReused):
        cluster.customers.change_password(token, PASSWORD, "a third password", key="pw")

    stream = credential_stream(ann)
    assert cluster.event_store.read_streams([[stream, 9]])["streams"][stream]["version"] == 2


def test_a_session_opened_with_a_password_that_has_just_been_changed_does_not_last(
    config: dict[str, Any], cluster: Any, ann: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, new_token = log_in(cluster, ann), Token.new
    password_was_right, password_is_changed = Signal(), Signal()

    def slow_token(*values: Any) -> Token:
        password_was_right.send()
        password_is_changed.wait()
        return new_token(*values)

    monkeypatch.setattr(Token, "new", slow_token)
    late = eventlet.spawn(at_once, config, 1, lambda own: log_in(own, ann))
    password_was_right.wait()
    cluster.customers.change_password(token, PASSWORD, "another password")
    password_is_changed.send()

    assert late.wait() == ["LogInFailed"]
    assert sessions_of(config, ann) == 1


def test_guessing_is_slowed_down_and_a_right_password_starts_anew(cluster: Any, ann: str) -> None:
    def guess(times: int) -> list[str]:
        return [outcome(lambda: log_in(cluster, ann, "wrong password")) for _ in range(times)]

    assert guess(9) == ["LogInFailed"] * 9
    assert log_in(cluster, ann)
    assert guess(11) == ["LogInFailed"] * 10 + ["TooManyTries"]
    with pytest.raises(TooManyTries) as refusal:
        log_in(cluster, ann)
    assert 0 < refusal.value.retry_after <= 15 * 60

    cluster.customers.reset_password(ann, "given by an operator")
    assert log_in(cluster, ann, "given by an operator")
