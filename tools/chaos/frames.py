"""Frames of AMQP 0-9-1, parsed as far as needed to drop, duplicate and delay messages.

Terms as in the specification: a message is a method frame (`basic.publish`), a header frame with the size of the body,
and frames with the body. https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, section 4.2.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from shop.messaging.rabbitmq.frames import FRAME_END, frame_at

METHOD, HEADER, BODY = 1, 2, 3

CHANNEL_OPEN, CHANNEL_CLOSE = (20, 10), (20, 40)
PUBLISH, ACK, NACK = (60, 40), (60, 80), (60, 120)
CONFIRM_SELECT = (85, 10)

Write = Callable[[bytes], None]


@dataclass(frozen=True)
class Frame:
    """One frame with its payload."""

    kind: int
    channel: int
    payload: bytes

    @property
    def raw(self) -> bytes:
        return struct.pack(">BHI", self.kind, self.channel, len(self.payload)) + self.payload + bytes([FRAME_END])

    @property
    def method(self) -> tuple[int, int]:
        """Ids of class and method; (0, 0) if this is no method frame."""
        return struct.unpack_from(">HH", self.payload) if self.kind == METHOD else (0, 0)

    @property
    def body_size(self) -> int:
        """Size of the message's body in bytes, from a header frame."""
        size: int = struct.unpack_from(">Q", self.payload, 4)[0]
        return size


def frames(buffer: bytearray) -> Iterator[Frame]:
    """Take the frames that are complete from the front of the buffer."""
    while (found := frame_at(buffer, 0)) is not None:
        kind, channel, payload, end = found
        del buffer[:end]
        yield Frame(kind, channel, payload)


class Fate(StrEnum):
    """The treatment of a message."""

    ARRIVES = "arrives"
    DROPPED = "dropped"
    DOUBLED = "doubled"
    DELAYED = "delayed"


@dataclass
class _Channel:
    """Delivery tags of a channel. With publisher confirms, the publisher counts sent messages, the broker received
    ones.

    `owners`: from the broker's tag to the publisher's; None for a duplicate that the publisher knows nothing of.
    """

    confirming: bool = False
    closed: bool = False
    sent: int = 0
    forwarded: int = 0
    owners: dict[int, int | None] = field(default_factory=dict)
    message: list[Frame] = field(default_factory=list)
    body_left: int = 0


class FrameLine:
    """One connection between a client and the broker, which drops, duplicates and delays messages to the broker.

    Every message is confirmed to the client, also the dropped ones: the shop must not rely on publisher confirms alone.

    Args:
        fate: of the next message.
        later: runs a function after a delay.
    """

    def __init__(
        self,
        *,
        fate: Callable[[], Fate],
        to_broker: Write,
        to_client: Write,
        later: Callable[[Callable[[], None]], None],
    ) -> None:
        self._fate = fate
        self._to_broker = to_broker
        self._to_client = to_client
        self._later = later
        self._channels: dict[int, _Channel] = {}

    def from_client(self, frame: Frame) -> None:
        channel = self._channels.setdefault(frame.channel, _Channel())
        if frame.method == PUBLISH or channel.message:
            self._collect(frame, channel)
            return
        if frame.method == CONFIRM_SELECT:
            channel.confirming = True
        elif frame.method in (CHANNEL_OPEN, CHANNEL_CLOSE):
            self._forget(frame.channel)
        self._to_broker(frame.raw)

    def from_broker(self, frame: Frame) -> None:
        if frame.method in (ACK, NACK) and frame.channel in self._channels:
            self._confirmed(frame, self._channels[frame.channel])
            return
        if frame.method == CHANNEL_CLOSE:
            self._forget(frame.channel)
        self._to_client(frame.raw)

    def _forget(self, number: int) -> None:
        if number in self._channels:
            self._channels.pop(number).closed = True

    def _collect(self, frame: Frame, channel: _Channel) -> None:
        channel.message.append(frame)
        if frame.kind == METHOD:
            return
        channel.body_left = frame.body_size if frame.kind == HEADER else channel.body_left - len(frame.payload)
        if channel.body_left <= 0:
            message, channel.message = channel.message, []
            self._publish(frame.channel, channel, b"".join(part.raw for part in message))

    def _publish(self, number: int, channel: _Channel, message: bytes) -> None:
        channel.sent += 1
        fate = self._fate()
        if fate in (Fate.ARRIVES, Fate.DOUBLED):
            self._forward(channel, message, channel.sent)
        elif channel.confirming:
            self._to_client(Frame(METHOD, number, struct.pack(">HHQB", *ACK, channel.sent, 0)).raw)
        if fate is Fate.DOUBLED:
            self._forward(channel, message, None)
        elif fate is Fate.DELAYED:
            self._later(lambda: self._forward(channel, message, None))

    def _forward(self, channel: _Channel, message: bytes, owner: int | None) -> None:
        if channel.closed:
            return
        if channel.confirming:
            channel.forwarded += 1
            channel.owners[channel.forwarded] = owner
        self._to_broker(message)

    def _confirmed(self, frame: Frame, channel: _Channel) -> None:
        """Confirm the message under the publisher's own tag, if the publisher knows of it."""
        tag, bits = struct.unpack_from(">QB", frame.payload, 4)
        multiple = bits & 1
        told = [number for number in channel.owners if number == tag or (multiple and number < tag)]
        owned = [owner for owner in map(channel.owners.pop, told) if owner is not None]
        if owned:
            self._to_client(Frame(METHOD, frame.channel, struct.pack(">HHQB", *frame.method, max(owned), bits)).raw)
