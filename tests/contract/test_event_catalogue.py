"""The catalogue of events says what the code does, and what is on the bus is what it says."""

import ast
import dataclasses
import json
import typing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import UUID

import jsonschema_rs
import pytest

from event_store_svc.announcer import News
from event_store_svc.domain import AppendCall, KnownLog, Tail, plan
from event_store_svc.encoding import encode
from event_store_svc.schemas import load_proposal
from shop.contracts import catalogue
from shop.contracts.commits import Commit
from shop.contracts.events import Event, PasswordSet, Reason, Role
from shop.contracts.money import Money
from shop.contracts.names import Service

ROOT = Path(__file__).parents[2]
EVENTS = [event for group in catalogue.events_by_stream().values() for event in group]
FOLDERS = {
    Service.CUSTOMERS: "customer_svc",
    Service.PRODUCTS: "product_svc",
    Service.ORDERS: "order_svc",
    Service.ACCOUNTING: "accounting_svc",
    Service.EVENT_STORE: "event_store_svc",
}
VALUES = {
    str: "a text",
    int: 3,
    bool: True,
    UUID: UUID("0b1c8f2e-6a55-5d61-9c5b-111111111111"),
    datetime: datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    Money: Money(1998, "EUR"),
    Role: Role.CUSTOMER,
    Reason: Reason.OUT_OF_STOCK,
}


def some(hint, *, optional):
    """A value of the type that a field has; with `optional`, also where there could be none."""
    if hint in VALUES:
        return VALUES[hint]
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return hint(**{field.name: some(hints[field.name], optional=optional) for field in dataclasses.fields(hint)})
    if typing.get_origin(hint) is tuple:
        return (some(typing.get_args(hint)[0], optional=optional),) * 2
    return some(typing.get_args(hint)[0], optional=optional) if optional else None


def published(event):
    """The message that tells of a commit with this event alone, as JSON makes it arrive."""
    commit = Commit(
        command_id="once",
        events=(event,),
        expects={event.stream: 0},
        correlation_id="this",
        actor="customer:ada",
        service="any",
    )
    nothing = KnownLog(Tail.of_empty("log"), {}, {}, {})
    planned = plan([AppendCall([load_proposal(commit.dump())])], nothing, now="2026-11-23T09:30:00.123Z", encode=encode)
    return json.loads(json.dumps(News.of(planned.links).dump("log")))


@cache
def document():
    return json.loads((ROOT / "docs/asyncapi.json").read_text())


@cache
def validator_of(schema):
    root = {"$ref": f"#/components/schemas/{schema}", "components": document()["components"]}
    return jsonschema_rs.validator_for(root, validate_formats=True)


def events_made_in(folder):
    """Names of the events that the code of a service makes."""
    trees = [ast.parse(path.read_text()) for path in sorted((ROOT / folder).rglob("*.py"))]
    calls = [node.func for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {call.id for call in calls if isinstance(call, ast.Name)} & Event.TYPES.keys()


@pytest.mark.parametrize("name", ["events.md", "asyncapi.json"])
def test_the_catalogue_in_docs_is_that_of_the_code(name, tmp_path):
    catalogue.write(tmp_path)

    assert (tmp_path / name).read_text() == (ROOT / "docs" / name).read_text(), "python -m shop.contracts.catalogue"


@pytest.mark.parametrize("service", FOLDERS)
def test_a_service_makes_the_events_that_the_catalogue_says_it_writes_and_no_others(service):
    patterns = [pattern for pattern, (writer, _) in catalogue.STREAMS.items() if writer is service]
    groups = catalogue.events_by_stream()

    made = events_made_in(FOLDERS[service])

    assert made == {event.__name__ for pattern in patterns for event in groups[pattern]}


@pytest.mark.parametrize("optional", [True, False], ids=["complete", "sparse"])
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_what_is_published_about_an_event_fits_its_schema(event, optional):
    message = published(some(event, optional=optional))

    validator_of("Committed").validate(message)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_an_event_without_one_of_its_fields_does_not_fit(event):
    wire = some(event, optional=True).dump()
    schema = document()["components"]["schemas"][event.__name__]

    fits = [
        missing
        for missing in schema["required"]
        if validator_of(event.__name__).is_valid({name: value for name, value in wire.items() if name != missing})
    ]

    assert fits == []


def test_an_event_under_another_name_does_not_fit():
    message = published(PasswordSet(username="ada", password_hash="secret"))
    message["commits"][0]["events"][0]["type"] = "OrderShipped"

    assert not validator_of("Committed").is_valid(message)
