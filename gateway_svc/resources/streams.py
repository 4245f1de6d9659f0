"""/v1/streams: the events of a stream, and its past states."""

import re

from gateway_svc import schemas, shapes
from gateway_svc.calls import Call
from gateway_svc.clients import Clients
from gateway_svc.routes import Access, Answer, route
from shop.contracts.errors import InvalidRequest, UnknownStream
from shop.contracts.names import KINDS_OF_STREAMS, kind_of_stream
from shop.contracts.views import Listed, StateView
from shop.contracts.wire import SeenEvent

ONE = "/v1/streams/<stream>"
NAME = re.compile(r"[a-z-]+-[A-Za-z0-9._-]{1,64}", re.ASCII)


class StreamRoutes(Clients):
    @route(
        "GET",
        ONE,
        access=Access.MANAGER,
        query=schemas.StreamQuery,
        answer=Answer(shape=shapes.StreamEvent, many=True),
        refusals=[UnknownStream],
    )
    def list_events(self, call: Call, stream: str) -> Listed[SeenEvent]:
        """List the events of a stream, oldest first. `next` is the version of the last one on the page."""
        name, after, limit = _known_form(stream), call.query["after"], call.query["limit"]
        found = self.event_store.read_streams([(name, after)])["streams"][name]
        if not found["version"]:
            raise UnknownStream(name)
        items = found["events"][:limit]
        reached = items[-1]["version"] if items else after
        return {"items": items, "next": str(reached) if reached < found["version"] else None}

    @route(
        "GET",
        f"{ONE}/state",
        access=Access.MANAGER,
        query=schemas.StateQuery,
        answer=Answer(shape=shapes.StreamState),
        refusals=[UnknownStream, InvalidRequest],
    )
    def get_state(self, call: Call, stream: str) -> StateView:
        """Get a stream's state after a number of events, or at a time.

        Passwords and clock repairs have no visible state.
        """
        name = _known_form(stream)
        owner = self.followers().get(KINDS_OF_STREAMS[kind_of_stream(name) or ""])
        if owner is None:
            raise UnknownStream(name)
        return owner.state_at(name, version=call.query.get("version"), at=call.query.get("at"))


def _known_form(stream: str) -> str:
    """Raises: UnknownStream, for a text that cannot be a stream's name."""
    name = stream.casefold()
    if not NAME.fullmatch(stream) or not kind_of_stream(name):
        raise UnknownStream(stream)
    return name
