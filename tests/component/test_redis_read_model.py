"""Particulars of read models in Redis: a server that is away, killed, slow or full, and others who use it."""

from datetime import UTC, datetime, timedelta

import eventlet
import pytest

from customer_svc.store import RedisCustomers
from shop.contracts.codec import dump_time
from shop.contracts.errors import NotReady, ServiceUnavailable
from shop.contracts.events import CustomerRegistered, Role
from shop.contracts.money import Money
from shop.read_models.redis import RedisReadModel
from shop.read_models.redis import model as redis_model
from tests.component.support.patience import NEVER
from tests.component.support.running import turns_during
from tests.contract.support.opening import opened, store
from tests.servers.wire import Wire
from tests.support.waiting import SOON, wait_until
from tests.unit.support.recorded import recorded


@pytest.fixture
def way(redis):
    """A way to Redis that can be cut and held."""
    way = Wire(redis.port)
    yield way
    way.close()


@pytest.fixture
def open_model():
    models = []

    def open_one(url):
        models.append(opened(url, RedisReadModel(RedisCustomers), service="customers"))
        return models[-1]

    yield open_one
    for model in models:
        model.stop()


@pytest.fixture
def far_url(redis, empty_redis, way):
    """Of a server at the end of that way."""
    return empty_redis.replace(f":{redis.port}/", f":{way.port}/")


def registered(number: int):
    name = f"customer-{number:05}"
    event = CustomerRegistered(
        username=name, full_name="Ann Example", email=f"{name}@example.com", role=Role.CUSTOMER, credit=Money(1, "EUR")
    )
    return recorded(event, position=number)


def show(event, rows):
    rows.show_customer(event)


def built(model, customers: int):
    """The current namespace, with so many customers."""
    events = [registered(number) for number in range(1, customers + 1)]
    namespace = model.project(model.create("log"), events, customers, show)
    model.switch(namespace)
    return namespace


def names(model, **query):
    return [customer["username"] for customer in store(model).customers(**query)[0]]


def in_seconds(seconds: float) -> str:
    return dump_time(datetime.now(UTC) + timedelta(seconds=seconds))


def wait_for_answers(model, seconds: float) -> None:
    """On connections to come; those that there are end."""
    pool = model.client.connection_pool
    pool.connection_kwargs |= {"socket_timeout": seconds, "socket_connect_timeout": seconds}
    pool.disconnect()
    pool.reset()


def test_a_server_that_does_not_answer_is_given_up_and_others_run_meanwhile(open_model, far_url, way):
    model = open_model(far_url)
    built(model, 1)
    assert model.client.connection_pool.connection_kwargs["socket_timeout"] == redis_model.SECONDS_TO_ANSWER
    wait_for_answers(model, SOON)
    way.hold()

    def ask():
        with pytest.raises(ServiceUnavailable):
            store(model).customer("customer-00001")

    assert turns_during(ask)

    way.mend()
    wait_for_answers(model, NEVER)
    assert store(model).customer("customer-00001") is not None


def test_a_server_that_is_away_at_the_start_is_used_when_it_is_there(open_model, far_url, way):
    way.cut()
    model = open_model(far_url)
    with pytest.raises(ServiceUnavailable):
        model.namespaces()

    way.mend()

    assert model.create("log").number == 1


def test_connections_that_were_lost_meanwhile_are_not_noticed(open_model, far_url, way):
    model = open_model(far_url)
    namespace = built(model, 1)
    way.cut()
    way.mend()

    assert names(model, q="", limit=9, after=None) == ["customer-00001"]
    way.cut()
    way.mend()
    assert model.project(namespace, [registered(2)], 2, show).position == 2


