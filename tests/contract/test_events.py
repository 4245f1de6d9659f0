"""An event that is in the log once must be read for ever: one golden file per event, as it was first written.

A golden file is never edited. A new field of an event gets a default, so that the old file still loads; a new event
gets an example and a file of its own.
"""

import json
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from shop.contracts.events import Event, load_event
from tests.contract.support.examples import EXAMPLES

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(name for name in Event.TYPES if not name.startswith("_"))
EXAMPLE_OF = {type(event).__name__: event for event in EXAMPLES}


def golden(name: str) -> dict[str, Any]:
    """`{stream, type, data}`, as a commit holds the event."""
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def fields_of(name: str, *, required: bool) -> set[str]:
    event: Any = Event.TYPES[name]
    return {
        field.name
        for field in fields(event)
        if (field.default is MISSING and field.default_factory is MISSING) == required
    }


def test_every_event_has_one_example_and_one_golden_file():
    assert sorted(EXAMPLE_OF) == NAMES
    assert len(EXAMPLES) == len(NAMES)
    assert sorted(path.name for path in GOLDEN.iterdir()) == [f"{name}.json" for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_an_event_written_once_is_read_for_ever(name):
    kept = golden(name)

    event = load_event(kept["type"], kept["data"])

    assert event == EXAMPLE_OF[name]
    assert (event.stream, type(event).__name__) == (kept["stream"], name)


@pytest.mark.parametrize("name", NAMES)
def test_an_event_is_still_written_as_it_was(name):
    kept = golden(name)["data"]

    written = json.loads(json.dumps(EXAMPLE_OF[name].dump()))

    assert {field: written[field] for field in kept} == kept
    assert set(written) - set(kept) <= fields_of(name, required=False), "fields that came later"


@pytest.mark.parametrize("name", NAMES)
def test_an_event_from_before_a_field_with_a_default_is_read(name):
    optional = fields_of(name, required=False)
    older = {field: value for field, value in golden(name)["data"].items() if field not in optional}

    event = load_event(name, older)

    assert {field.name: field.default for field in fields(Event.TYPES[name]) if field.name in optional} == {
        field: getattr(event, field) for field in optional
    }


@pytest.mark.parametrize("name", NAMES)
def test_fields_of_a_newer_writer_are_ignored(name):
    kept = golden(name)["data"]

    assert load_event(name, kept | {"from_next_year": {"deep": [1]}}) == EXAMPLE_OF[name]


@pytest.mark.parametrize("name", NAMES)
def test_an_event_without_a_required_field_is_refused(name):
    kept = golden(name)["data"]

    for missing in fields_of(name, required=True):
        with pytest.raises(TypeError, match=missing):
            load_event(name, {field: value for field, value in kept.items() if field != missing})


@pytest.mark.parametrize("name", NAMES)
def test_an_event_with_a_value_of_another_kind_is_refused(name):
    kept = golden(name)["data"]

    for field in kept:
        with pytest.raises((TypeError, ValueError)):
            load_event(name, kept | {field: {"an": "object of no kind"}})
