"""The broker's users of compose.yaml: each service works as its own, and may do nothing else on the bus.

The queues are those of a cluster, see `docs/scaling.md`.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import amqp
import pytest

from tests.system.support.business import make_business
from tests.system.support.on_rabbitmq import ROOT, SERVICES, OnRabbitMQ
from tests.system.support.shop_under_test import ShopUnderTest

FOLLOWERS = ("customers", "products", "orders", "accounting")
REPLY = "6f1c0a52-9a3f-4f0e-9a55-1f1f6f5f2b77"


@pytest.fixture(scope="module")
def uris(rabbitmq_server, tmp_path_factory) -> dict[str, str]:
    """Of each user, at the tests' broker."""
    secrets = tmp_path_factory.mktemp("deploy") / "secrets"
    subprocess.run([ROOT / "deploy/make-secrets.sh", secrets], check=True, capture_output=True)
    definitions = (secrets / "definitions.json").read_text()
    for_cluster = tmp_path_factory.mktemp("cluster") / "definitions.json"
    quorum = '"name": "shop", "metadata": {"default_queue_type": "quorum"}}'
    for_cluster.write_text(definitions.replace('"name": "shop"}', quorum))
    rabbitmq_server.define(for_cluster)
    here = f"@127.0.0.1:{rabbitmq_server.port}/"
    return {
        path.name.removesuffix("_amqp_uri"): path.read_text().strip().replace("@rabbitmq:5672/", here)
        for path in secrets.glob("*_amqp_uri")
    }


@pytest.fixture(scope="module")
def shop(uris, tmp_path_factory) -> Iterator[ShopUnderTest]:
    """Each service as the user that it is in compose.yaml, on databases of the test's own."""
    folder: Path = tmp_path_factory.mktemp("as-themselves") / "var"
    with ShopUnderTest(OnRabbitMQ(folder, uris["operator"], brokers=uris)).running() as shop:
        yield shop


def may(uri: str, action, *arguments, **options) -> bool:
    """Whether the broker lets this user do it."""
    user, _, rest = uri.removeprefix("amqp://").partition(":")
    password, _, place = rest.partition("@")
    host, _, vhost = place.partition("/")
    with amqp.Connection(host, userid=user, password=password, virtual_host=vhost, confirm_publish=True) as connection:
        try:
            action(connection.channel(), *arguments, **options)
        except amqp.AccessRefused:
            return False
        return True


def call(channel, method):
    channel.exchange_declare("nameko-rpc", "topic", durable=True, auto_delete=False)
    channel.basic_publish(amqp.Message("{}"), "nameko-rpc", method)


def announce(channel, event):
    channel.basic_publish(amqp.Message("{}"), "event_store.events", event)


def listen(channel, queue, exchange, key):
    channel.queue_declare(queue, durable=False, auto_delete=True)
    channel.queue_bind(queue, exchange, key)


def consume(channel, queue):
    channel.basic_get(queue)


def test_a_shop_works_where_each_service_is_a_user_of_its_own(shop):
    make_business(shop)

    manager, installation = shop.as_manager(), shop.installation
    told = manager.read("/v1/audit")
    assert [check for check in told["checks"] if not check["ok"]] == []
    assert manager.read("/v1/dead-letters")["items"] == []
    assert "credit" in manager.read("/v1/streams/customer-alice/state")["state"]
    assert manager.read("/v1/streams/customer-alice")["items"]
    assert manager.read("/v1/revenue")["total"]["amount"] > "0"
    assert installation.call("customers", "rebuild") is None
    assert [process.service for process in installation.all if not process.is_running] == []
    assert "ACCESS_REFUSED" not in installation.output


def test_calls_are_in_quorum_queues_where_the_virtual_host_says_so(shop, rabbitmq_server):
    types = {queue["name"]: queue["type"] for queue in rabbitmq_server.list("queues", "shop", "name", "type")}

    assert {types[f"rpc-{service}"] for service in SERVICES if service != "gateway"} == {"quorum"}
    assert {kind for name, kind in types.items() if name.startswith("evt-")} == {"classic"}


@pytest.mark.parametrize("user", SERVICES)
def test_only_services_that_follow_the_log_write_to_it(shop, uris, user):
    assert may(uris[user], call, "event_store.append") == (user in FOLLOWERS)
    assert may(uris[user], call, "event_store.append_many") == (user in FOLLOWERS)


@pytest.mark.parametrize("user", SERVICES)
def test_only_the_customers_service_reads_credentials(shop, uris, user):
    assert may(uris[user], call, "event_store.read_credentials") == (user == "customers")


def test_the_gateway_may_ask_whether_the_shop_has_what_it_begins_with(shop, uris):
    assert may(uris["gateway"], call, "event_store.find")
    assert may(uris["gateway"], call, "event_store.read_all")


@pytest.mark.parametrize("user", SERVICES)
def test_only_the_event_store_announces_commits(shop, uris, user):
    assert may(uris[user], announce, "committed") == (user == "event_store")


@pytest.mark.parametrize("method", ["add_manager", "grant_role", "revoke_role", "reset_password", "rebuild", "pause"])
def test_the_gateway_cannot_do_what_is_for_operators(shop, uris, method):
    assert not may(uris["gateway"], call, f"customers.{method}")
    assert may(uris["operator"], call, f"customers.{method}_")


@pytest.mark.parametrize("user", [*FOLLOWERS, "gateway"])
def test_nobody_reads_what_is_for_another(shop, uris, user):
    other = "orders" if user != "orders" else "customers"

    assert not may(uris[user], consume, f"rpc-{other}")
    assert not may(uris[user], listen, f"alive-{user}-1", "nameko-rpc", f"{other}.*")
    assert not may(uris[user], listen, f"alive-{user}-2", "nameko-rpc", "#")
    assert not may(uris[user], listen, f"rpc-{other}-2", "nameko-rpc", f"{other}.*")
    assert may(uris[user], listen, f"rpc.reply-{user}-3", "nameko-rpc", REPLY)
