"""Answers that every store of customers has to give, as the projections fill it, on every kind of database."""

import random
import subprocess
import sys
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_svc.domain import CUSTOMER
from customer_svc.store import RedisCustomers, SqlCustomers
from shop.contracts.codec import dump
from shop.contracts.errors import NotReady
from shop.contracts.events import (
    Address,
    CreditAdjusted,
    CreditRejected,
    CreditReleased,
    CreditReserved,
    CustomerRegistered,
    Event,
    OrderApproved,
    ProfileChanged,
    Role,
    RoleGranted,
    RoleRevoked,
)
from shop.contracts.money import Money
from shop.read_models.redis import RedisReadModel
from shop.read_models.sql import SqlReadModel
from tests.contract.support.opening import close, opened, store
from tests.support.waiting import let_others_run
from tests.unit.support.recorded import NINE, recorded

pytestmark = pytest.mark.parametrize("read_model_url", ["sqlite", "postgresql", "redis"], indirect=True)

ORDER = UUID(int=1)
HOME = Address(street="Way 1", city="Bern", postcode="3000", country="CH")
LATER, TEN = "2999-11-23T09:30:00.000Z", "2999-11-23T10:00:00.000Z"


class Shown:
    """Customers, shown and asked for like those of the service."""

    def __init__(self, model):
        self.model = model
        self.namespace = None
        self.begin_anew()
        self.rows = store(model)

    def begin_anew(self):
        """As a rebuild does."""
        before, self.namespace = self.namespace, self.model.create("log")
        self.model.switch(self.namespace)
        if before:
            self.model.drop(before)

    def show(self, *events: Event):
        """Project a batch as the service does."""
        after = self.namespace.position
        batch = [recorded(event, position=after + number) for number, event in enumerate(events, start=1)]
        self.namespace = self.model.project(self.namespace, batch, after + len(batch), project)

    def __getattr__(self, name):
        return getattr(self.rows, name)


def project(event, rows):
    if event.type in ("CreditReserved", "CreditReleased", "OrderApproved"):
        rows.show_reservation(event)
    if event.type != "OrderApproved":
        rows.show_customer(event)


@pytest.fixture
def rows(read_model_url):
    model = opened(read_model_url, SqlReadModel(SqlCustomers), RedisReadModel(RedisCustomers), service="customers")
    yield Shown(model)
    close(model)


def eur(cents: int) -> Money:
    return Money(cents, "EUR")


def registered(username: str = "Ann", full_name: str = "Ann Example", role: Role = Role.CUSTOMER) -> Event:
    email = f"{username}@example.com"
    return CustomerRegistered(username=username, full_name=full_name, email=email, role=role, credit=eur(10_000))


def show(rows: Shown, *events: Event) -> None:
    rows.show(*events)


def reserved(cents: int, order_id: UUID = ORDER) -> CreditReserved:
    return CreditReserved(username="Ann", order_id=order_id, amount=eur(cents))


def released(cents: int, order_id: UUID = ORDER) -> CreditReleased:
    return CreditReleased(username="Ann", order_id=order_id, amount=eur(cents))


def approved(order_id: UUID = ORDER) -> OrderApproved:
    return OrderApproved(order_id=order_id, customer="Ann", lines=(), total=eur(0), address=None)


def sums(rows: Shown) -> tuple[int, int, int]:
    ann = rows.customer("ann")
    return ann["credit"]["amount"], ann["held"]["amount"], ann["spent"]["amount"]


def test_a_customer_is_shown_in_the_form_of_rpc(rows):
    show(rows, registered())

    assert rows.customer("ANN") == {
        "username": "Ann",
        "full_name": "Ann Example",
        "email": "Ann@example.com",
        "address": None,
        "role": "customer",
        "credit": {"amount": 10_000, "currency": "EUR"},
        "held": {"amount": 0, "currency": "EUR"},
        "spent": {"amount": 0, "currency": "EUR"},
        "version": 1,
    }
    assert rows.customer("bob") is None


