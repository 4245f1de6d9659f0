"""Exchanges: map routing keys to queues."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from amqp.exceptions import InvalidCommand

from shop.messaging.embedded.queues import Queue

KINDS = frozenset({"direct", "topic", "fanout"})


@dataclass(frozen=True)
class ExchangeSettings:
    """Arguments of an exchange's declaration; another declaration must be equal.

    Raises:
        InvalidCommand: unknown type of exchange.
    """

    kind: str = "direct"
    durable: bool = False
    auto_delete: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidCommand(f"COMMAND_INVALID - unknown exchange type {self.kind!r}", (40, 10))


class Exchange:
    """Binding keys with their queues."""

    def __init__(self, name: str, settings: ExchangeSettings) -> None:
        self.name = name
        self.settings = settings
        self.bindings: dict[str, dict[Queue, None]] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}

    def bind(self, queue: Queue, key: str) -> None:
        self.bindings.setdefault(key, {})[queue] = None
        if self.settings.kind == "topic" and _has_wildcard(key):
            self._patterns[key] = topic_pattern(key)

    def unbind(self, queue: Queue, key: str) -> None:
        bound = self.bindings.get(key, {})
        bound.pop(queue, None)
        if not bound:
            self.bindings.pop(key, None)
            self._patterns.pop(key, None)

    def forget(self, queue: Queue) -> bool:
        """Unbind a deleted queue; returns whether it was bound here."""
        keys = [key for key, queues in self.bindings.items() if queue in queues]
        for key in keys:
            self.unbind(queue, key)
        return bool(keys)

    def route(self, routing_key: str) -> Iterable[Queue]:
        """Queues for a message, each once even if several of its bindings match."""
        if self.settings.kind == "fanout":
            return self._queues_of(self.bindings)
        if not self._patterns:
            return tuple(self.bindings.get(routing_key, ()))
        matching = [key for key, pattern in self._patterns.items() if pattern.fullmatch(f".{routing_key}")]
        if not _has_wildcard(routing_key):
            matching.append(routing_key)
        return self._queues_of(matching)

    def _queues_of(self, keys: Iterable[str]) -> dict[Queue, None]:
        return {queue: None for key in keys for queue in self.bindings.get(key, ())}


def topic_pattern(key: str) -> re.Pattern[str]:
    """Compile a topic binding key: `*` stands for one word, `#` for any number of words, none included.

    Returns:
        a pattern for a routing key with a dot put in front, so that every word has one.
    """
    words = {"*": r"\.[^.]*", "#": r"(?:\.[^.]*)*"}
    return re.compile("".join(words.get(word, rf"\.{re.escape(word)}") for word in key.split(".")))


def _has_wildcard(key: str) -> bool:
    return any(word in ("*", "#") for word in key.split("."))
