"""The README's walk-through, run as it is written: what is shown under each step is what the step prints."""

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ADDRESS = "SHOP=http://127.0.0.1:8000\n"
COMMAND = ".venv/bin/shop"
BETWEEN = "----- the next step -----"


def steps():
    """The commands of each step, and what the README shows under them; None where it shows nothing."""
    section = re.search(
        r"^## A walk-through\n(.*?)(?=^## )", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )
    blocks = [*BLOCK.findall(section[1]), ("end", "")]
    return [
        (commands, below if kind == "text" else None)
        for (language, commands), (kind, below) in pairwise(blocks)
        if language == "sh"
    ]


def run_in_bash(script, shop):
    """Paste the script into a shell that knows the shop's data folder."""
    environment = {**os.environ, "SHOP_DATA": str(shop.installation.folder.path), "COLUMNS": "120"}
    return subprocess.run(
        ["bash", "-s"], input=script, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


def is_like(printed, shown):
    """Whether they are the same, but for blanks at the ends of lines and where the README has `…`."""
    pattern = ".*?".join(re.escape(part) for part in shown.strip().split("…"))
    return re.fullmatch(pattern, re.sub(r" +$", "", printed.strip(), flags=re.MULTILINE), re.DOTALL) is not None


def test_every_step_of_the_walk_through_prints_what_the_readme_shows(make_shop):
    shop = make_shop().start()
    commands = [commands for commands, _ in steps()]
    script = f"echo '{BETWEEN}'\n".join(commands)
    assert script.count(ADDRESS) == 1
    script = script.replace(ADDRESS, f"SHOP={shop.url}\n").replace(COMMAND, str(Path(sys.executable).with_name("shop")))

    done = run_in_bash(script, shop)

    printed = done.stdout.split(f"{BETWEEN}\n")
    assert done.stderr == ""
    assert len(printed) == len(commands)
    unlike = [
        (text, shown) for text, (_, shown) in zip(printed, steps(), strict=True) if not is_like(text, shown or "")
    ]
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
