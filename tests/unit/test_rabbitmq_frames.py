"""Frames of AMQP, however the network cuts them."""

import struct
from typing import Any

import pytest
from amqp.exceptions import UnexpectedFrame
from hypothesis import given
from hypothesis import strategies as st

from shop.messaging.rabbitmq.frames import FRAME_END
from shop.messaging.rabbitmq.transport import BufferedSocket

FRAMES = st.lists(st.tuples(st.sampled_from([1, 2, 3, 8]), st.integers(0, 65535), st.binary(max_size=300)), max_size=20)


def socket_with(pieces: list[bytes | Exception]) -> BufferedSocket:
    """One that these come from, one at a time."""
    left = list(pieces)

    def receive(_: int) -> bytes:
        piece = left.pop(0) if left else b""
        if isinstance(piece, Exception):
            raise piece
        return piece

    connection = BufferedSocket("127.0.0.1")
    connection.connected = True
    connection._read_at = 0
    connection._quick_recv = receive
    return connection


def on_the_wire(kind: int, channel: int, payload: bytes, end: int = FRAME_END) -> bytes:
    return struct.pack(">BHI", kind, channel, len(payload)) + payload + bytes([end])


@given(frames=FRAMES, data=st.data())
def test_whatever_the_pieces_the_frames_are_the_same(frames: list[Any], data: st.DataObject) -> None:
    stream = b"".join(on_the_wire(*frame) for frame in frames)
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(stream) - 1)), max_size=30)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    came = [piece for piece in pieces if piece]
    patience: list[bytes | Exception] = [part for piece in came for part in (TimeoutError(), piece)]
    connection = socket_with(patience)

    found = []
    while len(found) < len(frames):
        try:
            found.append(connection.read_frame())
        except TimeoutError:  # what had come until then is kept
            continue

    assert found == frames
    assert connection.connected


def test_the_end_of_the_connection_is_an_error() -> None:
    connection = socket_with([on_the_wire(1, 1, b"whole"), on_the_wire(1, 1, b"half")[:6]])
    assert connection.read_frame() == (1, 1, b"whole")

    with pytest.raises(OSError, match="closed"):
        connection.read_frame()

    assert not connection.connected


def test_a_frame_that_ends_with_something_else_is_an_error() -> None:
    with pytest.raises(UnexpectedFrame, match="0x0"):
        socket_with([on_the_wire(1, 1, b"payload", end=0)]).read_frame()
