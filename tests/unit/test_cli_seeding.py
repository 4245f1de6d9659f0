"""Filling a new log with the demo shop."""

from collections import Counter

import pytest

from customer_svc.domain import CUSTOMER
from product_svc.domain import CATEGORY, PRODUCT
from shop.contracts.commits import RecordedCommit, events_of
from shop.contracts.events import Role
from shop.contracts.money import Money
from shop.event_sourcing.event_store import EventStoreClient
from shop.service.settings import Settings
from shop_cli.demo.accounts import CUSTOMER_PASSWORD, CUSTOMERS, MANAGER_PASSWORD
from shop_cli.demo.steps import Login, accounts, catalogue, demo_steps, manager_step
from shop_cli.seeding import seed
from tests.unit.support.log_in_memory import LogInMemory

ADA = Login("Ada", "correct horse")


@pytest.fixture
def log():
    return LogInMemory()


@pytest.fixture
def store(log):
    return EventStoreClient(log)


@pytest.fixture
def settings():
    return Settings.of({})


@pytest.fixture
def steps(settings):
    return demo_steps(settings, "hash of {}".format, None)


def recorded(log):
    return events_of([RecordedCommit.load(commit) for commit in log.commits])


def state(log, decider, key):
    stream = decider.stream(key)
    return decider.fold(event.event for event in recorded(log) if event.stream == stream)


def test_the_demo_has_a_catalogue_to_look_at():
    products = [product for category in catalogue() for product in category["product"]]

    assert len(catalogue()) >= 5
    assert len(products) >= 60
    assert len({product["name"] for product in products}) == len(products)
    assert all(product["description"] and product["supplier"] and product["price"] > 0 for product in products)


def test_a_new_log_gets_the_whole_demo_in_one_call(log, store, steps):
    seed(store, steps)

    counts = Counter(event.type for event in recorded(log))
    assert counts["CategoryAdded"] == len(catalogue())
    assert counts["ProductAdded"] == counts["ProductListed"] == sum(len(c["product"]) for c in catalogue())
    assert counts["CustomerRegistered"] == counts["PasswordSet"] == len(CUSTOMERS) + 1
    assert log.calls.count("append_many") == 1


def test_the_states_are_those_that_the_services_would_have_made(log, store, steps):
    seed(store, steps)

    first = next(event for event in recorded(log) if event.type == "CategoryAdded").event
    product = next(event for event in recorded(log) if event.type == "ProductAdded").event
    alice = state(log, CUSTOMER, "alice")
    assert state(log, CATEGORY, first.category_id).products == len(catalogue()[0]["product"])
    assert state(log, PRODUCT, product.product_id).units == catalogue()[0]["product"][0]["stock"]
    assert (alice.role, alice.credit, alice.profile.address.city) == (Role.CUSTOMER, Money(50_000, "EUR"), "Gothenburg")
    assert state(log, CUSTOMER, "manager").role is Role.MANAGER


def test_seeding_again_changes_nothing(log, store, steps):
    seed(store, steps)
    before = len(log.commits)

    seed(store, steps)

    assert len(log.commits) == before


@pytest.mark.parametrize("kept", [1, 2, 40, -1])
def test_a_seeding_that_was_cut_short_goes_on(log, store, steps, kept):
    seed(store, steps)
    whole = [(event.stream, event.version, event.type) for event in recorded(log)]
    del log.commits[kept:]

    seed(store, steps)

    assert sorted((event.stream, event.version, event.type) for event in recorded(log)) == sorted(whole)


def test_a_log_that_somebody_uses_stays_as_it_is(log, store, steps, settings):
    seed(store, [manager_step(settings, str, ADA)])

    seed(store, steps[:-1])

    assert len(log.commits) == 1


def test_somebody_who_is_faster_keeps_the_name(log, store, steps, settings):
    log.before_append = lambda: log.append_many([_registration(settings)])

    seed(store, steps)

    names = Counter(event.stream for event in recorded(log) if event.type == "CustomerRegistered")
    assert names["customer-alice"] == 1
    assert state(log, CUSTOMER, "alice").role is Role.MANAGER
    assert len(names) == len(CUSTOMERS) + 1