def test_edits_are_shown_with_their_version(rows):
    show(
        rows,
        registered(),
        ProfileChanged(username="Ann", full_name="Ann B.", email="b@example.com", address=HOME),
        RoleGranted(username="Ann", role=Role.MANAGER),
        CreditAdjusted(username="Ann", change=eur(-500), reason="fee"),
    )

    ann = rows.customer("ann")
    assert (ann["full_name"], ann["email"], ann["role"], ann["version"]) == ("Ann B.", "b@example.com", "manager", 4)
    assert ann["address"] == {"street": "Way 1", "city": "Bern", "postcode": "3000", "country": "CH"}
    assert ann["credit"]["amount"] == 9_500

    show(rows, RoleRevoked(username="Ann", role=Role.MANAGER))
    show(rows, ProfileChanged(username="Ann", full_name="Ann B.", email="b@example.com", address=None))

    assert (rows.customer("ann")["role"], rows.customer("ann")["address"]) == ("customer", None)


def test_credit_goes_from_held_to_spent_and_back(rows):
    show(rows, registered(), reserved(3_000))
    held = sums(rows)
    show(rows, approved())
    spent = sums(rows)
    show(rows, released(3_000))

    assert (held, spent, sums(rows)) == ((7_000, 3_000, 0), (7_000, 0, 3_000), (10_000, 0, 0))
    assert rows.spent("ann", "EUR") == eur(0)


def test_several_orders_add_up(rows):
    first, second = uuid4(), uuid4()

    show(rows, registered(), reserved(1_000, first), reserved(2_000, second), reserved(500), approved(first))
    show(rows, approved(second))

    assert sums(rows) == (6_500, 500, 3_000)
    assert rows.spent("Ann", "EUR") == eur(3_000)


def test_credit_refused_to_an_unknown_customer_shows_nowhere(rows):
    show(rows, CreditRejected(username="Ann", order_id=ORDER, amount=eur(1), available=eur(0)))
    nobody = rows.customer("ann")
    show(rows, registered())

    assert nobody is None
    assert sums(rows) == (10_000, 0, 0)


def test_customers_are_paged_by_name(rows):
    show(rows, *(registered(name) for name in ("dora", "ann_a", "Ann", "carl", "Bob", "ann-c")))

    page, after = rows.customers(q="", limit=3, after=None)
    rest, end = rows.customers(q="", limit=3, after=after)

    assert [customer["username"] for customer in page + rest] == ["Ann", "ann-c", "ann_a", "Bob", "carl", "dora"]
    assert end is None


def test_a_last_page_that_is_full_has_no_next(rows):
    show(rows, registered("ann"), registered("bob"))

    assert rows.customers(q="", limit=2, after=None)[1] is None


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("ANN", ["Ann"]),
        ("straße", ["bob"]),
        ("STRASSE", ["bob"]),
        ("@example", ["Ann", "bob"]),
        ("%", []),
        ('"\\" s', ["bob"]),
        ("strasse  BOB", ["bob"]),
        ("zoe", ["Ann"]),
        ("EXAMPLE zoë", ["Ann"]),
        ("zoe bob", []),
        ("customer", []),
    ],
)
def test_customers_are_found_by_the_words_of_their_texts(rows, q, found):
    show(rows, registered("Ann", full_name="Zoë Noël"), registered("bob", full_name='Bob "\\" Straße'))

    assert [customer["username"] for customer in rows.customers(q=q, limit=9, after=None)[0]] == found


def open_session(rows: Shown, token_hash: str, username: str = "Ann", registered_at: str = NINE) -> None:
    with rows.write() as writer:
        writer.open_session(token_hash=token_hash, username=username, registered_at=registered_at, expires_at=TEN)


def test_a_session_is_good_until_its_time(rows):
    show(rows, registered())
    open_session(rows, "t1")

    assert rows.session("t1", LATER) == {"username": "Ann", "role": "customer", "address": None, "expires_at": TEN}
    assert rows.session("t1", TEN) is None
    assert rows.session("t2", LATER) is None


def test_a_session_has_the_address_of_now(rows):
    show(rows, registered())
    open_session(rows, "t1")

    show(rows, ProfileChanged(username="Ann", full_name="Ann", email="ann@example.com", address=HOME))

    assert rows.session("t1", LATER)["address"] == dump(HOME)


def test_a_session_has_the_role_of_now(rows):
    show(rows, registered())
    open_session(rows, "t1")

    show(rows, RoleGranted(username="Ann", role=Role.MANAGER))

    assert rows.session("t1", LATER)["role"] == "manager"


