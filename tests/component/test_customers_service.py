"""The customers service on the real chassis and event store, on the embedded broker."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest
from eventlet.event import Event as Signal

from customer_svc.service import CustomersService
from customer_svc.tokens import Token
from event_store_svc.service import EventStoreService
from shop.contracts.actors import ANONYMOUS, Actor
from shop.contracts.errors import (
    CommandReused,
    CreditBelowZero,
    EditConflict,
    Forbidden,
    InvalidRequest,
    LogInFailed,
    ShopError,
    TooManyTries,
    Unauthenticated,
    UnknownCustomer,
    UsernameTaken,
)
from shop.contracts.events import Event, OrderApproved, OrderCancelled, OrderPlaced
from shop.contracts.money import Money
from shop.contracts.names import credential_stream, customer_stream
from tests.component.running import calling, configuration, eventually, running

pytestmark = pytest.mark.timeout(60)

PASSWORD = "correct horse battery"
HOME = {"street": "Way 1", "city": "Bern", "postcode": "3000", "country": "CH"}


def eur(cents: int) -> dict[str, Any]:
    return {"amount": cents, "currency": "EUR"}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return configuration(tmp_path_factory.mktemp("customers"))


@pytest.fixture(scope="module")
def cluster(config: dict[str, Any]) -> Iterator[Any]:
    """One shop for all tests: each has customers of its own."""
    with running(config, EventStoreService, CustomersService), calling(config) as cluster:
        eventually(lambda: cluster.customers.status()["ready"])
        yield cluster


def new_name() -> str:
    return f"ann-{uuid4().hex[:12]}"


def register(cluster: Any, name: str, key: str | None = None, **more: str) -> dict[str, Any]:
    values = {"password": PASSWORD, "full_name": "Ann Example", "email": "ann@example.com"} | more
    return cluster.customers.register(name, key=key, **values)


@pytest.fixture
def ann(cluster: Any) -> str:
    return register(cluster, new_name())["username"]


def log_in(cluster: Any, name: str, password: str = PASSWORD, client: str | None = None) -> str:
    return cluster.customers.log_in(name, password, client=client)["token"]


def record(cluster: Any, event: Event, version: int = 0) -> None:
    """Record an event as the order service would."""
    order_id = str(event.order_id)
    meta = {"correlation_id": order_id, "causation": 0, "actor": "customer:ann", "service": "orders"}
    cluster.event_store.append(
        {
            "command_id": f"{type(event).__name__}:{order_id}",
            "events": [{"stream": event.stream, "type": type(event).__name__, "data": event.dump()}],
            "expects": {event.stream: version},
            "fingerprint": None,
            "meta": meta,
        }
    )


def place(cluster: Any, name: str, cents: int) -> UUID:
    order_id = uuid4()
    total = Money(cents, "EUR")
    record(cluster, OrderPlaced(order_id=order_id, customer=name, lines=(), total=total, address=None))
    return order_id


def approve(cluster: Any, name: str, order_id: UUID, cents: int) -> None:
    total = Money(cents, "EUR")
    approved = OrderApproved(order_id=order_id, customer=name, lines=(), total=total, address=None)
    record(cluster, approved, version=1)


def answers(cluster: Any, name: str) -> list[str]:
    """What became of the customer's orders, in log order."""
    stream = customer_stream(name)
    events = cluster.event_store.read_streams([[stream, 0]])["streams"][stream]["events"]
    return [event["type"] for event in events if event["type"].startswith("CreditRe")]


def sums(cluster: Any, name: str) -> tuple[int, int, int]:
    """Credit, held and spent."""
    customer = cluster.customers.get_customer(name)
    return customer["credit"]["amount"], customer["held"]["amount"], customer["spent"]["amount"]


def outcome(call: Callable[[], Any]) -> str:
    try:
        call()
    except ShopError as error:
        return type(error).__name__
    return "done"


def at_once(config: dict[str, Any], times: int, call: Callable[[Any], Any]) -> list[str]:
    """What came of making a call so many times at the same time, each from a client of its own."""

    def one(_: int) -> str:
        with calling(config) as own:
            return outcome(lambda: call(own))

    return sorted(eventlet.GreenPool().imap(one, range(times)))


def folder_of(config: dict[str, Any]) -> Path:
    return Path(config["LOG_URL"].removeprefix("sqlite:///")).parent


