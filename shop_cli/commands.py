"""The commands of `shop`, imported on first use."""

from importlib import import_module
from importlib.util import find_spec

import click

COMMANDS = {
    "run": "shop_cli.run:run",
    "up": "shop_cli.up:up",
    "status": "shop_cli.status:status",
    "audit": "shop_cli.audit:audit",
    "rebuild": "shop_cli.rebuild:rebuild",
    "managers": "shop_cli.users:managers",
    "passwords": "shop_cli.users:passwords",
    "backup": "shop_cli.backup:backup",
    "restore": "shop_cli.backup:restore",
    "clock": "shop_cli.clock:clock",
    "dead-letters": "shop_cli.dead_letters:dead_letters",
    "shell": "shop_cli.shell:shell",
    "seed": "shop_cli.seed:seed_command",
}
"""Import path of each command, in the order of the help text."""

TOOLS = {"load": "tools.load.command:load", "chaos": "tools.chaos.command:chaos"}
"""Commands for load and chaos tests: in a checkout of the repository, not in the installed package."""

FOR_OURSELVES = {"serve": "shop_cli.serve:serve"}
"""Internal commands: `shop up` starts them."""


class Commands(click.Group):
    """Imports a command only when it is used, so that each starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS | _tools())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        place = (COMMANDS | _tools() | FOR_OURSELVES).get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


def _tools() -> dict[str, str]:
    return TOOLS if find_spec("tools") else {}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nameko-shop", message="%(version)s")
def shop() -> None:
    """Run and operate the Nameko Shop.

    `shop run` starts everything in one process; `shop up` runs each service in its own process on a broker. All other
    commands connect to a running shop.
    """