def test_a_session_is_not_for_somebody_who_took_the_name_in_another_log(rows):
    show(rows, registered())
    assert rows.registered_at("ANN") == NINE
    open_session(rows, "t1", registered_at="2025-01-01T00:00:00.000Z")

    assert rows.session("t1", LATER) is None


def test_sessions_are_ended_one_by_one_or_all_but_one(rows):
    show(rows, registered("Ann"), registered("bob"))
    for token, username in (("a1", "Ann"), ("a2", "ann"), ("a3", "Ann"), ("b1", "bob")):
        open_session(rows, token, username)

    with rows.write() as writer:
        writer.close_session("a1")
        writer.close_session("never opened")
        writer.close_sessions_of("ANN", but="a3")
        writer.close_sessions_of("carl")

    assert [token for token in ("a1", "a2", "a3", "b1") if rows.session(token, LATER)] == ["a3", "b1"]


def test_sessions_survive_a_rebuild(rows):
    show(rows, registered())
    open_session(rows, "t1")

    rows.begin_anew()
    nobody = rows.session("t1", LATER)
    show(rows, registered())

    assert nobody is None
    assert rows.session("t1", LATER)["username"] == "Ann"


def test_nobody_is_shown_by_a_read_model_that_is_gone(rows):
    show(rows, registered("Ann"), registered("bob"))
    open_session(rows, "t1")

    rows.model.drop(rows.namespace)
    rows.model.namespaces()

    for ask in (
        lambda: rows.customer("ann"),
        lambda: rows.customers(q="", limit=9, after=None),
        lambda: rows.spent("ann", "EUR"),
        lambda: rows.registered_at("ann"),
        lambda: rows.session("t1", LATER),
    ):
        with pytest.raises(NotReady):
            ask()


def test_whoever_is_killed_in_the_middle_of_a_batch_leaves_all_of_it_or_nothing(rows, read_model_url):
    show(rows, registered())

    command = [sys.executable, "-m", "tests.contract.support.projecting_process", read_model_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        told = [int(process.stdout.readline()) for _ in range(5)]
        let_others_run(random.randrange(1000))  # the moment of the kill is what varies
        process.kill()

    (namespace,) = rows.model.namespaces()
    orders = (namespace.position - 1) // 2
    assert namespace.position >= told[-1]
    assert namespace.position % 50 == 1
    assert sums(rows) == (10_000 - orders, 0, orders)


AMOUNTS = st.integers(1, 900)
STEPS = st.one_of(
    st.tuples(st.just("reserve"), st.integers(1, 5), AMOUNTS),
    st.tuples(st.sampled_from(["approve", "release"]), st.integers(1, 5), st.just(0)),
)


def history_of(steps: list[tuple[str, int, int]]) -> list[Event]:
    """The steps that can follow each other in a log."""
    history: list[Event] = [registered()]
    amounts: dict[int, int] = {}
    stages: dict[int, str] = {}
    for step, number, amount in steps:
        if step == "reserve" and number not in stages:
            amounts[number] = amount
            history.append(reserved(amount, UUID(int=number)))
        elif step == "approve" and stages.get(number) == "reserve":
            history.append(approved(UUID(int=number)))
        elif step == "release" and stages.get(number) in ("reserve", "approve"):
            history.append(released(amounts[number], UUID(int=number)))
        else:
            continue
        stages[number] = step
    return history


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=20), st.integers(1, 7))
def test_what_is_shown_is_what_the_rules_say_however_the_log_is_cut_into_batches(rows, steps, size):
    history = history_of(steps)

    rows.begin_anew()
    for first in range(0, len(history), size):
        show(rows, *history[first : first + size])

    customer = CUSTOMER.fold(history)
    assert customer is not None
    credit, held, spent = sums(rows)
    assert credit == customer.credit.amount
    assert held + spent == customer.reserved.amount
    assert spent == approved_of(history)


def approved_of(history: list[Event]) -> int:
    """The credit that approved orders have taken and not given back."""
    spent = {}
    for event in history:
        match event:
            case CreditReserved(order_id=order_id, amount=amount):
                spent[order_id] = [amount.amount, False]
            case OrderApproved(order_id=order_id):
                spent[order_id][1] = True
            case CreditReleased(order_id=order_id):
                spent[order_id][1] = False
    return sum(amount for amount, is_approved in spent.values() if is_approved)
