"""The customers service on the real event store: identities, and permissions for changes."""

from typing import Any
from uuid import uuid4

import pytest

from shop.contracts.actors import ANONYMOUS, Actor
from shop.contracts.errors import (
    CommandReused,
    CreditBelowZero,
    CreditMoved,
    EditConflict,
    Forbidden,
    InvalidRequest,
    Unauthenticated,
    UnknownCustomer,
    UsernameTaken,
)
from shop.contracts.names import credential_stream
from tests.component.customers.support.world import HOME, PASSWORD, at_once, eur, folder_of, log_in, new_name, register
from tests.component.support.running import calling

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


def test_credit_is_set_only_if_it_is_the_one_that_was_seen(cluster: Any, ann: str) -> None:
    cluster.customers.set_credit(ann, eur(2_000), "less", expected=eur(10_000))

    with pytest.raises(CreditMoved, match=r"20\.00 EUR"):
        cluster.customers.set_credit(ann, eur(15_000), "more", expected=eur(10_000))
    with pytest.raises(InvalidRequest):
        cluster.customers.set_credit(ann, eur(1), "elsewhere", expected={"amount": 1, "currency": "USD"})


def test_credit_that_was_set_is_told_again_to_whoever_repeats_it(cluster: Any, ann: str) -> None:
    def ask() -> Any:
        return cluster.customers.set_credit(ann, eur(2_000), "less", key="once", expected=eur(10_000))

    assert ask() == ask()


def test_a_manager_adds_credit_once_for_a_key(cluster: Any, ann: str) -> None:
    for _ in range(2):
        customer = cluster.customers.change_credit(ann, eur(-2_500), "returned", key="once")

    assert (customer["credit"], customer["version"]) == (eur(7_500), 2)
    with pytest.raises(CreditBelowZero):
        cluster.customers.change_credit(ann, eur(-7_501), "too much")
    with pytest.raises(CommandReused):
        cluster.customers.change_credit(ann, eur(1), "another", key="once")
    with pytest.raises(InvalidRequest):
        cluster.customers.change_credit(ann, {"amount": 1, "currency": "USD"}, "elsewhere")
    with pytest.raises(UnknownCustomer):
        cluster.customers.change_credit(new_name(), eur(1), "nobody")


def test_customers_are_found_by_name_and_address(cluster: Any) -> None:
    mark = uuid4().hex[:8]
    names = [register(cluster, f"{mark}-{letter}", full_name=f"Zoë {mark}")["username"] for letter in "bac"]

    found, after = [], None
    while True:
        page = cluster.customers.list_customers(q=f"{mark}  ZOE", limit=2, after=after)
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
        lambda customers, name: customers.change_credit(name, eur(1), "gift"),
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