def test_a_server_that_is_killed_while_it_writes_comes_back_with_whole_batches(open_model, own_redis):
    model = open_model(own_redis.empty_database())
    model.switch(model.create("log"))
    told = []

    def project_on():
        (namespace,) = model.namespaces()
        while True:
            after = namespace.position
            batch = [registered(number) for number in range(after + 1, after + 21)]
            namespace = model.project(namespace, batch, after + 20, show)
            told.append(namespace.position)

    for _ in range(3):
        projecting = eventlet.spawn(project_on)
        count = len(told)
        wait_until(lambda count=count: len(told) > count + 10)
        own_redis.kill()
        with pytest.raises(ServiceUnavailable):
            projecting.wait()
        own_redis.start()

        (namespace,) = model.namespaces()
        with model.snapshot() as shown:
            shown_names = {key for page in shown.pages("customers") for key in page.rows}
            in_order = {key for page in shown.pages("names") for key in page.rows}
        assert namespace.position > 0
        assert shown_names == in_order == {f"customer-{number:05}" for number in range(1, namespace.position + 1)}


def test_a_batch_that_failed_for_want_of_memory_can_be_repeated(open_model, own_redis):
    model = open_model(own_redis.empty_database())
    namespace = built(model, 1)
    with own_redis.client() as server:
        server.config_set("maxmemory", "1mb")
        with pytest.raises(ServiceUnavailable):
            model.project(namespace, [registered(2)], 2, show)
        assert [n.position for n in model.namespaces()] == [1]
        server.config_set("maxmemory", "0")

    model.project(namespace, [registered(2)], 2, show)

    assert names(model, q="", limit=9, after=None) == ["customer-00001", "customer-00002"]


def test_a_large_namespace_is_dropped_without_holding_up_others(open_model, own_redis):
    model = open_model(own_redis.empty_database())
    namespace = built(model, 1)
    table = model.keys.table(namespace.number, "customers")
    for first in range(0, 200_000, 10_000):
        fill = f"for n = 1, 10000 do redis.call('HSET', KEYS[1], {first} + n, string.rep('x', 100)) end"
        model.client.eval(fill, 1, table)
    model.client.config_set("slowlog-log-slower-than", 20_000)  # microseconds; all at once it would take more
    model.client.slowlog_reset()

    model.drop(namespace)

    assert model.client.slowlog_get() == []
    assert model.client.keys("customers:r1:*") == []


def test_what_has_been_lost_since_the_process_looked_is_not_taken_for_an_empty_shop(open_model, empty_redis):
    model = open_model(empty_redis)
    built(model, 1)
    reader = store(model)
    model.client.flushdb()

    for ask in (
        lambda: reader.customer("customer-00001"),
        lambda: reader.customers(q="", limit=9, after=None),
        lambda: reader.spent("customer-00001", "EUR"),
        lambda: reader.registered_at("customer-00001"),
    ):
        with pytest.raises(NotReady):
            ask()


def test_customers_are_found_wherever_they_stand_among_many(open_model, empty_redis, monkeypatch):
    monkeypatch.setattr("customer_svc.store.redis.SEARCHED_AT_ONCE", 7)
    model = open_model(empty_redis)
    built(model, 100)

    assert names(model, q="-00100@", limit=9, after=None) == ["customer-00100"]
    assert names(model, q="nobody", limit=9, after=None) == []
    page, after = store(model).customers(q="5", limit=4, after=None)
    assert [customer["username"][-3:] for customer in page] == ["005", "015", "025", "035"]
    assert names(model, q="5", limit=2, after=after) == ["customer-00045", "customer-00050"]


def test_sessions_and_what_is_known_of_them_end_by_themselves(open_model, empty_redis):
    model = open_model(empty_redis)
    built(model, 1)
    soon, later = in_seconds(SOON), in_seconds(3600)
    with store(model).write() as rows:
        for token_hash, expires_at in (("short", soon), ("long", later), ("also short", soon)):
            rows.open_session(
                token_hash=token_hash, username="customer-00001", registered_at="then", expires_at=expires_at
            )
        rows.open_session(token_hash="other", username="bob", registered_at="then", expires_at=soon)

    wait_until(lambda: not model.client.exists("customers:session:short", "customers:sessions:bob"))

    assert model.client.exists("customers:session:long", "customers:sessions:customer-00001") == 2
    with store(model).write() as rows:
        rows.close_sessions_of("customer-00001")
    assert not model.client.keys("customers:session:*")
