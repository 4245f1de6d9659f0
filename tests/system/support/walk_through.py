"""The README's walk-through, as commands and what they shall print."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[3]
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BETWEEN = "----- the next step -----"


def steps() -> Sequence[tuple[str, str | None]]:
    """The commands of each step, and what the README shows under them; None where it shows nothing."""
    readme = (ROOT / "README.md").read_text()
    section = re.search(r"^## A walk-through\n(.*?)(?=^## )", readme, re.MULTILINE | re.DOTALL)
    assert section, "the README has no walk-through"
    blocks = [*BLOCK.findall(section[1]), ("end", "")]
    return [
        (commands, below if kind == "text" else None)
        for (language, commands), (kind, below) in pairwise(blocks)
        if language == "sh"
    ]


def walk(
    places: Mapping[str, str], env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> Sequence[tuple[str, str]]:
    """Paste all steps into one shell. Returns: the printed and the expected output of steps, where they differ.

    Args:
        places: texts of the README that are others here, such as the shop's address.
    """
    script = f"echo '{BETWEEN}'\n".join(commands for commands, _ in steps())
    for text, here in places.items():
        assert text in script, f"the README has no {text!r} any more"
        script = script.replace(text, here)
    environment = {**os.environ, **(env or {}), "COLUMNS": "120"}
    # Not by standard input: a command that reads it would swallow the rest.
    done = subprocess.run(
        ["bash", "-c", script],
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
    )
    printed = done.stdout.split(f"{BETWEEN}\n")
    assert len(printed) == len(steps()), done.stdout + done.stderr
    assert done.stderr == "", done.stderr
    pairs = [(text, shown or "") for text, (_, shown) in zip(printed, steps(), strict=True)]
    return [(text, shown) for text, shown in pairs if not is_like(text, shown)]


def is_like(printed: str, shown: str) -> bool:
    """Whether they are the same, but for blanks at the ends of lines and where the README has `…`."""
    pattern = ".*?".join(re.escape(part) for part in shown.strip().split("…"))
    return re.fullmatch(pattern, re.sub(r" +$", "", printed.strip(), flags=re.MULTILINE), re.DOTALL) is not None
