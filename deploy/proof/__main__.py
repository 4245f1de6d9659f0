"""`make compose-test`: an engine, stand-ins for the images, and the shop of compose.yaml put to the test."""

import os
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from deploy.proof import images, story
from deploy.proof.commands import Failed, say
from deploy.proof.debian import fetch_compose, install_tools
from deploy.proof.engine import Engine
from deploy.proof.network import leave_the_network
from deploy.proof.shop import Shop

CHAPTERS = (
    story.containers_are_confined,
    story.readme_is_true,
    story.browsers_work,
    story.outages_lose_nothing,
    story.two_of_each_work,
    story.read_models_come_back,
    story.books_are_right,
)


def main() -> None:
    """Everything that it starts has ended when it returns. COMPOSE_TEST_FOLDER keeps the images for the next time."""
    if os.geteuid() != 0:
        sys.exit("The proof starts a Docker Engine, for which it has to be root.")
    # Whoever ends it has it end what it started, as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("The proof was ended."))
    with ExitStack() as stack:
        kept = os.environ.get("COMPOSE_TEST_FOLDER")
        folder = Path(kept or stack.enter_context(tempfile.TemporaryDirectory(prefix="shop-compose-")))
        folder.mkdir(parents=True, exist_ok=True)
        try:
            install_tools()
            materials, plugin = images.gather(folder.absolute()), fetch_compose(folder.absolute())
            leave_the_network()
            _prove(stack.enter_context(Engine(folder.absolute(), plugin.parents[1])), materials)
        except Failed as failure:
            sys.exit(f"compose.yaml is not proven: {failure}")


def _prove(engine: Engine, materials: images.Materials) -> None:
    images.make(engine, materials)
    shop = Shop(engine)
    shop.check_out()
    try:
        say("Starting the shop with `docker compose up --build --wait`")
        shop.up("--build")
        for chapter in CHAPTERS:
            began = time.monotonic()
            chapter(shop)
            say(f"{chapter.__name__.replace('_', ' ').capitalize()} ({time.monotonic() - began:.0f} s)")
    except (Failed, AssertionError) as failure:
        say("What the containers said last:", shop.logs())
        raise Failed(f"{failure}\nNot well: {dict(shop.unwell())}") from failure
    finally:
        shop.remove()


if __name__ == "__main__":
    main()
