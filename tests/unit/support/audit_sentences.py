"""All that the audit can say is wrong, gathered from the code that says it."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
CHECKS = [*ROOT.glob("shop/audit/*.py"), *ROOT.glob("*_svc/audit.py"), ROOT / "event_store_svc/auditing.py"]
OF_THE_CHAIN = {ROOT / "event_store_svc/domain.py": "fault_of", ROOT / "event_store_svc/log.py": "verify"}
"""The functions that say what is wrong with the log itself, in f-strings."""

NOTED_ON = re.compile(r"(^|\.)_?(faults|unreadable)$")
VALUE = re.compile(r"\{[^}]*\}|%\(\w+\)s")


def form_of(sentence: str) -> str:
    """The sentence without its values, whatever they are called."""
    return VALUE.sub("…", sentence)


def forms_in_code() -> set[str]:
    """Raises: TypeError, where a fault is noted with something else than a text."""
    noted = (_text_of(said) for file in CHECKS for said in _said_in(ast.walk(ast.parse(file.read_text()))))
    return {form_of(text) for text in [*noted, *_said_of_the_chain()]}


def _said_in(nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    for call in nodes:
        if not isinstance(call, ast.Call):
            continue
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        if isinstance(call.func, ast.Attribute) and NOTED_ON.search(ast.unparse(call.func.value)):
            yield call.args[{"add": 0, "require": 1}[call.func.attr]]
        elif ast.unparse(call.func) == "Check" and ast.unparse(named["ok"]) == "False":
            yield from [] if isinstance(named["detail"], ast.Subscript) else [named["detail"]]


def _said_of_the_chain() -> Iterator[str]:
    for file, name in OF_THE_CHAIN.items():
        (function,) = (
            node
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.FunctionDef) and node.name == name
        )
        yield from (_text_of(said) for said in ast.walk(function) if isinstance(said, ast.JoinedStr))


def _text_of(said: ast.expr) -> str:
    match said:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
    raise TypeError(f"a fault is noted as {ast.unparse(said)}, which is no text")