def _registration(settings):
    other = LogInMemory()
    seed(EventStoreClient(other), [manager_step(settings, str, Login("alice", "x"))])
    commit = other.commits[0]
    return commit | {"command_id": "client:1", "expects": {event["stream"]: 0 for event in commit["events"]}}


def test_the_environments_manager_takes_the_place_of_the_demos(log, store, settings):
    seed(store, demo_steps(settings, str, ADA))

    assert state(log, CUSTOMER, "ada").role is Role.MANAGER
    assert state(log, CUSTOMER, "manager") is None


def test_a_demo_customer_makes_way_for_a_manager_of_that_name(log, store, settings):
    seed(store, demo_steps(settings, str, Login("Alice", "correct horse")))

    assert state(log, CUSTOMER, "alice").role is Role.MANAGER


def test_each_password_is_hashed_once_and_never_kept(log, store, settings):
    hashed = []

    seed(store, demo_steps(settings, lambda password: hashed.append(password) or f"hash {len(hashed)}", None))

    assert sorted(hashed) == sorted([CUSTOMER_PASSWORD, MANAGER_PASSWORD])
    assert CUSTOMER_PASSWORD not in str(log.commits)


def test_the_accounts_shown_are_those_in_the_log(log, store, steps):
    seed(store, steps)

    shown = {account.username: account for account in accounts(store, "EUR")}

    assert shown["manager"].password == MANAGER_PASSWORD
    assert shown["carol"].note == "customer, credit 25.00 EUR"
    assert set(shown) == {"manager"} | {customer.username for customer in CUSTOMERS}


def test_a_managers_own_password_is_not_shown(store, settings):
    seed(store, [manager_step(settings, str, ADA)])

    [account] = accounts(store, "EUR")

    assert (account.username, account.password) == ("Ada", "(as you set it)")


def test_an_empty_log_has_no_accounts(store):
    assert accounts(store, "EUR") == []


def test_a_shop_in_another_currency_has_whole_prices(log, store):
    settings = Settings.of({"SHOP": {"currency": "JPY", "opening_credit": "5000"}})

    seed(store, demo_steps(settings, str, None))

    product = next(event for event in recorded(log) if event.type == "ProductAdded").event
    assert product.price == Money(catalogue()[0]["product"][0]["price"], "JPY")


# A log that a visitor has used first


@pytest.fixture
def visited(log, store, settings):
    """A log in which somebody has registered before the seed."""
    other = LogInMemory()
    seed(EventStoreClient(other), demo_steps(settings, str, ADA)[-2:-1])
    log.append_many([commit | {"command_id": "client:0", "expects": _nothing(commit)} for commit in other.commits])
    return log


def _nothing(commit):
    return {event["stream"]: 0 for event in commit["events"]}


def test_a_visitor_who_is_faster_does_not_keep_the_shop_from_having_its_manager(visited, store, settings):
    seed(store, [manager_step(settings, str, ADA)])

    assert state(visited, CUSTOMER, "ada").role is Role.MANAGER


def test_a_visitor_who_is_faster_keeps_the_demo_out_but_not_the_manager(visited, store, settings):
    for _ in range(2):
        seed(store, demo_steps(settings, str, ADA))

    assert [event.type for event in recorded(visited)].count("CustomerRegistered") == 2
    assert state(visited, CUSTOMER, "ada").role is Role.MANAGER


def test_the_demos_manager_whose_password_all_know_does_not_come_into_a_shop_in_use(visited, store, steps):
    seed(store, steps)

    assert state(visited, CUSTOMER, "manager") is None


def test_a_shop_that_was_managed_before_gets_no_other_first_manager(visited, store, settings):
    visited.append_many([_registration(settings)])

    seed(store, [manager_step(settings, str, ADA)])

    assert state(visited, CUSTOMER, "ada") is None
