"""The subject of a docstring's sentences and clauses is a component or a thing, not "whoever" or "what"."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCTION = "shop", "shop_cli", "tools", "*_svc", "*_web"
TESTS = "tests", "deploy"
PRONOUNS = (
    "Who|Whoever|Whom|Whose|What|Whatever|Somebody|Someone|Nobody|Everybody|Everyone|Anybody|Anyone|Those who|That one"
)
BEGINNING = r"(?:\A|[.!?][\"')”]*\s+|\n\s*\n\s*|[;:]\s+)"
VAGUE = re.compile(rf"{BEGINNING}(?:{PRONOUNS})\b", re.IGNORECASE)
ALLOWED = 0.02


def docstrings_in(source):
    """Docstrings of the module, its classes and functions, and of attributes: strings that follow an assignment."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if docstring := ast.get_docstring(node):
                yield docstring
            for before, statement in zip(node.body, node.body[1:], strict=False):
                if isinstance(before, ast.Assign | ast.AnnAssign) and (text := _string(statement)):
                    yield text


def _string(statement):
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return statement.value.value if isinstance(statement.value.value, str) else None
    return None


def is_vague(docstring):
    return bool(VAGUE.search(docstring))


@pytest.mark.parametrize(
    "docstring",
    [
        "Whoever waits for the lease is not told of what others do.",
        "The queue of a standby. Nobody reads it.",
        'A form. ("Like that.") What it asks for depends on the version.',
        "The lease.\n\nThose who wait for it ask every second.",
        "The lease of the leader; nobody else has it.",
    ],
)
def test_a_pronoun_as_a_subject_is_found(docstring):
    assert is_vague(docstring)


@pytest.mark.parametrize(
    "docstring",
    [
        "A standby unbinds its queue: decoding every message would cost as much as processing it.",
        "Whether the lease is held. Whatsoever.",
        "The actor, who is a customer or a manager.",
    ],
)
def test_a_thing_as_a_subject_is_not(docstring):
    assert not is_vague(docstring)


def test_docstrings_of_attributes_count():
    source = 'class Lease:\n    """A."""\n\n    holder: str\n    """B."""\n    until = 0\n    """C."""'

    assert sorted(docstrings_in(source)) == ["A.", "B.", "C."]


@pytest.mark.parametrize("folders", [PRODUCTION, TESTS], ids=["production", "tests"])
def test_sentences_in_docstrings_have_things_as_subjects(folders):
    code = [path for folder in folders for path in ROOT.glob(f"{folder}/**/*.py")]
    found = {path: [*docstrings_in(path.read_text())] for path in code}
    vague = Counter({str(path.relative_to(ROOT)): sum(map(is_vague, texts)) for path, texts in found.items()})

    share = vague.total() / sum(map(len, found.values()))

    assert share <= ALLOWED, f"{share:.1%} of the docstrings; most in {vague.most_common(20)}"
