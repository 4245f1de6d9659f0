"""`shop shell`: a Python prompt that calls the services of the running shop, like `nameko shell`."""

import code
import contextlib
import sys
from types import SimpleNamespace

import click

from shop_cli.running import RunningShop, running_option

BANNER = """The shop's services are at n.rpc, and answer as to an operator:

    n.rpc.products.list_products(limit=3)
    n.rpc.customers.get_customer("alice")
    n.rpc.event_store.read_all(after=0, limit=5)
"""


@click.command()
@running_option
def shell(running: RunningShop) -> None:
    """Call services from a Python prompt, as `n.rpc.products.list_products()`.

    Python that is piped in is run instead.
    """
    with running.client() as client:
        names = {"n": SimpleNamespace(rpc=client.rpc)}
        if sys.stdin.isatty():
            with contextlib.suppress(ImportError):
                import readline  # noqa: F401 - its import gives the prompt a history
            code.interact(banner=BANNER, local=names, exitmsg="")
        else:
            exec(compile(sys.stdin.read(), "<stdin>", "exec"), names)  # noqa: S102 - that is what a shell is for