def database(config: dict[str, Any]) -> closing[sqlite3.Connection]:
    """The service's own database, from outside."""
    return closing(sqlite3.connect(folder_of(config) / "customers.sqlite", isolation_level=None))


def sessions_of(config: dict[str, Any], name: str) -> int:
    with database(config) as connection:
        (count,) = connection.execute("SELECT count(*) FROM sessions WHERE customer_key = ?", (name,)).fetchone()
        return count


# Registration


def test_a_new_customer_has_the_opening_credit(cluster: Any) -> None:
    name = f"Ann-{uuid4().hex[:12]}"

    customer = register(cluster, name)

    assert customer == {
        "username": name,
        "full_name": "Ann Example",
        "email": "ann@example.com",
        "address": None,
        "role": "customer",
        "credit": eur(10_000),
        "held": eur(0),
        "spent": eur(0),
        "version": 1,
    }
    assert cluster.customers.get_customer(name.upper()) == customer


def test_a_username_is_taken_in_any_case(cluster: Any, ann: str) -> None:
    with pytest.raises(UsernameTaken):
        register(cluster, ann.upper(), email="other@example.com")

    assert cluster.customers.get_customer(ann)["email"] == "ann@example.com"


def test_the_same_username_twenty_times_at_once_is_one_customer(config: dict[str, Any], cluster: Any) -> None:
    name = new_name()

    outcomes = at_once(config, 20, lambda own: register(own, name, email=f"{uuid4().hex}@example.com"))

    assert outcomes == ["UsernameTaken"] * 19 + ["done"]
    assert log_in(cluster, name)


def test_the_same_registration_with_its_key_is_one_registration(config: dict[str, Any], cluster: Any) -> None:
    name, key = new_name(), uuid4().hex

    assert at_once(config, 5, lambda own: register(own, name, key=key)) == ["done"] * 5
    assert register(cluster, name, key=key)["version"] == 1
    with pytest.raises(CommandReused):
        register(cluster, name, key=key, password="another password")
    with pytest.raises(CommandReused):
        register(cluster, name, key=key, email="other@example.com")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "an"),
        ("username", "Operator"),
        ("username", "anonymous"),
        ("username", "ann/../x"),
        ("username", None),
        ("password", "short"),
        ("password", "x" * 129),
        ("password", 12345678),
        ("full_name", "\u200b"),
        ("full_name", "A\x00B"),
        ("email", "nobody"),
    ],
)
def test_registrations_that_make_no_sense_name_their_field(cluster: Any, field: str, value: Any) -> None:
    values = {"username": new_name(), "password": PASSWORD, "full_name": "Ann", "email": "ann@example.com"}

    with pytest.raises(InvalidRequest) as refusal:
        cluster.customers.register(**(values | {field: value}))

    assert list(refusal.value.errors) == [field]


