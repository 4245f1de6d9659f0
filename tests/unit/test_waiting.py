"""No test's outcome depends on how fast the machine is: the cases that the linter's banned names cannot see."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

HOMES = ("tests/support/waiting.py", "tests/proof/support/limits.py")
"""Where waiting is made of what nobody else may use."""

LIMITS = {"LIMIT", "TEST_LIMIT", "SOON", "MILLISECONDS"}
"""The names of time-outs that may be given, all of them from `tests/support/waiting.py`."""


def test_every_time_out_is_the_one_limit():
    found = [told for file in sorted(ROOT.glob("tests/**/*.py")) if _is_bound(file) for told in limits_in(file)]

    assert found == [], "Wait for a condition: see tests/support/waiting.py."


@pytest.mark.parametrize(
    ("code", "is_told"),
    [
        ("requests.get(url, timeout=LIMIT)", False),
        ("requests.get(url, timeout=5)", True),
        ("requests.get(url, timeout=SECONDS)", True),
        ("queue.drain(timeout=0)", False),
        ("call(timeout=None)", False),
        ("call(timeout=SOON)", False),
        ("process.wait(10)", True),
        ("process.wait()", False),
        ("process.communicate(timeout=20)", True),
        ("thread.join(SECONDS)", True),
        ("', '.join(NAMES)", False),
        ("answers.get(key)", False),
        ("pytest.mark.timeout(180)", True),
    ],
)
def test_a_limit_of_its_own_is_told(tmp_path, code, is_told):
    file = tmp_path / "test_something.py"
    file.write_text(code)

    assert bool(list(limits_in(file))) is is_told


def limits_in(file: Path) -> Iterator[str]:
    """Each call that is given a time-out of the file's own."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and (_has_own_limit(node) or _waits_for_seconds(node) or _marks(node)):
            yield f"{file}:{node.lineno}: {ast.unparse(node)[:100]}"


def _is_bound(file: Path) -> bool:
    return str(file.relative_to(ROOT)) not in HOMES


def _has_own_limit(call: ast.Call) -> bool:
    return any(word.arg == "timeout" and not _is_allowed(word.value) for word in call.keywords)


def _is_allowed(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return value.value in (0, None)
    return isinstance(value, ast.Name) and value.id in LIMITS


def _waits_for_seconds(call: ast.Call) -> bool:
    """`process.wait(10)` and the like. A text's `join` takes texts, a mapping's `get` a key."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("wait", "join") or len(call.args) != 1:
        return False
    if isinstance(call.func.value, ast.Constant):
        return False
    (given,) = call.args
    is_number = isinstance(given, ast.Constant) and isinstance(given.value, int | float)
    return is_number or (isinstance(given, ast.Name) and given.id.isupper())


def _marks(call: ast.Call) -> bool:
    return ast.unparse(call.func) == "pytest.mark.timeout"
