"""A shop whose log was once written with a clock far ahead says so, and can be repaired."""

from datetime import UTC, datetime, timedelta

import pytest

from event_store_svc.sql import SqlStore
from shop.event_sourcing.event_store import EventStoreClient
from shop.service.settings import Settings
from shop_cli.demo.steps import manager_step
from shop_cli.first_manager import Login
from shop_cli.seeding import seed
from tests.contract.support.log_builders import CalledLog, running_log
from tests.support.waiting import wait_until
from tests.system.support.readiness import is_ready

YEARS_AHEAD = timedelta(days=3_478)
ADA = Login("ada", "countess of lovelace")
GRACE = {"username": "grace", "password": "amazing grace", "full_name": "Grace", "email": "grace@example.org"}


def clock_ahead():
    return datetime.now(UTC) + YEARS_AHEAD


@pytest.fixture
def shop(make_shop):
    """On a log that a clock ahead has dated."""
    shop = make_shop(arguments=["--no-demo"])
    folder = shop.installation.folder
    folder.path.mkdir()
    with running_log(SqlStore(folder.database("log"), clock_ahead), clock_ahead) as log:
        seed(EventStoreClient(CalledLog(log)), [manager_step(Settings.of({}), str, ADA)])
    shop.installation.launch()
    wait_until(lambda: "Stop with Ctrl-C" in shop.installation.output, "the shop to open")
    return shop


def test_a_log_ahead_of_the_clock_is_told_and_repaired_by_an_operator(shop):
    visitor, shop_command = shop.visitor(), shop.installation.command
    told = wait_until(lambda: not_ready(visitor), "an answer that says why it is not ready")
    refused = visitor.request_once("POST", "/v1/customers", json=GRACE)

    assert "9 years ahead of this machine's clock" in told["services"]["event_store"]["reason"]
    assert refused.status_code == 503
    assert (
        ", but not ready: The event log accepts no writes: the log's last commit is dated 203"
        in shop.installation.output
    )
    assert shop_command("clock").returncode == 1

    assert shop_command("clock", "repair", "--yes").returncode == 0

    wait_until(lambda: is_ready(shop.url), "the shop to be ready")
    assert visitor.write("POST", "/v1/customers", GRACE)["username"] == "grace"
    registered = shop.call("event_store", "read_streams", [["customer-grace", 0]])["streams"]["customer-grace"]
    assert abs(datetime.fromisoformat(registered["events"][0]["at"]) - datetime.now(UTC)) < YEARS_AHEAD / 2
    audited = shop_command("audit")
    assert audited.returncode == 0
    assert "the clock was repaired once, last at position 2, from 203" in audited.stdout


def not_ready(visitor):
    answer = visitor.request_once("GET", "/readyz")
    return answer.json() if answer.status_code == 503 and answer.json()["services"]["event_store"]["reason"] else None
