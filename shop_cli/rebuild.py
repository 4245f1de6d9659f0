"""`shop rebuild`: rebuild a service's read model from the log while the old one keeps serving."""

import time
from collections.abc import Iterator

import click

from shop.contracts.errors import ServiceUnavailable
from shop.service.registry import WITH_READ_MODEL
from shop_cli.client import Client
from shop_cli.progress import progress_bar
from shop_cli.refusal import reported
from shop_cli.running import RunningShop, running_option

POLL_SECONDS = 0.1
PATIENCE = 60.0
"""Seconds without an answer from a busy service before the command stops watching."""


@click.command()
@click.argument("service", type=click.Choice([name.value for name in WITH_READ_MODEL]))
@running_option
@reported
def rebuild(running: RunningShop, service: str) -> None:
    """Rebuild SERVICE's read model from the event log.

    The current read model stays in use until the new one has caught up.
    """
    started = time.monotonic()
    position = 0
    with running.client() as client, progress_bar() as progress:
        task = progress.add_task(service, total=None)
        client.call(service, "rebuild")
        for position, head in _watch(client, service):
            progress.update(task, completed=position, total=head)
    seconds = max(0.001, time.monotonic() - started)
    click.echo(
        f"{service}: rebuilt from {position:,} commits in {seconds:.1f} s ({position / seconds:,.0f} per second)."
    )


def _watch(client: Client, service: str) -> Iterator[tuple[int, int]]:
    """Commits read and commits to read, until the rebuild has caught up. Raises: ServiceUnavailable, after PATIENCE."""
    silent_since: float | None = None
    while True:
        try:
            found = client.call(service, "rebuild_progress")
        except ServiceUnavailable:
            silent_since = silent_since or time.monotonic()
            if time.monotonic() - silent_since > PATIENCE:
                raise
        else:
            silent_since = None
            yield found["position"], found["head"]
            if not found["running"]:
                return
        time.sleep(POLL_SECONDS)
