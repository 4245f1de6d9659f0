"""The shapes that the log takes as a commit."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from event_store_svc.domain import Proposal
from event_store_svc.schemas import COMMIT, is_commit, load_proposal
from shop.contracts.errors import InvalidCommit

WELL_FORMED = {
    "command_id": "place:1",
    "fingerprint": None,
    "events": [{"stream": "order-1", "type": "OrderPlaced", "data": {"total": 5}}],
    "expects": {"order-1": 0},
    "meta": {"correlation_id": "1", "causation": 0, "actor": "ann", "service": "orders"},
}
PLACES: list[tuple[Any, ...]] = [
    (),
    *((name,) for name in WELL_FORMED),
    ("more",),
    ("events", 0),
    *(("events", 0, name) for name in ("stream", "type", "data", "more")),
    *(("expects", name) for name in ("order-1", "", "x" * 201, "nul\0", "order-2")),
    *(("meta", name) for name in (*WELL_FORMED["meta"], "more")),
]
VALUES = [
    *("", "text", "nul\0", "x" * 129, "x" * 201, "x" * 501, None, True, 0, 1, -1, 1.0, 2**53, 2**53 + 1),
    *({}, {"order-1": 3}, [], ["text"], [{}], WELL_FORMED["events"] * 2, WELL_FORMED["meta"], WELL_FORMED),
]


def with_change(place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    changed = deepcopy(WELL_FORMED)
    inner: Any = changed
    for step in place[:-1]:
        inner = inner[step]
    if value is ...:
        inner.pop(place[-1], None)
    else:
        inner[place[-1]] = value
    return changed


def schema_takes(wire: Any) -> bool:
    try:
        COMMIT.load(wire)
    except ValidationError:
        return False
    return True


@given(place=st.sampled_from(PLACES), value=st.sampled_from([*VALUES, ...]))
def test_the_short_check_takes_what_the_schema_takes(place, value):
    if place == ("events", 0) and value is ...:
        value = None
    wire = with_change(place, value)
    assert is_commit(wire) == schema_takes(wire)


def test_what_is_taken_is_what_was_sent():
    assert is_commit(WELL_FORMED)
    assert load_proposal(WELL_FORMED) == Proposal(**WELL_FORMED)


@pytest.mark.parametrize(
    ("place", "named"), [(("command_id",), "command_id"), (("meta", "actor"), "actor"), (("events",), "events")]
)
def test_the_refusal_names_the_field(place, named):
    with pytest.raises(InvalidCommit, match=named):
        load_proposal(with_change(place, 5))
