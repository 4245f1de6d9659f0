"""The services' queues on the broker, and the fate of messages that make no sense or come too late."""

import pickle
import re
from functools import partial
from inspect import getmembers
from pathlib import Path

import eventlet
import pytest
from kombu import Connection
from nameko.cli.run import import_service

from shop.contracts.errors import ServiceUnavailable
from shop.messaging.rpc import RpcMethod
from shop.service.registry import MODULES
from shop_cli.running import RunningShop
from tests.support.waiting import wait_until
from tests.system.support.clients import some_product

FOLLOWERS = ("accounting", "customers", "orders", "products")
SERVICES = (*FOLLOWERS, "event_store")

ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
"""In the name of something that belongs to one process."""


# Names


def on(broker, shop, what, *columns):
    """Rows of what the shop has there, with a star for each id; without what every broker has."""
    host = shop.installation.broker.rpartition("/")[2]
    rows = [tuple(row[column] for column in columns) for row in broker.list(what, host, *columns)]
    return {tuple(ID.sub("*", cell) if isinstance(cell, str) else repr(cell) for cell in row) for row in rows}


def test_exchanges_are_those_that_other_releases_know(shop_on_rabbitmq, rabbitmq_server):
    found = on(rabbitmq_server, shop_on_rabbitmq, "exchanges", "name", "type", "durable", "auto_delete")

    assert {row for row in found if row[0] and not row[0].startswith("amq.")} == {
        ("nameko-rpc", "topic", "True", "False"),
        ("event_store.events", "topic", "True", "False"),
    }


def test_queues_are_those_that_other_releases_know(shop_on_rabbitmq, rabbitmq_server):
    """A queue that is declared otherwise than it is cannot be used, and what is in one that nobody uses any more is
    lost: another name, or other properties, are a migration.
    """
    found = on(rabbitmq_server, shop_on_rabbitmq, "queues", "name", "durable", "auto_delete", "exclusive", "arguments")

    bounded = "[['x-max-length', 'signedint', 100], ['x-overflow', 'longstr', 'drop-head']]"
    requests = {(f"rpc-{service}", "True", "False", "False", "[]") for service in SERVICES}
    replies = {
        (f"rpc.reply-{service}-*", "True", "False", "False", "[['x-expires', 'signedint', 300000]]")
        for service in (*SERVICES, "gateway")
    }
    news = {(f"evt-event_store-committed--{service}-*", "False", "True", "False", bounded) for service in FOLLOWERS}
    liveness = {(f"alive-{service}-*", "True", "True", "False", "[]") for service in (*SERVICES, "gateway")}
    assert found == requests | replies | news | liveness


def test_routing_keys_are_those_that_other_releases_know(shop_on_rabbitmq, rabbitmq_server):
    found = on(rabbitmq_server, shop_on_rabbitmq, "bindings", "source_name", "routing_key", "destination_name")

    assert {row for row in found if row[0]} == (
        {("nameko-rpc", f"{service}.*", f"rpc-{service}") for service in SERVICES}
        | {("nameko-rpc", "*", f"rpc.reply-{service}-*") for service in (*SERVICES, "gateway")}
        | {("nameko-rpc", f"alive-{service}-*", f"alive-{service}-*") for service in (*SERVICES, "gateway")}
        | {("event_store.events", "committed", f"evt-event_store-committed--{service}-*") for service in FOLLOWERS}
    )


OPERATIONS = "audit pause rebuild rebuild_progress resume state_at status "
METHODS = {
    "event_store": "append append_many audit checkpoint dead_letters find head lease read_all read_correlations "
    "read_credentials read_streams release_lease retry_dead_letter set_aside settle verify",
    "customers": OPERATIONS
    + "add_manager change_credit change_password delivery_address edit_profile get_customer grant_role "
    "identify list_customers log_in log_out register reset_password revoke_role set_credit",
    "products": OPERATIONS + "add_category add_product adjust_stock edit_product get_category get_product "
    "list_categories list_products quote remove_category rename_category withdraw_product",
    "orders": OPERATIONS + "cancel_order count_orders get_order history list_orders place_order ship_order",
    "accounting": OPERATIONS + "get_invoice list_invoices revenue",
}


