"""`shop audit`: its questions to the services, its output, and how it ends."""

from itertools import chain, repeat

import pytest
from click.testing import CliRunner

from shop.contracts.errors import ServiceUnavailable
from shop_cli import audit
from shop_cli.commands import shop
from shop_cli.folder import DataFolder
from tests.unit.support.operators_socket import OperatorsSocket

SERVICES = ("event_store", "customers", "products", "orders", "accounting")


@pytest.fixture
def running(tmp_path):
    running = OperatorsSocket(DataFolder.at(tmp_path))
    running.answers = {"event_store.head": {"head": 80}}
    running.answers |= {f"{service}.audit": done(service) for service in SERVICES}
    yield running
    running.close()


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "POLL_SECONDS", 0.001)
    return lambda: CliRunner(env={"SHOP_DATA": str(tmp_path), "COLUMNS": "160"}).invoke(shop, ["audit"])


def done(service, ok=True, current=True):
    checks = [{"name": f"books of {service}", "ok": ok, "detail": "[all] right" if ok else "something is missing"}]
    return {"running": None, "current": current, "result": {"position": 80, "ok": ok, "checks": checks}}


def test_all_checks_are_printed(invoke, running):
    ended = invoke()

    assert ended.exit_code == 0, ended.output
    assert ended.output.splitlines()[:5] == [f"✓ books of {service}: [all] right" for service in SERVICES]
    assert ended.output.endswith("All checks passed up to log position 80.\n")


def test_one_failed_check_fails_the_command(invoke, running):
    running.answers["orders.audit"] = done("orders", ok=False)

    ended = invoke()

    assert ended.exit_code == 1
    assert "✗ books of orders: something is missing\n" in ended.output
    assert ended.output.endswith("1 of 5 checks failed.\n")


def test_it_waits_for_results_that_know_the_whole_log_as_it_is_now(invoke, running):
    old = done("orders", ok=False, current=False)
    told = chain(
        [{"running": {"position": 0, "head": 0}, "result": None, "current": False}, old],
        [old | {"running": {"position": 40, "head": 80}}],
        repeat(done("orders")),
    )
    running.answers["orders.audit"] = lambda **_: next(told)

    ended = invoke()

    assert ended.exit_code == 0
    asked = [asked for name, _, asked in running.calls if name == "orders.audit"]
    assert len(asked) == 4
    assert asked[0]["at_least"] == 80
    assert [one["max_age"] for one in asked] == sorted(one["max_age"] for one in asked)
    assert asked[-1]["max_age"] < 10


def test_a_service_that_is_busy_for_a_moment_is_asked_again(invoke, running):
    told = chain([ServiceUnavailable("orders")] * 2, repeat(done("orders")))
    running.answers["orders.audit"] = lambda **_: next(told)

    assert invoke().exit_code == 0


def test_a_service_that_stays_silent_ends_the_command(invoke, running, monkeypatch):
    monkeypatch.setattr(audit, "PATIENCE", 0.05)
    running.answers["orders.audit"] = ServiceUnavailable("orders")

    ended = invoke()

    assert ended.exit_code == 1
    assert "is unavailable" in ended.output
