"""Options of `shop chaos`. The test itself needs green threads, and is imported when it runs."""

import random
from pathlib import Path
from typing import Any

import click


@click.command()
@click.option("--orders", type=click.IntRange(10, 1_000_000), default=2000, show_default=True)
@click.option("--concurrency", type=click.IntRange(1, 500), default=32, show_default=True, help="Orders at once.")
@click.option("--kills", type=click.IntRange(0, 1000), default=5, show_default=True, help="Of each process.")
@click.option("--seed", type=int, help="Chooses orders and faults; when processes run is another matter.")
@click.option("--embedded", is_flag=True, help="Break a shop in one process, instead of one on RabbitMQ.")
@click.option("--json", "file", type=click.Path(path_type=Path), metavar="FILE", help="Write the report there, too.")
@click.pass_context
def chaos(ctx: click.Context, /, *, seed: int | None, file: Path | None, **how: Any) -> None:
    """Break a shop of its own in every way, and exit with 1 if it loses an order or does something twice.

    It starts a whole shop on a private RabbitMQ in a temporary folder. While customers order, each process is killed,
    the broker too, read databases are deleted, and messages are dropped, doubled and delayed. Then the books are
    checked.
    """
    from tools.chaos.running import ChaosRun, run

    trial = ChaosRun(seed=random.randrange(1_000_000) if seed is None else seed, **how)
    ctx.exit(0 if run(trial, file) else 1)
