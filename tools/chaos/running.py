"""One trial: open a shop, place orders during faults, wait for the end of all orders, and judge."""

import json
import random
import secrets
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
import eventlet
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from shop.contracts.errors import ServiceUnavailable
from shop.service.registry import WITH_READ_MODEL
from shop_cli.audit import audit_of
from shop_cli.client import Client
from shop_cli.running import RunningShop
from tools.chaos.buyers import Answers, ChaosCustomer, Crowd
from tools.chaos.faults import Fault, Kind, planned
from tools.chaos.installation import MANAGER, Installation, OnBroker
from tools.chaos.ledger import Books, read_on
from tools.chaos.verdict import Report, judge
from tools.load.connection import ClientConnection
from tools.load.market import expect, log_in, products_of, registered

CUSTOMERS = 20
CURRENCY = "EUR"
"""The default of a shop's configuration."""

REASON = "for chaos"

SECONDS_TO_END = 60.0
"""Time for all orders to end, after the last fault."""
SECONDS_TO_HEAL = 60.0
LONGEST_PAUSE = 10.0
"""Seconds until the next fault, even if no orders are answered."""
SECONDS_FOR_A_VICTIM = 45.0
"""Time for a killed process to come back: after several failures, the restart backoff is long."""


@dataclass(frozen=True, kw_only=True)
class ChaosRun:
    """The options of `shop chaos`."""

    orders: int
    concurrency: int
    kills: int
    seed: int
    embedded: bool


@dataclass
class Course:
    """The course of a trial. Times are in seconds. `ended_after`: the last order, counted from the last fault."""

    faults: Counter[str] = field(default_factory=Counter)
    messages: dict[str, int] = field(default_factory=dict)
    last_fault: float = 0.0
    shopping: float = 0.0
    ended_after: float = 0.0


def run(trial: ChaosRun, file: Path | None) -> bool:
    """Run the trial and print the result. Returns whether all guarantees held. Raises: Refusal, if the shop does not
    start.
    """
    click.echo(f"Seed {trial.seed}: {trial.orders:,} orders, {trial.concurrency} at once.")
    # SIGTERM stops the child processes, too, like Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        password = secrets.token_urlsafe()
        place = Path(folder)
        installation = Installation(place, password) if trial.embedded else OnBroker(place, password, trial.seed)
        with installation.running():
            report, course, answers = _chaos(trial, installation, password)
    _tell(report, course, answers)
    if file:
        told = {
            "trial": asdict(trial),
            "report": asdict(report) | {"kept": report.kept},
            "course": {"faults": course.faults, "messages": course.messages, "seconds": course.shopping}
            | {"ended_after": course.ended_after, "asked_again": answers.retries},
        }
        file.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return report.kept


def _chaos(trial: ChaosRun, installation: Installation, password: str) -> tuple[Report, Course, Answers]:
    crowd, course = _open(trial, installation.url, password), Course()
    answers = crowd.answers
    began = time.monotonic()
    crowd.begin(trial.orders, trial.concurrency)
    installation.disturb()
    with _showing(trial, answers, course):
        _break(trial, installation, answers, course)
        course.last_fault = time.monotonic()
        course.messages = installation.calm()
        crowd.wait()
    course.shopping = time.monotonic() - began
    installation.wait_until_ready()
    books, found = Books(), []
    with RunningShop(installation.folder).client() as client:
        in_time = all_ended_by(course.last_fault + SECONDS_TO_END, client, books)
        course.ended_after = time.monotonic() - course.last_fault
        if not in_time:
            found.append(f"not all orders had ended {SECONDS_TO_END:g} s after the last fault")
        found += _audited(client, books.position)
    report = judge(
        attempted=answers.attempted, accepted=answers.accepted, refused=answers.refused, books=books, faults=found
    )
    return report, course, answers


