"""The bad network of `shop chaos` understands AMQP well enough to harm messages, and nothing else."""

import struct
from collections import deque
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from tools.chaos.frames import (
    ACK,
    BODY,
    CHANNEL_CLOSE,
    CONFIRM_SELECT,
    HEADER,
    METHOD,
    PUBLISH,
    Fate,
    Frame,
    FrameLine,
    frames,
)

some_frames = st.lists(st.builds(Frame, st.integers(1, 8), st.integers(0, 0xFFFF), st.binary(max_size=40)), max_size=8)
fates = st.lists(st.sampled_from(Fate), max_size=12)


def method(number: tuple[int, int], rest: bytes = b"", channel: int = 1) -> Frame:
    return Frame(METHOD, channel, struct.pack(">HH", *number) + rest)


def message(body: bytes, channel: int = 1) -> Iterator[Frame]:
    """In bodies of two bytes each."""
    yield method(PUBLISH, channel=channel)
    yield Frame(HEADER, channel, struct.pack(">HHQ", 60, 0, len(body)))
    yield from (Frame(BODY, channel, body[at : at + 2]) for at in range(0, len(body), 2))


class Wire:
    """A line, with what came out of it on either side, and what is still to come."""

    def __init__(self, fates: list[Fate]) -> None:
        self.fates = deque(fates)
        self._to_broker, self._to_client = bytearray(), bytearray()
        self.late: list = []
        self.line = FrameLine(
            fate=self.fates.popleft,
            to_broker=self._to_broker.extend,
            to_client=self._to_client.extend,
            later=self.late.append,
        )

    @property
    def at_broker(self) -> list[Frame]:
        """Bodies, taken out."""
        return [frame for frame in frames(self._to_broker) if frame.kind == BODY]

    @property
    def acks(self) -> list[tuple[int, bool]]:
        """Acknowledgements to the client: up to which number, and whether of all before as well."""
        told = [frame for frame in frames(self._to_client) if frame.method == ACK]
        return [(tag, bool(bits)) for tag, bits in (struct.unpack_from(">QB", frame.payload, 4) for frame in told)]

    def publish(self, body: bytes) -> None:
        for frame in message(body):
            self.line.from_client(frame)


@given(some_frames, st.integers(1, 20))
def test_frames_are_found_however_the_bytes_come(wanted, size):
    raw = b"".join(frame.raw for frame in wanted)
    buffer, found = bytearray(), []

    for at in range(0, len(raw), size):
        buffer += raw[at : at + size]
        found += frames(buffer)

    assert found == wanted
    assert not buffer


@given(fates)
def test_each_message_meets_its_fate(chosen):
    wire = Wire(chosen)

    for number in range(len(chosen)):
        wire.publish(bytes([number]))
    at_once = [frame.payload[0] for frame in wire.at_broker]
    for send in wire.late:
        send()
    later = [frame.payload[0] for frame in wire.at_broker]

    copies = {Fate.ARRIVES: 1, Fate.DOUBLED: 2, Fate.DROPPED: 0, Fate.DELAYED: 0}
    assert at_once == [number for number, fate in enumerate(chosen) for _ in range(copies[fate])]
    assert later == [number for number, fate in enumerate(chosen) if fate is Fate.DELAYED]


@given(fates, st.booleans(), st.data())
def test_who_wants_confirms_gets_one_of_each_message_and_by_its_own_number(chosen, multiple, data):
    wire = Wire(chosen)
    wire.line.from_client(method(CONFIRM_SELECT))
    confirmed: set[int] = set()
    at_broker = acked = 0

    for number in range(len(chosen)):
        wire.publish(bytes([number]))
        at_broker += len(wire.at_broker)
        told = wire.acks
        while acked < at_broker and (multiple or data.draw(st.booleans())):
            acked = at_broker if multiple else acked + 1
            wire.line.from_broker(method(ACK, struct.pack(">QB", acked, multiple)))
        told += wire.acks
        for tag, _ in told:
            assert 1 <= tag <= number + 1
            confirmed |= set(range(1, tag + 1)) if multiple else {tag}
    while acked < at_broker:
        acked += 1
        wire.line.from_broker(method(ACK, struct.pack(">QB", acked, 0)))
        confirmed |= {tag for tag, _ in wire.acks}

    assert confirmed == set(range(1, len(chosen) + 1))


def test_a_delayed_message_is_not_sent_on_a_channel_that_is_closed():
    wire = Wire([Fate.DELAYED])
    wire.publish(b"x")
    wire.line.from_client(method(CHANNEL_CLOSE))

    wire.late[0]()

    assert wire.at_broker == []


def test_messages_of_two_channels_may_come_in_turns():
    wire = Wire([Fate.ARRIVES, Fate.ARRIVES])

    for one, other in zip(message(b"ab", channel=1), message(b"cd", channel=2), strict=True):
        wire.line.from_client(one)
        wire.line.from_client(other)

    assert [(frame.channel, frame.payload) for frame in wire.at_broker] == [(1, b"ab"), (2, b"cd")]


def test_all_else_passes():
    wire = Wire([])
    deliver, ours = method((60, 60), b"tag"), method(ACK, struct.pack(">QB", 7, 0))

    wire.line.from_client(ours)  # a consumer's, of what it was given
    wire.line.from_broker(deliver)

    assert list(frames(wire._to_broker)) == [ours]
    assert list(frames(wire._to_client)) == [deliver]