def test_no_password_and_no_token_is_kept_in_clear_text(
    cluster: Any, config: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    name, password = new_name(), f"secret-{uuid4().hex}"
    register(cluster, name, key=uuid4().hex, password=password)
    token = log_in(cluster, name, password)
    cluster.customers.change_password(token, password, f"{password}-2", key=uuid4().hex)

    kept = b"".join(path.read_bytes() for path in folder_of(config).iterdir() if path.is_file())

    assert name.encode() in kept
    assert password.encode() not in kept
    assert token.encode() not in kept


def test_hashes_of_passwords_are_blanked_where_the_log_is_read(cluster: Any, ann: str) -> None:
    stream = credential_stream(ann)

    (event,) = cluster.event_store.read_streams([[stream, 0]])["streams"][stream]["events"]

    assert (event["type"], event["data"]) == ("PasswordSet", {})


# Log-in


def test_a_session_says_who_it_is(cluster: Any, ann: str) -> None:
    session = cluster.customers.log_in(ann.upper(), PASSWORD)

    assert (session["username"], session["role"]) == (ann, "customer")
    assert cluster.customers.identify(session["token"]) == {
        "username": ann,
        "role": "customer",
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
    eventually(lambda: not cluster.customers.rebuild_progress()["running"])

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


# Profile and credit


def test_customers_change_what_they_say_about_themselves(config: dict[str, Any], cluster: Any, ann: str) -> None:
    with calling(config, Actor(ann, "customer")) as own:
        changed = own.customers.edit_profile(ann, {"full_name": "Ann B.", "address": HOME})
        moved = own.customers.edit_profile(ann, {"address": None})

        assert (changed["full_name"], changed["address"], changed["version"]) == ("Ann B.", HOME, 2)
        assert (moved["address"], moved["version"]) == (None, 3)
        assert own.customers.get_customer(ann) == moved
        assert own.customers.delivery_address(ann) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"credit": eur(5)}, "credit"),
        ({"role": "manager"}, "role"),
        ({"full_name": ""}, "full_name"),
        ({"email": None}, "email"),
        ({"address": "Way 1"}, "address"),
        ({"address": HOME | {"country": "Switzerland"}}, "address.country"),
        ({"address": {"street": "Way 1", "city": "Bern", "country": "CH"}}, "address.postcode"),
    ],
)
def test_edits_that_make_no_sense_name_their_field(cluster: Any, ann: str, changes: Any, field: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        cluster.customers.edit_profile(ann, changes)

    assert list(refusal.value.errors) == [field]


def test_an_edit_made_on_another_version_is_refused(cluster: Any, ann: str) -> None:
    cluster.customers.edit_profile(ann, {"full_name": "First"}, if_match=1)

    with pytest.raises(EditConflict):
        cluster.customers.edit_profile(ann, {"full_name": "Second"}, if_match=1)


def test_a_manager_sets_the_credit(cluster: Any, ann: str) -> None:
    customer = cluster.customers.set_credit(ann, eur(70_000), "good customer")

    assert (customer["credit"], customer["version"]) == (eur(70_000), 2)
    with pytest.raises(CreditBelowZero):
        cluster.customers.set_credit(ann, eur(-1), "typo")
    with pytest.raises(InvalidRequest):
        cluster.customers.set_credit(ann, {"amount": 1, "currency": "USD"}, "elsewhere")
    with pytest.raises(UnknownCustomer):
        cluster.customers.set_credit(new_name(), eur(1), "nobody")


def test_customers_are_found_by_name_and_address(cluster: Any) -> None:
    mark = uuid4().hex[:8]
    names = [register(cluster, f"{mark}-{letter}", full_name=f"Zoë {mark}")["username"] for letter in "bac"]

    found, after = [], None
    while True:
        page = cluster.customers.list_customers(q=f"ZOË {mark}", limit=2, after=after)
        found += [customer["username"] for customer in page["items"]]
        after = page["next"]
        if after is None:
            break

    assert found == sorted(names)
    assert cluster.customers.list_customers(q=f"{mark}_")["items"] == []
    with pytest.raises(InvalidRequest):
        cluster.customers.list_customers(after="nonsense")


def test_managers_are_made_by_operators(config: dict[str, Any], cluster: Any) -> None:
    name = new_name()

    manager = cluster.customers.add_manager(name, PASSWORD)
    token = log_in(cluster, name)
    cluster.customers.revoke_role(name)

    assert (manager["role"], manager["credit"]) == ("manager", eur(0))
    assert cluster.customers.identify(token)["role"] == "customer"
    assert cluster.customers.grant_role(name, "manager")["role"] == "manager"
    with calling(config, Actor(name, "manager")) as own, pytest.raises(Forbidden):
        own.customers.add_manager(new_name(), PASSWORD)


# Who may what


@pytest.mark.parametrize(
    "call",
    [
        lambda customers, name: customers.get_customer(name),
        lambda customers, name: customers.edit_profile(name, {"full_name": "Eve"}),
        lambda customers, name: customers.delivery_address(name),
    ],
)
def test_a_customer_is_nobody_elses_business(config: dict[str, Any], cluster: Any, ann: str, call: Any) -> None:
    with calling(config, Actor("eve", "customer")) as own, pytest.raises(UnknownCustomer):
        call(own.customers, ann)
    with calling(config, Actor(ANONYMOUS, ANONYMOUS)) as own, pytest.raises(Unauthenticated):
        call(own.customers, ann)
    with calling(config, Actor("max", "manager")) as own:
        call(own.customers, ann)


@pytest.mark.parametrize(
    "call",
    [
        lambda customers, name: customers.list_customers(),
        lambda customers, name: customers.set_credit(name, eur(1), "gift"),
        lambda customers, name: customers.add_manager(new_name(), PASSWORD),
        lambda customers, name: customers.grant_role(name, "manager"),
        lambda customers, name: customers.revoke_role(name),
        lambda customers, name: customers.reset_password(name, PASSWORD),
    ],
)
def test_customers_do_not_run_the_shop(config: dict[str, Any], cluster: Any, ann: str, call: Any) -> None:
    with calling(config, Actor(ann, "customer")) as own, pytest.raises(Forbidden):
        call(own.customers, ann)
    with calling(config, Actor(ANONYMOUS, ANONYMOUS)) as own, pytest.raises(Unauthenticated):
        call(own.customers, ann)


def test_names_of_nobody_are_unknown_whatever_their_form(cluster: Any) -> None:
    for name in (new_name(), "", "x", "\x00", "../x", 7, None, "x" * 1_000):
        with pytest.raises(UnknownCustomer):
            cluster.customers.get_customer(name)


# Orders


def test_an_order_holds_credit_spends_it_and_gives_it_back(cluster: Any, ann: str) -> None:
    order_id = place(cluster, ann, 3_000)
    eventually(lambda: sums(cluster, ann) == (7_000, 3_000, 0))

    approve(cluster, ann, order_id, 3_000)
    eventually(lambda: sums(cluster, ann) == (7_000, 0, 3_000))

    record(cluster, OrderCancelled(order_id=order_id, customer=ann, was_approved=True), version=2)
    eventually(lambda: sums(cluster, ann) == (10_000, 0, 0))
    assert answers(cluster, ann) == ["CreditReserved", "CreditReleased"]
    assert cluster.customers.get_customer(ann)["version"] == 1


def test_twenty_orders_at_once_on_credit_for_seven_give_seven(cluster: Any, ann: str) -> None:
    for _ in range(20):
        place(cluster, ann, 1_400)

    eventually(lambda: len(answers(cluster, ann)) == 20)
    assert sorted(answers(cluster, ann)) == ["CreditRejected"] * 13 + ["CreditReserved"] * 7
    eventually(lambda: sums(cluster, ann) == (200, 9_800, 0))


def test_a_profile_edit_racing_orders_leaves_the_credit_alone(config: dict[str, Any], cluster: Any, ann: str) -> None:
    def rename(number: int) -> None:
        with calling(config) as own:
            own.customers.edit_profile(ann, {"full_name": f"Ann {number}"})

    edits = [eventlet.spawn(rename, number) for number in range(8)]
    for _ in range(8):
        place(cluster, ann, 500)
    for thread in edits:
        thread.wait()

    eventually(lambda: len(answers(cluster, ann)) == 8)
    eventually(lambda: sums(cluster, ann) == (6_000, 4_000, 0))
    assert cluster.customers.get_customer(ann)["version"] == 9


def test_credit_set_while_orders_come_in_is_never_lost_or_made(config: dict[str, Any], cluster: Any, ann: str) -> None:
    def set_credit(cents: int) -> None:
        with calling(config) as own:
            own.customers.set_credit(ann, eur(cents), "race")

    edits = [eventlet.spawn(set_credit, cents) for cents in (5_000, 1_000, 8_000)]
    orders = [place(cluster, ann, 700) for _ in range(6)]
    for thread in edits:
        thread.wait()
    eventually(lambda: len(answers(cluster, ann)) == 6)
    for order_id in orders:
        record(cluster, OrderCancelled(order_id=order_id, customer=ann, was_approved=False), version=1)
    reserved = answers(cluster, ann).count("CreditReserved")
    eventually(lambda: answers(cluster, ann).count("CreditReleased") == reserved)

    stream = customer_stream(ann)
    events = cluster.event_store.read_streams([[stream, 0]])["streams"][stream]["events"]
    changes = sum(event["data"]["change"]["amount"] for event in events if event["type"] == "CreditAdjusted")
    eventually(lambda: sums(cluster, ann) == (10_000 + changes, 0, 0))


def test_an_order_of_nobody_is_refused_and_leaves_the_name_free(cluster: Any) -> None:
    name = new_name()

    place(cluster, name, 100)
    eventually(lambda: answers(cluster, name) == ["CreditRejected"])

    with pytest.raises(UnknownCustomer):
        cluster.customers.get_customer(name)
    assert register(cluster, name)["credit"] == eur(10_000)
    assert sums(cluster, name) == (10_000, 0, 0)
