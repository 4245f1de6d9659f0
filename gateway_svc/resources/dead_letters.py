"""/v1/dead-letters: events that a service could not handle, and their retries."""

import ast
import re

from gateway_svc import schemas, shapes
from gateway_svc.calls import Call
from gateway_svc.paging import page_by_key
from gateway_svc.routes import Access, Answer, route
from shop.contracts.api import EventStoreApi
from shop.contracts.errors import UnknownDeadLetter
from shop.contracts.views import Listed
from shop.contracts.wire import KeptLetter, Wire
from shop.messaging.rpc_client import rpc_client

LONGEST_ERROR = 500
EXCEPTION = re.compile(r"[\w.]+\((.*)\)", re.DOTALL)


class DeadLetterRoutes:
    event_store: EventStoreApi = rpc_client(EventStoreApi)

    @route(
        "GET",
        "/v1/dead-letters",
        access=Access.MANAGER,
        query=schemas.Page,
        answer=Answer(shape=shapes.DeadLetter, many=True),
    )
    def list_dead_letters(self, call: Call) -> Listed[Wire]:
        """List dead letters, oldest first: events that a service failed to process."""
        letters = [_shown(letter) for letter in self.event_store.dead_letters()]
        return page_by_key(letters, lambda one: (f"{one['position']:015}", f"{one['id']:015}"), **call.query)

    @route(
        "POST",
        "/v1/dead-letters/<letter_id>/retry",
        access=Access.MANAGER,
        answer=Answer(status=202, shape=shapes.DeadLetter),
        refusals=[UnknownDeadLetter],
    )
    def retry_dead_letter(self, _call: Call, letter_id: str) -> Wire:
        """Retry a dead letter and all later ones of the same order, in order."""
        found = [letter for letter in self.event_store.dead_letters() if str(letter["id"]) == letter_id]
        if not found:
            raise UnknownDeadLetter(letter_id)
        self.event_store.retry_dead_letter(letter_id)
        return _shown({**found[0], "state": "retrying"})


def _shown(letter: KeptLetter) -> Wire:
    return {
        "id": letter["id"],
        "service": letter["subscription"],
        "position": letter["position"],
        "correlation_id": letter["correlation_id"],
        "reaction": letter["reaction"],
        "error": error_text(letter["error"]),
        "attempts": letter["attempts"],
        "at": letter["at"],
        "state": letter["state"],
    }


def error_text(kept: str) -> str:
    """The message of an exception, without its class name and the SQL that drivers append.

    Args:
        kept: `repr` of an exception, or a sentence.
    """
    exception = EXCEPTION.fullmatch(kept)
    text = _arguments(exception[1]) if exception else kept
    first_line = text.split("[SQL:")[0].strip().partition("\n")[0]
    return re.sub(r"^\((?:\w+\.)+\w+\)\s*", "", first_line)[:LONGEST_ERROR] or "No error message."


def _arguments(text: str) -> str:
    try:
        values = ast.literal_eval(f"({text},)") if text else ()
    except (SyntaxError, ValueError):
        return "No error message."
    return ", ".join(map(str, values))
