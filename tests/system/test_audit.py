"""The audit of a running shop: by HTTP, on the command line, and when something is wrong."""

import sqlite3
from contextlib import closing

from tests.system.support.business import make_business

CHECKS = [
    "positions gapless, hash chain intact",
    "credit never negative",
    "money conserved",
    "read model of customers equals the log",
    "stock never negative",
    "units conserved",
    "read model of products equals the log",
    "one decision per order",
    "no reservation left",
    "read model of orders equals the log",
    "invoices gapless, one per approved order",
    "read model of accounting equals the log",
]


def tamper(shop, service, statement):
    with closing(sqlite3.connect(shop.installation.folder.path / f"{service}.db")) as database, database:
        database.execute(statement)


def test_the_audit_of_a_shop_that_works_is_right(shop):
    make_business(shop)

    told = shop.as_manager().read("/v1/audit")

    assert [check for check in told["checks"] if not check["ok"]] == []
    assert [check["name"] for check in told["checks"]] == CHECKS
    assert told["ok"] is True
    assert told["position"] > 0


def test_the_command_prints_the_same_checks(shop):
    make_business(shop)

    done = shop.installation.command("audit")

    assert done.returncode == 0, done.stdout + done.stderr
    assert all(f"✓ {name}" in done.stdout for name in CHECKS)
    assert "All checks passed up to log position " in done.stdout


def test_the_audit_finds_what_somebody_changed_in_a_database(make_shop):
    shop = make_shop().start()
    tamper(shop, "customers", "UPDATE r1_customers SET credit = credit + 100 WHERE key = 'carol'")

    done = shop.installation.command("audit")
    told = shop.as_manager().read("/v1/audit")

    assert done.returncode == 1
    assert "✗ read model of customers equals the log" in done.stdout
    assert "customers carol shows another credit than the log says" in done.stdout
    assert [check["name"] for check in told["checks"] if not check["ok"]] == ["read model of customers equals the log"]
    assert told["ok"] is False


def test_a_rebuild_mends_what_the_audit_found(make_shop):
    shop = make_shop().start()
    tamper(shop, "products", "UPDATE r1_products SET units = 0")
    assert shop.installation.command("audit").returncode == 1

    assert shop.installation.command("rebuild", "products").returncode == 0

    assert shop.installation.command("audit").returncode == 0


def test_the_audit_finds_what_somebody_changed_in_the_log(make_shop):
    shop = make_shop().start()
    doctored = "CAST(replace(CAST(body AS TEXT), '\"units_in_stock\":', '\"units_in_stock\":1') AS BLOB)"
    tamper(shop, "log", f"UPDATE log_commits SET body = {doctored} WHERE position = 30")

    done = shop.installation.command("audit")

    assert done.returncode == 1
    assert "✗ positions gapless, hash chain intact" in done.stdout
    assert "commit 30 was changed" in done.stdout


def test_only_managers_see_the_audit(shop):
    assert shop.visitor().request("GET", "/v1/audit").status_code == 401
    assert shop.new_customer().request("GET", "/v1/audit").status_code == 403


def test_the_audit_is_right_with_a_process_and_a_real_database_for_each_service(shop_on_rabbitmq):
    make_business(shop_on_rabbitmq)

    told = shop_on_rabbitmq.as_manager().read("/v1/audit")

    assert [check for check in told["checks"] if not check["ok"]] == []
    assert [check["name"] for check in told["checks"]] == CHECKS