def _open(trial: ChaosRun, url: str, password: str) -> Crowd:
    """Register customers with some credit, and stock up products so that some orders have to be rejected."""
    connection = ClientConnection(url)
    manager = log_in(connection, MANAGER, password)
    products = products_of(connection)
    for product in products:
        change = {"delta": 1 + 3 * trial.orders // len(products), "reason": REASON}
        expect(connection.post(f"/v1/products/{product}/stock", change, manager), 200)
    names = [registered(connection) for _ in range(CUSTOMERS)]
    for name in names:
        wanted = {"credit": {"amount": f"{3 * trial.orders}.00", "currency": CURRENCY}, "reason": REASON}
        expect(connection.put(f"/v1/customers/{name}/credit", wanted, manager), 200)
    customers = [ChaosCustomer(name, log_in(connection, name, name)) for name in names]
    connection.close()
    return Crowd(url, products, customers, trial.seed)


# Faults


def _break(trial: ChaosRun, installation: Installation, answers: Answers, course: Course) -> None:
    faults = planned(
        orders=trial.orders,
        processes=installation.names,
        kills=trial.kills,
        databases=[service.value for service in WITH_READ_MODEL],
        broker_kills=installation.broker_kills,
        seed=trial.seed,
    )
    chance = random.Random(trial.seed)
    for fault in faults:
        deadline = time.monotonic() + LONGEST_PAUSE
        while answers.given < fault.answered and time.monotonic() < deadline:
            eventlet.sleep(0.02)
        eventlet.sleep(chance.uniform(0.0, 0.3))
        if _strike(installation, fault, chance):
            course.faults[fault.kind] += 1


def _strike(installation: Installation, fault: Fault, chance: random.Random) -> bool:
    if fault.kind is Kind.BROKER:
        installation.kill_broker(chance.uniform(0.5, 3.0))
        return True
    if fault.kind is Kind.WIPE:
        installation.lose_database(fault.target)
        return True
    deadline = time.monotonic() + SECONDS_FOR_A_VICTIM
    while not installation.kill(fault.target):
        if time.monotonic() > deadline:
            return False
        eventlet.sleep(0.1)
    return True


# The end


def all_ended_by(deadline: float, client: Client, books: Books) -> bool:
    """Read the whole log. Returns whether all orders in it ended before the deadline."""
    while True:
        is_read = False
        with suppress(ServiceUnavailable):
            read_on(client, books)
            is_read = True
        late = time.monotonic() > deadline
        if is_read and (late or not books.under_way):
            return not late
        eventlet.sleep(0.1)


def _audited(client: Client, position: int) -> list[str]:
    """Findings of the shop's own audit. Lost read models have some time to be rebuilt."""
    deadline = time.monotonic() + SECONDS_TO_HEAL
    while True:
        checks = [check for result in audit_of(client, position).values() for check in result["checks"]]
        found = [f"{check['name']}: {check['detail']}" for check in checks if not check["ok"]]
        if not found or time.monotonic() > deadline:
            return found
        eventlet.sleep(0.5)


# Output


@contextmanager
def _showing(trial: ChaosRun, answers: Answers, course: Course) -> Iterator[None]:
    """On a terminal, show the number of answered orders and the present fault."""
    console = Console()
    columns = (
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} orders"),
        BarColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=trial.orders)

        def show() -> None:
            while True:
                struck = ", ".join(f"{kind} {count}" for kind, count in course.faults.items())
                progress.update(task, completed=answers.given, description=struck)
                eventlet.sleep(0.2)

        showing = eventlet.spawn(show)
        yield
        showing.kill()


def _tell(report: Report, course: Course, answers: Answers) -> None:
    names = ("attempted", "acknowledged", "refused", "ok", "lost", "recovered", "duplicated")
    click.echo(", ".join(f"{name} {getattr(report, name):,}" for name in names))
    _line("orders", report.statuses)
    _line("faults", course.faults)
    _line("messages", course.messages)
    _line("asked again, by status", {status or "no answer": count for status, count in answers.retries.items()})
    click.echo(
        f"shopping took {course.shopping:.0f} s; the last order ended {course.ended_after:.1f} s after the last fault"
    )
    for fault in report.faults:
        click.echo(f"✗ {fault}")
    click.echo("All guarantees held." if report.kept else "A guarantee was violated.")


def _line(name: str, counts: Any) -> None:
    told = ", ".join(f"{what} {count:,}" for what, count in sorted(counts.items(), key=str))
    click.echo(f"{name}: {told or 'none'}")
