"""`shop backup` and `shop restore`: the log as a file, without downtime."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from event_store_svc.domain import Link
from event_store_svc.encoding import dump_link, load_links
from shop.contracts.names import Service
from shop_cli import backup_file
from shop_cli.backup_file import Contents
from shop_cli.client import Client
from shop_cli.progress import progress_bar
from shop_cli.refusal import Refusal, reported
from shop_cli.running import RunningShop, running_option

AT_ONCE = 200
"""Commits per call. Writing a batch blocks all other appends for a moment."""

BYTES_AT_ONCE = 512 * 1024
SECONDS_FOR_A_CALL = 60.0

file_argument = click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@file_argument
@running_option
@reported
def backup(running: RunningShop, path: Path) -> None:
    """Back up the event log to FILE without stopping the shop.

    All other data can be rebuilt from it. FILE contains password hashes: protect it.
    """
    with running.client(SECONDS_FOR_A_CALL) as client:
        contents = Contents(**client.call(Service.EVENT_STORE, "kept"))
        if not contents.head:
            raise Refusal("The event log is empty; nothing to back up.")
        with progress_bar() as progress:
            links = progress.track(_copied(client, contents.head), contents.head, description="backup")
            backup_file.write(path, contents, links)
    click.echo(f"Backed up {contents.head:,} commits of log {contents.log} to {path}.")


@click.command()
@file_argument
@running_option
@reported
def restore(running: RunningShop, path: Path) -> None:
    """Restore the event log from FILE into a running shop with an empty log.

    FILE is verified first. An interrupted restore resumes when run again with the same FILE.
    """
    contents = backup_file.read_contents(path)
    with running.client(SECONDS_FOR_A_CALL) as client, progress_bar() as progress:
        links = progress.track(backup_file.read_links(path), contents.head, description="restore")
        for part in _parts(links):
            client.call(Service.EVENT_STORE, "restore", contents.log, [dump_link(link) for link in part])
        client.call(Service.EVENT_STORE, "end_restore", contents.checkpoints, contents.dead_letters)
    click.echo(f"Restored {contents.head:,} commits of log {contents.log}. Read models are being rebuilt.")


def _copied(client: Client, head: int) -> Iterator[Link]:
    """The hash chain's links up to this position. Commits recorded meanwhile are left out."""
    position = 0
    while position < head:
        links = load_links(client.call(Service.EVENT_STORE, "copy", position)["commits"])
        yield from (link for link in links if link.tail.position <= head)
        position = links[-1].tail.position


def _parts(links: Iterable[Link]) -> Iterator[Sequence[Link]]:
    part: list[Link] = []
    size = 0
    for link in links:
        if len(part) == AT_ONCE or (part and size + len(link.body) > BYTES_AT_ONCE):
            yield part
            part, size = [], 0
        part.append(link)
        size += len(link.body)
    if part:
        yield part
