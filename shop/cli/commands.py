"""The commands of `shop`, each loaded when it is asked for."""

from importlib import import_module

import click

COMMANDS = {
    "run": "shop.cli.run:run",
    "up": "shop.cli.up:up",
    "status": "shop.cli.status:status",
    "audit": "shop.cli.audit:audit",
    "rebuild": "shop.cli.rebuild:rebuild",
    "managers": "shop.cli.users:managers",
    "passwords": "shop.cli.users:passwords",
    "backup": "shop.cli.backup:backup",
    "restore": "shop.cli.backup:restore",
    "clock": "shop.cli.clock:clock",
    "dead-letters": "shop.cli.dead_letters:dead_letters",
    "load": "shop.cli.load.command:load",
    "chaos": "shop.cli.chaos.command:chaos",
    "shell": "shop.cli.shell:shell",
    "seed": "shop.cli.seed:seed_command",
}
"""Where each command is, in the order of the help text."""

FOR_OURSELVES = {"serve": "shop.cli.serve:serve"}
"""What `shop up` starts."""


class Commands(click.Group):
    """Imports a command only when it is used, so that each starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        place = (COMMANDS | FOR_OURSELVES).get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nameko-shop", message="%(version)s")
def shop() -> None:
    """A shop made of small services.

    `shop run` starts all of it in one process, `shop up` each service in its own. Most other commands talk to the shop
    that is running.
    """
