"""Requirements on the shop of compose.yaml."""

import os
import subprocess
import sys
from collections.abc import Sequence

from deploy.proof.buyers import Buyer
from deploy.proof.commands import ROOT, Failed, run, say
from deploy.proof.shop import Shop
from shop.service import registry
from tests.system.support.clients import Client
from tests.system.support.walk_through import walk

CHROMIUM = "/usr/bin/chromium"
BROWSER_TESTS = (
    "test_storefront_orders.py::test_a_cart_filled_by_a_visitor_becomes_an_order_and_an_invoice",
    "test_storefront_accounts.py::test_no_script_can_read_the_session",
    "test_backoffice_stories.py::test_a_manager_logs_in_and_out",
    "test_backoffice_stories.py::test_an_order_is_found_followed_and_shipped",
)
DATABASES = ("rabbitmq", "mongodb", "redis", "postgresql", "couchdb")
SERVICES = tuple(service.name.value for service in registry.SERVICES)
SITES = ("storefront", "back-office", "nginx")
TWO_OF_EACH = (*SERVICES, "storefront", "back-office")

CONNECT = "import socket; socket.create_connection(('{}', {}), 2)"
OUT_OF_REACH = (
    ("storefront", "rabbitmq", 5672),
    ("back-office", "event_store", 5672),
    ("gateway", "mongodb", 27017),
    ("customers", "postgresql", 5432),
    ("orders", "redis", 6379),
    ("products", "couchdb", 5984),
    ("accounting", "nginx", 8080),
)
"""Services, each with a server and its port that the service cannot even connect to."""

FLUSH = 'REDISCLI_AUTH=$(cut -d " " -f 2 /run/secrets/redis.conf) redis-cli flushall'


def containers_are_confined(shop: Shop) -> None:
    """The engine made them as compose.yaml says."""
    for container in shop.containers():
        name, host = container["Name"], container["HostConfig"]
        published = {port for port, where in container["NetworkSettings"]["Ports"].items() if where}
        _require(published == ({"8080/tcp"} if "nginx-1" in name else set()), f"{name} publishes {published}")
        _require(host["ReadonlyRootfs"] and host["Memory"] > 0, f"{name} may write, or has no limit")
        _require(container["Config"]["User"] not in ("", "root", "0"), f"{name} is root")
    for who, whom, port in OUT_OF_REACH:
        _require(not _connects(shop, who, whom, port), f"{who} can connect to {whom}")
    _require(_connects(shop, "orders", "postgresql", 5432), "orders cannot connect to its own database")


def readme_is_true(shop: Shop) -> None:
    """The walk-through, through the front door."""
    places = {
        "SHOP=http://127.0.0.1:8000\n": f"SHOP={shop.url}\n",
        ".venv/bin/shop status": "docker compose run --rm --no-TTY shop status | cut -c 1-39",
        ".venv/bin/shop": "docker compose run --rm --no-TTY shop",
        "manager-demo": shop.manager_password,
        # The machine of a proof has more to do than a laptop.
        "sleep 1": "sleep 10",
    }
    unlike = walk(places, env=shop.environment, cwd=shop.folder)
    _require(not unlike, "\n".join(f"The README shows:\n{shown}\nIt printed:\n{text}" for text, shown in unlike))


def browsers_work(shop: Shop) -> None:
    """Some browser tests of both websites, through the front door: log-ins, forms, cookies and redirects."""
    environment = {
        "GATEWAY_URL": shop.url,
        "STOREFRONT_ADDRESS": shop.url,
        "BACKOFFICE_ADDRESS": shop.back_office,
        "MANAGER_PASSWORD": shop.manager_password,
        "CHROMIUM": CHROMIUM,
        "PICTURES": str(shop.folder),
    }
    folder = ROOT / "tests/web/browser"
    tests = [f"{folder}/{name}" for name in BROWSER_TESTS]
    options = ["-q", "-p", "no:pytest_nameko", "-p", "no:cacheprovider", f"--confcutdir={folder}", f"--rootdir={ROOT}"]
    run(sys.executable, "-m", "pytest", *options, *tests, env=environment)


def two_of_each_work(shop: Shop) -> None:
    """Both answer, one of them reacts; and one of them is enough."""
    shop.up(*(f"--scale={service}=2" for service in TWO_OF_EACH))
    status = shop.command("status", "--once")
    for service in registry.WITH_READ_MODEL:
        [line] = [line for line in status.splitlines() if line.startswith(service)]
        _require(line.split()[-1] == "2", f"There are not two of {service}:\n{status}")
    _keep_buying(shop, "buyer-two", SERVICES)
    shop.up(*(f"--scale={service}=1" for service in TWO_OF_EACH))


def outages_lose_nothing(shop: Shop) -> None:
    """Each container is killed once while somebody buys, the databases and the broker, too."""
    _keep_buying(shop, "buyer-one", (*SERVICES, *DATABASES, *SITES))


def read_models_come_back(shop: Shop) -> None:
    """Redis loses all that it has, and the customers service builds it anew."""
    shop.compose("exec", "--no-TTY", "redis", "sh", "-c", FLUSH)
    shop.wait_until_well()
    _keep_buying(shop, "buyer-three", ())


def books_are_right(shop: Shop) -> None:
    """The audit, as an operator asks for it."""
    told = shop.command("audit")
    say("The audit says:", told.rstrip())


def _keep_buying(shop: Shop, name: str, killed: Sequence[str]) -> None:
    product = Client(shop.url).read("/v1/products", in_stock="true", sort="price")["items"][0]
    with Buyer(shop.url, name, product) as buyer:
        buyer.wait_for_more()
        for service in killed:
            shop.kill(service)
            buyer.wait_for_more()
            shop.wait_until_well()
    say(f"{len(buyer.orders)} orders, {buyer.repeats} of them asked for again, ended: {dict(buyer.check())}")


def _connects(shop: Shop, who: str, whom: str, port: int) -> bool:
    command = ["docker", "compose", "exec", "--no-TTY", who, "python", "-c", CONNECT.format(whom, port)]
    environment = {**os.environ, **shop.environment}
    return subprocess.run(command, cwd=shop.folder, env=environment, capture_output=True, check=False).returncode == 0


def _require(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise Failed(otherwise)
