"""`shop audit`: check the books of a running shop."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from shop.contracts.errors import ServiceUnavailable
from shop.contracts.names import Service
from shop.service.registry import AUDITED
from shop_cli.client import Client
from shop_cli.refusal import reported
from shop_cli.running import RunningShop, running_option

POLL_SECONDS = 0.1
PATIENCE = 60.0
"""Seconds without an answer from a busy service before the command gives up."""

Result = dict[str, Any]


@click.command()
@running_option
@click.pass_context
@reported
def audit(ctx: click.Context, running: RunningShop) -> None:
    """Verify the event log and all read models.

    Exits with 1 if a check fails. The shop keeps running.
    """
    with running.client() as client:
        head = client.call(Service.EVENT_STORE, "head")["head"]
        results = audit_of(client, head)
    checks = [check for result in results.values() for check in result["checks"]]
    for check in checks:
        Console(soft_wrap=True).print(_line(check))
    wrong = sum(not check["ok"] for check in checks)
    click.echo(
        f"{wrong} of {len(checks)} checks failed." if wrong else f"All checks passed up to log position {head:,}."
    )
    ctx.exit(1 if wrong else 0)


def audit_of(client: Client, head: int) -> Mapping[str, Result]:
    """Audit results per service, for the log up to `head`. The services work in parallel."""
    with _progress() as progress:
        tasks = {service: progress.add_task(service.value, total=head) for service in AUDITED}
        watching = {service: _watch(client, service, head) for service in AUDITED}
        results: dict[str, Result] = {}
        while len(results) < len(AUDITED):
            for service in AUDITED:
                if service not in results:
                    position, result = next(watching[service])
                    progress.update(tasks[service], completed=position)
                    if result is not None:
                        results[service] = result
            time.sleep(POLL_SECONDS if len(results) < len(AUDITED) else 0)
    return {service: results[service] for service in AUDITED}


def _watch(client: Client, service: str, head: int) -> Iterator[tuple[int, Result | None]]:
    """The service's position, and its result once it has one. Raises: ServiceUnavailable, after PATIENCE."""
    started, silent_since = time.monotonic(), 0.0
    while True:
        try:
            found = client.call(service, "audit", at_least=head, max_age=time.monotonic() - started)
        except ServiceUnavailable:
            silent_since = silent_since or time.monotonic()
            if time.monotonic() - silent_since > PATIENCE:
                raise
            yield 0, None
            continue
        silent_since = 0.0
        if found["current"]:
            yield head, found["result"]
        else:
            yield (found["running"] or {"position": 0})["position"], None


def _line(check: Result) -> Text:
    mark = ("✓ ", "green") if check["ok"] else ("✗ ", "bold red")
    return Text.assemble(mark, f"{check['name']}: {check['detail']}")


def _progress() -> Progress:
    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
