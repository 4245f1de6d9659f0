"""`shop shell`: a Python prompt that calls the services of the running shop, like `nameko shell`."""

import code
import contextlib
import sys
from types import SimpleNamespace

import click

from shop_cli.running import RunningShop, running_option

BANNER = """Services are available as n.rpc, with operator rights:

    n.rpc.products.list_products(limit=3)
    n.rpc.customers.get_customer("alice")
    n.rpc.event_store.read_all(after=0, limit=5)
"""


@click.command()
@running_option
def shell(running: RunningShop) -> None:
    """Open a Python shell with the services as `n.rpc`.

    Call them as `n.rpc.products.list_products()`. Code piped to stdin is executed instead.
    """
    with running.client() as client:
        names = {"n": SimpleNamespace(rpc=client.rpc)}
        if sys.stdin.isatty():
            with contextlib.suppress(ImportError):
                import readline  # noqa: F401 - its import gives the prompt a history
            code.interact(banner=BANNER, local=names, exitmsg="")
        else:
            exec(compile(sys.stdin.read(), "<stdin>", "exec"), names)  # noqa: S102 - that is what a shell is for
