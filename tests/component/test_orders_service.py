"""The orders service on the real event store and the embedded broker; the other services are played by the tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest

from event_store_svc.service import EventStoreService
from order_svc.service import OrdersService
from shop.contracts import names
from shop.contracts.actors import Actor
from shop.contracts.codec import dump, load_time
from shop.contracts.errors import (
    CommandReused,
    Forbidden,
    InvalidRequest,
    OrderNotCancellable,
    OrderNotShippable,
    ServiceUnavailable,
    ShopError,
    Unauthenticated,
    UnknownOrder,
)
from tests.component.support.order_world import (
    MAX,
    ON_SALE,
    SOMEBODY,
    VISITOR,
    Customers,
    Products,
    customer,
    record,
    types_of,
)
from tests.component.support.running import calling, configuration, running
from tests.support.waiting import wait_until
from tests.unit.support.order_builders import (
    CUP,
    HOME,
    TEA,
    credit_rejected,
    credit_released,
    credit_reserved,
    invoiced,
    placed,
    stock_rejected,
    stock_released,
    stock_reserved,
)

TWO_TEAS = [{"product_id": str(TEA), "quantity": 2}]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return configuration(tmp_path_factory.mktemp("orders"))


@pytest.fixture
def alone(tmp_path: Path) -> dict[str, Any]:
    """For a test that needs a shop of its own."""
    return configuration(tmp_path)


@contextmanager
def shop(config: dict[str, Any], *neighbours: type) -> Iterator[Any]:
    with running(config, EventStoreService, OrdersService, *neighbours), calling(config) as cluster:
        wait_until(lambda: cluster.orders.status()["ready"])
        yield cluster


@pytest.fixture(scope="module")
def cluster(config: dict[str, Any]) -> Iterator[Any]:
    """One shop for all tests: each has customers of its own."""
    with shop(config, Products, Customers) as cluster:
        yield cluster


@pytest.fixture
def ask(config: dict[str, Any], cluster: Any) -> Callable[..., Any]:
    """Call the orders service as somebody: `ask(ada, "get_order", order_id)`."""

    def ask(actor: Actor, method: str, *args: Any, **kwargs: Any) -> Any:
        with calling(config, actor) as own:
            return getattr(own.orders, method)(*args, **kwargs)

    return ask


@pytest.fixture(autouse=True)
def full_catalogue() -> None:
    ON_SALE.reset()


@pytest.fixture
def ada() -> Actor:
    return customer("Ada")


@pytest.fixture
def bob() -> Actor:
    return customer("bob")


Ask = Callable[..., Any]


def place(ask: Ask, actor: Actor, *, key: str | None = None, lines: Any = TWO_TEAS) -> str:
    order_id: str = ask(actor, "place_order", lines, key or uuid4().hex)["id"]
    return order_id


def answer(cluster: Any, order_id: str, *, stock: Any = stock_reserved, credit: Any = credit_reserved) -> None:
    """What products and customers say to the order."""
    record(cluster, stock(order_id=UUID(order_id)), order_id=order_id)
    record(cluster, credit(order_id=UUID(order_id)), order_id=order_id)


def wait_for(ask: Ask, order_id: str, **wanted: Any) -> dict[str, Any]:
    """The order, as soon as it is as wanted."""

    def order_as_wanted() -> Any:
        order = ask(MAX, "get_order", order_id)
        return order if wanted.items() <= order.items() else None

    found: dict[str, Any] = wait_until(order_as_wanted)
    return found


def approved_order(ask: Ask, cluster: Any, actor: Actor) -> str:
    order_id = place(ask, actor)
    answer(cluster, order_id)
    wait_for(ask, order_id, status="approved", stock="reserved", credit="reserved")
    return order_id


# Placing


def test_an_order_is_placed_at_todays_names_and_prices(ask: Ask, cluster: Any, ada: Actor):
    lines = [{"product_id": str(TEA), "quantity": 2}, {"product_id": str(CUP), "quantity": 1}]

    order = ask(ada, "place_order", lines, "key-1")

    placed_at = order.pop("placed_at")
    assert placed_at.endswith("Z")
    assert order == {
        "id": str(names.order_id_of(ada.username, "key-1")),
        "customer": ada.username,
        "status": "placed",
        "stock": "pending",
        "credit": "pending",
        "reason": None,
        "lines": [
            {
                "product_id": str(TEA),
                "name": "Tea",
                "quantity": 2,
                "unit_price": {"amount": 999, "currency": "EUR"},
                "total": {"amount": 1998, "currency": "EUR"},
            },
            {
                "product_id": str(CUP),
                "name": "Cup",
                "quantity": 1,
                "unit_price": {"amount": 450, "currency": "EUR"},
                "total": {"amount": 450, "currency": "EUR"},
            },
        ],
        "address": dump(HOME),
        "total": {"amount": 2448, "currency": "EUR"},
        "invoice": None,
        "version": 1,
    }
    assert ask(ada, "get_order", order["id"]) == {**order, "placed_at": placed_at}


def test_an_order_is_in_the_log_with_the_address_and_its_own_correlation(ask: Ask, cluster: Any, ada: Actor):
    order_id = place(ask, ada)

    (event,) = cluster.event_store.read_correlations([order_id])["correlations"][order_id]
    assert (event["type"], event["actor"], event["service"]) == ("OrderPlaced", f"customer:{ada.username}", "orders")
    assert event["data"]["address"]["city"] == "Jena"


def test_a_customer_without_an_address_can_order(ask: Ask, cluster: Any, bob: Actor):
    order_id = place(ask, bob)

    (event,) = cluster.event_store.read_correlations([order_id])["correlations"][order_id]
    assert event["data"]["address"] is None


@pytest.mark.parametrize("address", [None, dump(HOME) | {"city": "Gera"}])
def test_an_order_goes_where_customers_has_just_told_whoever_places_it(address: Any, ask: Ask, ada: Actor):
    order = ask(ada, "place_order", TWO_TEAS, "key", {"address": address})

    assert order["address"] == address


@pytest.mark.parametrize(
    ("delivery", "field"),
    [({"address": "Gera"}, "address"), ({"address": {"city": "Gera"}}, "address.street"), ({"by": "drone"}, "by")],
)
def test_a_delivery_of_the_wrong_shape_is_refused_by_name(delivery: Any, field: str, ask: Ask, ada: Actor):
    with pytest.raises(InvalidRequest) as refusal:
        ask(ada, "place_order", TWO_TEAS, "key", delivery)

    assert field in refusal.value.errors


def test_the_same_key_is_the_same_order_even_when_its_product_is_gone(ask: Ask, cluster: Any, ada: Actor):
    first = ask(ada, "place_order", TWO_TEAS, "once")
    ON_SALE.offers.clear()

    again = ask(ada, "place_order", TWO_TEAS, "once")

    assert again == first
    assert types_of(cluster, f"order-{first['id']}") == ["OrderPlaced"]


def test_the_same_key_with_other_lines_is_refused(ask: Ask, ada: Actor):
    place(ask, ada, key="once")

    with pytest.raises(CommandReused):
        place(ask, ada, key="once", lines=[{"product_id": str(TEA), "quantity": 3}])


def test_keys_of_different_customers_do_not_meet(ask: Ask, ada: Actor, bob: Actor):
    assert place(ask, ada, key="once") != place(ask, bob, key="once")


def test_fifty_copies_of_a_request_at_once_are_one_order(ask: Ask, cluster: Any, ada: Actor):
    pool = eventlet.GreenPool(50)

    orders = list(pool.imap(lambda _: ask(ada, "place_order", TWO_TEAS, "once"), range(50)))

    assert len({order["id"] for order in orders}) == 1
    assert types_of(cluster, f"order-{orders[0]['id']}") == ["OrderPlaced"]


def test_a_product_that_is_not_on_sale_is_named_by_its_line(ask: Ask, ada: Actor):
    with pytest.raises(InvalidRequest) as refusal:
        place(ask, ada, lines=[*TWO_TEAS, {"product_id": str(uuid4()), "quantity": 1}])

    assert list(refusal.value.errors) == ["lines.1.product_id"]


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        (None, "lines"),
        ("tea", "lines"),
        ({}, "lines"),
        ([], "lines"),
        (TWO_TEAS * 51, "lines"),
        ([7], "lines.0"),
        ([{}], "lines.0.product_id"),
        ([{"product_id": 7, "quantity": 1}], "lines.0.product_id"),
        ([{"product_id": "tea", "quantity": 1}], "lines.0.product_id"),
        ([{"product_id": str(TEA)}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": 0}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": -1}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": 1001}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": 10**30}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": 1.5}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": "1"}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": True}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": None}], "lines.0.quantity"),
        ([{"product_id": str(TEA), "quantity": 1, "price": 1}], "lines.0.price"),
    ],
)
def test_lines_of_the_wrong_shape_are_refused_by_name(lines: Any, field: str, ask: Ask, ada: Actor):
    with pytest.raises(InvalidRequest) as refusal:
        ask(ada, "place_order", lines, "key")

    assert field in refusal.value.errors


@pytest.mark.parametrize("key", [None, "", "  ", "x" * 256, 7, "a\x00b"])
def test_an_order_needs_a_key(key: Any, ask: Ask, ada: Actor):
    with pytest.raises(InvalidRequest) as refusal:
        ask(ada, "place_order", TWO_TEAS, key)

    assert list(refusal.value.errors) == ["Idempotency-Key"]


def test_an_order_beyond_the_largest_amount_is_refused(ask: Ask, ada: Actor):
    ON_SALE.offers[str(TEA)] = {"name": "Gold", "price": {"amount": 999_999_999, "currency": "EUR"}}

    with pytest.raises(InvalidRequest) as refusal:
        place(ask, ada)

    assert list(refusal.value.errors) == ["lines"]


@pytest.mark.parametrize(("actor", "error"), [(MAX, Forbidden), (VISITOR, Unauthenticated)])
def test_only_customers_order(actor: Actor, error: type[ShopError], ask: Ask):
    with pytest.raises(error):
        place(ask, actor)


def test_without_the_catalogue_no_order_is_taken(alone: dict[str, Any]):
    with shop(alone, Customers), calling(alone, SOMEBODY) as own, pytest.raises(ServiceUnavailable):
        own.orders.place_order(TWO_TEAS, "key")


# The saga


def test_an_order_with_stock_and_credit_is_approved_and_invoiced(ask: Ask, cluster: Any, ada: Actor):
    order_id = place(ask, ada)

    answer(cluster, order_id)
    wait_for(ask, order_id, status="approved", stock="reserved", credit="reserved", version=2)
    record(cluster, invoiced(placed(order_id=UUID(order_id)), number=1), order_id=order_id)

    assert wait_for(ask, order_id, invoice="2026-000001")["reason"] is None


def test_a_refused_credit_rejects_the_order_and_shows_the_stock_released(ask: Ask, cluster: Any, ada: Actor):
    order_id = place(ask, ada)

    answer(cluster, order_id, credit=credit_rejected)
    wait_for(ask, order_id, status="rejected", reason=["insufficient_credit"], stock="reserved", credit="rejected")
    record(cluster, stock_released(UUID(order_id)), order_id=order_id)

    wait_for(ask, order_id, status="rejected", stock="released", credit="rejected")


def test_all_reasons_are_given(ask: Ask, cluster: Any, ada: Actor):
    order_id = place(ask, ada)

    answer(cluster, order_id, stock=stock_rejected, credit=credit_rejected)

    wait_for(ask, order_id, status="rejected", reason=["out_of_stock", "insufficient_credit"])


def test_an_order_waits_for_its_second_answer(ask: Ask, cluster: Any, ada: Actor):
    order_id = place(ask, ada)

    record(cluster, stock_reserved(UUID(order_id)), order_id=order_id)

    assert wait_for(ask, order_id, stock="reserved")["status"] == "placed"


# Time-outs


def unreadable_event(stream: str, version: int) -> dict[str, Any]:
    return {
        "command_id": str(uuid4()),
        "events": [{"stream": stream, "type": "OrderApproved", "data": {}}],
        "expects": {stream: version},
        "fingerprint": None,
        "meta": {"correlation_id": "broken", "causation": 0, "actor": "operator:operator", "service": "tests"},
    }


@pytest.fixture
def impatient(tmp_path: Path) -> dict[str, Any]:
    return configuration(tmp_path, SHOP={"order_timeout_seconds": 0.2})


def test_an_order_nobody_answers_is_rejected_as_timed_out(impatient: dict[str, Any]):
    with shop(impatient, Products, Customers) as cluster, calling(impatient, SOMEBODY) as ada:
        order_id = ada.orders.place_order(TWO_TEAS, "key")["id"]
        record(cluster, credit_rejected(UUID(order_id)), order_id=order_id)

        wait_until(lambda: ada.orders.get_order(order_id)["status"] == "rejected")

        assert ada.orders.get_order(order_id)["reason"] == ["insufficient_credit", "timed_out"]
        (decision,) = cluster.event_store.find([f"decide:{order_id}"]).values()
        assert decision["meta"]["correlation_id"] == order_id
        assert decision["fingerprint"] is None


def test_many_late_orders_are_rejected_in_one_go(impatient: dict[str, Any]):
    with shop(impatient, Products, Customers) as cluster, calling(impatient, SOMEBODY) as ada:
        late = [ada.orders.place_order(TWO_TEAS, f"key-{number}")["id"] for number in range(20)]

        wait_until(lambda: all(types_of(cluster, f"order-{order_id}")[1:] for order_id in late))

        kinds = {tuple(types_of(cluster, f"order-{order_id}")) for order_id in late}
        assert kinds == {("OrderPlaced", "OrderRejected")}


def test_a_late_order_that_cannot_be_read_does_not_hold_up_the_others(impatient: dict[str, Any]):
    with shop(impatient, Products, Customers) as cluster, calling(impatient, SOMEBODY) as ada:
        broken = ada.orders.place_order(TWO_TEAS, "broken")["id"]
        cluster.event_store.append(unreadable_event(f"order-{broken}", version=1))
        other = ada.orders.place_order(TWO_TEAS, "other")["id"]

        wait_until(lambda: ada.orders.get_order(other)["reason"] == ["timed_out"])

        assert ada.orders.get_order(broken)["status"] == "placed"


def test_answers_that_were_there_before_the_time_out_count(impatient: dict[str, Any]):
    with shop(impatient, Products, Customers) as cluster, calling(impatient, SOMEBODY) as ada:
        cluster.orders.pause()
        order = ada.orders.place_order(TWO_TEAS, "key")
        answer(cluster, order["id"])
        wait_until(lambda: datetime.now(UTC) > load_time(order["placed_at"]) + timedelta(seconds=0.25))

        cluster.orders.resume()

        wait_until(lambda: types_of(cluster, f"order-{order['id']}") == ["OrderPlaced", "OrderApproved"])


# Cancelling and shipping


@pytest.mark.parametrize("who", ["owner", "owner in capitals", "manager"])
def test_an_undecided_order_is_cancelled_by_its_owner_or_a_manager(who: str, ask: Ask, ada: Actor):
    actor = {"owner": ada, "owner in capitals": Actor(ada.username.upper(), ada.role), "manager": MAX}[who]
    order_id = place(ask, ada)

    order = ask(actor, "cancel_order", order_id)

    assert (order["status"], order["version"]) == ("cancelled", 2)
    assert order == ask(ada, "get_order", order_id)


def test_an_approved_order_is_cancelled_and_everything_goes_back(ask: Ask, cluster: Any, ada: Actor):
    order_id = approved_order(ask, cluster, ada)

    ask(ada, "cancel_order", order_id)
    record(cluster, stock_released(UUID(order_id)), order_id=order_id)
    record(cluster, credit_released(UUID(order_id)), order_id=order_id)

    wait_for(ask, order_id, status="cancelled", stock="released", credit="released")
    events = cluster.event_store.read_correlations([order_id])["correlations"][order_id]
    (cancellation,) = [event for event in events if event["type"] == "OrderCancelled"]
    assert cancellation["data"]["was_approved"] is True


def test_answers_to_a_cancelled_order_decide_nothing(ask: Ask, cluster: Any, ada: Actor):
    order_id = place(ask, ada)
    ask(ada, "cancel_order", order_id)

    answer(cluster, order_id)

    wait_for(ask, order_id, stock="reserved", credit="reserved")
    assert types_of(cluster, f"order-{order_id}") == ["OrderPlaced", "OrderCancelled"]


def test_cancelling_twice_is_refused_but_a_repeat_of_the_request_is_not(ask: Ask, ada: Actor):
    order_id = place(ask, ada)

    first = ask(ada, "cancel_order", order_id, key="k")

    assert ask(ada, "cancel_order", order_id, key="k") == first
    with pytest.raises(OrderNotCancellable):
        ask(ada, "cancel_order", order_id)
    with pytest.raises(OrderNotCancellable):
        ask(ada, "cancel_order", order_id, key="other")


def test_a_key_used_for_another_order_is_refused(ask: Ask, ada: Actor):
    first, second = place(ask, ada), place(ask, ada)
    ask(ada, "cancel_order", first, key="k")

    with pytest.raises(CommandReused):
        ask(ada, "cancel_order", second, key="k")


@pytest.mark.parametrize("method", ["cancel_order", "ship_order"])
@pytest.mark.parametrize("key", ["", "x" * 256, 7, "a\x00b"])
def test_keys_of_the_wrong_shape_are_refused(method: str, key: Any, ask: Ask):
    with pytest.raises(InvalidRequest) as refusal:
        ask(MAX, method, str(uuid4()), key=key)

    assert list(refusal.value.errors) == ["Idempotency-Key"]


def test_an_approved_order_is_shipped_and_stays_shipped(ask: Ask, cluster: Any, ada: Actor):
    order_id = approved_order(ask, cluster, ada)

    order = ask(MAX, "ship_order", order_id)

    assert (order["status"], order["version"]) == ("shipped", 3)
    with pytest.raises(OrderNotCancellable):
        ask(ada, "cancel_order", order_id)
    with pytest.raises(OrderNotShippable):
        ask(MAX, "ship_order", order_id)


def test_an_undecided_order_is_not_shipped(ask: Ask, ada: Actor):
    with pytest.raises(OrderNotShippable):
        ask(MAX, "ship_order", place(ask, ada))


@pytest.mark.parametrize(("actor", "error"), [(SOMEBODY, Forbidden), (VISITOR, Unauthenticated)])
def test_only_managers_ship(actor: Actor, error: type[ShopError], ask: Ask, ada: Actor):
    order_id = place(ask, ada)

    with pytest.raises(error):
        ask(actor, "ship_order", order_id)


def test_cancelling_and_approving_at_once_leave_one_outcome(config: dict[str, Any], ask: Ask, cluster: Any, ada: Actor):
    orders = [place(ask, ada) for _ in range(10)]

    def answer_at_once(order_id: str) -> None:
        with calling(config) as own:
            answer(own, order_id)

    pool = eventlet.GreenPool()
    for order_id in orders:
        pool.spawn(answer_at_once, order_id)
        pool.spawn(ask, ada, "cancel_order", order_id)
    pool.waitall()

    for order_id in orders:
        wait_for(ask, order_id, status="cancelled", stock="reserved", credit="reserved")
        kinds = types_of(cluster, f"order-{order_id}")
        assert kinds in (["OrderPlaced", "OrderCancelled"], ["OrderPlaced", "OrderApproved", "OrderCancelled"])


# Who sees what


@pytest.mark.parametrize("method", ["get_order", "history", "cancel_order"])
def test_others_do_not_even_learn_that_an_order_exists(method: str, ask: Ask, ada: Actor, bob: Actor):
    order_id = place(ask, ada)

    with pytest.raises(UnknownOrder):
        ask(bob, method, order_id)
    with pytest.raises(Unauthenticated):
        ask(VISITOR, method, order_id)


@pytest.mark.parametrize("method", ["get_order", "history", "cancel_order", "ship_order"])
@pytest.mark.parametrize("order_id", [str(uuid4()), "nonsense", "", None, 7, "x\x00", {"id": 1}])
def test_there_is_no_order_with_an_unknown_id(method: str, order_id: Any, ask: Ask):
    with pytest.raises(UnknownOrder):
        ask(MAX, method, order_id)


def test_customers_list_their_own_orders_and_managers_all(ask: Ask, ada: Actor, bob: Actor):
    of_ada, of_bob = place(ask, ada), place(ask, bob)

    def listed(actor: Actor, **query: Any) -> list[str]:
        return [order["id"] for order in ask(actor, "list_orders", **query)["items"]]

    assert listed(ada) == [of_ada]
    assert listed(MAX, limit=2) == [of_bob, of_ada]
    assert listed(MAX, customer=ada.username.upper()) == [of_ada]
    assert listed(MAX, customer="nobody") == []
    assert listed(ada, customer=ada.username.lower()) == [of_ada]
    with pytest.raises(Forbidden):
        listed(ada, customer=bob.username)
    with pytest.raises(Unauthenticated):
        listed(VISITOR)


def test_a_list_goes_on_where_the_page_before_ended(ask: Ask, ada: Actor):
    orders = [place(ask, ada) for _ in range(3)]

    first = ask(ada, "list_orders", limit=2)
    second = ask(ada, "list_orders", limit=2, after=first["next"])

    assert [order["id"] for order in first["items"] + second["items"]] == orders[::-1]
    assert second["next"] is None


def test_orders_are_listed_by_status(ask: Ask, ada: Actor):
    waiting, cancelled = place(ask, ada), place(ask, ada)
    ask(ada, "cancel_order", cancelled)

    def listed(status: str) -> list[str]:
        query = {"status": status, "customer": ada.username}
        return [order["id"] for order in ask(MAX, "list_orders", **query)["items"]]

    assert listed("placed") == [waiting]
    assert listed("cancelled") == [cancelled]
    assert listed("shipped") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "lost"}, "status"),
        ({"status": 7}, "status"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "20"}, "limit"),
        ({"after": "nonsense"}, "after"),
        ({"after": 7}, "after"),
        ({"customer": "a\x00b"}, "customer"),
    ],
)
def test_a_list_with_wrong_values_is_refused_by_name(query: dict[str, Any], field: str, ask: Ask):
    with pytest.raises(InvalidRequest) as refusal:
        ask(MAX, "list_orders", **query)

    assert list(refusal.value.errors) == [field]


def test_the_history_tells_the_saga_across_services(ask: Ask, cluster: Any, ada: Actor):
    order_id = approved_order(ask, cluster, ada)
    ask(MAX, "cancel_order", order_id)

    told = ask(ada, "history", order_id)

    assert [(entry["event"], entry["state"]) for entry in told] == [
        ("OrderPlaced", "placed"),
        ("StockReserved", "placed"),
        ("CreditReserved", "placed"),
        ("OrderApproved", "approved"),
        ("OrderCancelled", "cancelled"),
    ]
    assert told[-1]["detail"] == {"by": "manager"}
    assert [entry["at"] for entry in told] == sorted(entry["at"] for entry in told)


# Going on


def test_after_a_restart_the_saga_goes_on_where_it_was(alone: dict[str, Any]):
    with shop(alone, Products, Customers) as cluster, calling(alone, SOMEBODY) as ada:
        order_id = ada.orders.place_order(TWO_TEAS, "key")["id"]
        record(cluster, stock_reserved(UUID(order_id)), order_id=order_id)
        cluster.orders.pause()
        record(cluster, credit_reserved(UUID(order_id)), order_id=order_id)

    with shop(alone, Products, Customers) as cluster, calling(alone, SOMEBODY) as ada:
        wait_until(lambda: ada.orders.get_order(order_id)["status"] == "approved")

        assert types_of(cluster, f"order-{order_id}") == ["OrderPlaced", "OrderApproved"]


def test_a_rebuilt_read_model_shows_the_same(ask: Ask, cluster: Any, ada: Actor):
    for outcome in ({}, {"credit": credit_rejected}, {"stock": stock_rejected}):
        order_id = place(ask, ada)
        answer(cluster, order_id, **outcome)
        wait_for(ask, order_id, version=2)
    before = ask(MAX, "list_orders")

    cluster.orders.rebuild()
    wait_until(lambda: not cluster.orders.rebuild_progress()["running"])

    assert ask(MAX, "list_orders") == before
