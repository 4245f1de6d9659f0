"""A log keeps which form it has, so that a version that does not know it leaves it alone."""

import pytest
from pymongo import MongoClient
from sqlalchemy import NullPool, create_engine, text

from event_store_svc import compatibility
from event_store_svc.compatibility import FORM, LaterForm, currency_in, place_of, require_currency
from shop.contracts.events import Event
from shop.service.settings import ConfigError
from tests.contract.support.log_builders import commit, running_log
from tests.contract.support.log_databases import MAKERS, MongoDatabase

EVENTS_OF_FORM = {2: 31, 3: 32}
"""How many types of events there were when a form was the latest. Add a line; never change one."""


@pytest.fixture(params=MAKERS)
def database(request):
    return request.param(request)


def forget_form(database):
    """As in a log of a version that kept none."""
    if isinstance(database, MongoDatabase):
        with MongoClient(database.url) as client:
            client.get_default_database()["log"].delete_one({"_id": "form"})
    else:
        with create_engine(database.url, poolclass=NullPool).begin() as connection:
            connection.execute(text("DROP TABLE log_form"))


def form_refused(database):
    """The form of a log that is left alone."""
    store = database.store()
    with pytest.raises(LaterForm) as raised:
        store.open()
    store.close()
    return raised.value.form


def test_a_log_of_a_later_version_is_left_alone(database, monkeypatch):
    monkeypatch.setattr("event_store_svc.sql.upgrading.FORM", FORM + 1)
    monkeypatch.setattr("event_store_svc.mongodb.store.FORM", FORM + 1)
    with running_log(database.store()) as log:
        log.append(commit())
    monkeypatch.undo()

    assert form_refused(database) == FORM + 1


def test_a_log_of_an_earlier_version_is_taken_and_says_its_new_form(database, monkeypatch):
    with running_log(database.store()) as log:
        log.append(commit())
    forget_form(database)

    for _ in range(2):
        with running_log(database.store()) as log:
            assert log.head()["head"] == 1

    monkeypatch.setattr("event_store_svc.sql.upgrading.FORM", FORM - 1)
    monkeypatch.setattr("event_store_svc.mongodb.store.FORM", FORM - 1)
    assert form_refused(database) == FORM


def test_another_type_of_event_needs_another_form():
    names = [name for name in Event.TYPES if not name.startswith("_")]

    assert (max(EVENTS_OF_FORM), EVENTS_OF_FORM.get(FORM)) == (FORM, len(names)), "raise compatibility.FORM"


# The currency


def test_the_first_amount_tells_the_currency_of_a_log(database):
    price = {"amount": 1850, "currency": "EUR"}
    with running_log(database.store()) as log:
        assert currency_in(log._store.commits) is None
        log.append(commit(data={"name": "Kitchen", "currency": "of another kind"}))
        assert currency_in(log._store.commits) is None
        log.append(commit(data={"lines": [{"unit_price": price}]}))
        log.append(commit(data={"price": {"amount": 1, "currency": "CHF"}}))

        assert currency_in(log._store.commits) == "EUR"
        require_currency(log._store.commits, "EUR", database.url)
        with pytest.raises(ConfigError, match=r"SHOP.currency is JPY, but .* set SHOP_CURRENCY=EUR, or "):
            require_currency(log._store.commits, "JPY", database.url)


def test_the_first_amount_is_found_behind_many_commits_without(database, monkeypatch):
    monkeypatch.setattr(compatibility, "COMMITS_AT_ONCE", 2)
    with running_log(database.store()) as log:
        log.append_many([commit() for _ in range(5)])
        assert currency_in(log._store.commits) is None
        log.append(commit(data={"credit": {"amount": 0, "currency": "SEK"}}))

        assert currency_in(log._store.commits) == "SEK"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("sqlite:///var/log.db", "var/log.db"),
        ("sqlite:////srv/shop/log.db", "/srv/shop/log.db"),
        ("postgresql://shop:secret@db/shop", "postgresql://db/shop"),
        ("mongodb://shop:s%40cret@one:27017,two:27017/shop_log?replicaSet=r", "mongodb://one:27017,two:27017/shop_log"),
    ],
)
def test_operators_are_told_where_a_log_is_and_no_password(url, place):
    assert place_of(url) == place