@pytest.mark.parametrize(("service", "methods"), METHODS.items())
def test_no_method_goes_that_other_releases_may_call(service, methods):
    """Of two processes, one may be of an older release: a method is renamed by having both names for a while."""
    [found] = import_service(MODULES[service])

    offered = {
        name
        for name, method in getmembers(found)
        if any(isinstance(entrypoint, RpcMethod) for entrypoint in getattr(method, "nameko_entrypoints", ()))
    }

    assert set(methods.split()) - offered == set()


# Messages that make no sense


class Trap:
    """An object that makes a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __reduce__(self):
        return Path.touch, (self._file,)


def nonsense(file: Path):
    """Body, content type, content encoding, headers."""
    json, utf_8 = "application/json", "utf-8"
    yield pickle.dumps(Trap(file)), "application/x-python-serialize", "binary", {}
    yield b'{"args": ', json, utf_8, {}
    yield b"\xff\xfe", json, utf_8, {}
    yield b"{}", json, "klingon", {}
    yield b"{}", json, utf_8, {"compression": "application/x-gzip"}
    yield b"{}", "text/plain", utf_8, {}
    yield b"bytes", "application/data", "binary", {}
    yield b"{}", "", "", {}
    for text in (b"null", b"7", b'"text"', b"[1, 2]", b"{}", b'{"args": 7, "kwargs": 8}', b'{"log": 1, "commits": {}}'):
        yield text, json, utf_8, {}
    yield b'{"args": [], "kwargs": {}}', json, utf_8, {"nameko.actor": "nobody", "nameko.call_id_stack": 7}


def send_nonsense(uri: str, queues: list[str], file: Path) -> int:
    """To each of the queues, as a request and as a reply. Returns: how many each got."""
    messages = list(nonsense(file))
    with Connection(uri, transport_options={"confirm_publish": True}) as connection:
        producer = connection.Producer()
        for queue in queues:
            for body, content_type, content_encoding, headers in messages:
                properties = {"content_type": content_type, "content_encoding": content_encoding, "headers": headers}
                producer.publish(body, exchange="", routing_key=queue, correlation_id="1", **properties)
                producer.publish(body, exchange="", routing_key=queue, reply_to="nowhere", **properties)
    return 2 * len(messages)


def test_messages_that_make_no_sense_are_logged_and_dropped_and_stop_nothing(
    shop_on_rabbitmq, rabbitmq_server, tmp_path
):
    installation = shop_on_rabbitmq.installation
    list_queues = partial(rabbitmq_server.list, "queues", installation.broker.rpartition("/")[2])
    queues = [row["name"] for row in list_queues("name", "consumers") if row["consumers"]]
    processes = installation.all

    sent = send_nonsense(installation.broker, queues, tmp_path / "trapped")

    wait_until(lambda: not any(row["messages"] for row in list_queues("messages")), "all to be taken")
    customer = shop_on_rabbitmq.new_customer()
    order = customer.wait_for_end(customer.place_order({some_product(customer)["id"]: 1}))
    assert order["status"] == "approved"
    assert installation.all == processes
    assert all(process.is_running for process in processes)
    assert not (tmp_path / "trapped").exists()
    for process in processes:
        kinds = [queue for queue in queues if process.service in queue]
        told = len(re.findall("malformed (message|request|reply) dropped", process.output))
        assert told >= len(kinds) * sent / 3, f"{process} has told of {told} of {len(kinds)} x {sent}"


# Messages that come too late


def test_calls_that_nobody_waits_for_any_more_are_not_carried_out_when_a_frozen_service_goes_on(
    shop_on_rabbitmq, rabbitmq_server
):
    installation = shop_on_rabbitmq.installation
    [process] = installation.processes["products"]
    host = installation.broker.rpartition("/")[2]
    before = len(process.output)

    def calls_of_products():
        return sum(
            row["messages"]
            for row in rabbitmq_server.list("queues", host, "name", "messages")
            if row["name"] == "rpc-products"
        )

    process.pause()
    try:
        with RunningShop(installation.folder).client(seconds=0.7) as client:
            for _ in range(3):
                with pytest.raises(ServiceUnavailable):
                    client.call("products", "list_categories")
        so_far = calls_of_products()
        waiting = eventlet.spawn(installation.call, "products", "list_products", limit=1)
        wait_until(lambda: calls_of_products() > so_far, "the call to be on its way")
    finally:
        process.resume()

    assert waiting.wait()["items"]
    assert installation.call("products", "quote", []) == {}
    told = process.output[before:]
    assert "list_products" in told
    assert "list_categories" not in told
