"""The README's walk-through, run as it is written: each step prints the output that is shown under it."""

import sys
from pathlib import Path

import pytest

from tests.system.support.walk_through import is_like, steps, walk

ADDRESS = "SHOP=http://127.0.0.1:8000\n"
COMMAND = ".venv/bin/shop"


def test_every_step_of_the_walk_through_prints_what_the_readme_shows(make_shop):
    shop = make_shop().start()
    places = {ADDRESS: f"SHOP={shop.url}\n", COMMAND: str(Path(sys.executable).with_name("shop"))}

    unlike = walk(places, env={"SHOP_DATA": str(shop.installation.folder.path)})

    assert unlike == []


def test_the_walk_through_has_steps_and_shows_what_they_print():
    shown = [shown for _, shown in steps() if shown]

    assert len(shown) >= 8


@pytest.mark.parametrize(
    ("printed", "same"),
    [("approved 2026-000001\n", True), ("rejected 2026-000001\n", False), ("approved 2026-000001\nmore\n", False)],
)
def test_a_step_that_prints_something_else_is_found_out(printed, same):
    assert is_like(printed, "approved …-000001\n") == same
