"""Frames of AMQP 0-9-1: https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, section 4.2."""

import struct

from amqp.exceptions import UnexpectedFrame

FRAME_END = 0xCE

_HEADER = struct.Struct(">BHI")
"""Type, channel, and size of the payload, which is followed by an end byte."""


def frame_at(buffer: bytes | bytearray, start: int) -> tuple[int, int, bytes, int] | None:
    """Type, channel and payload of the frame that begins at `start`, and its end; None for an incomplete frame.

    Raises: UnexpectedFrame.
    """
    begin = start + _HEADER.size
    if len(buffer) < begin:
        return None
    kind, channel, size = _HEADER.unpack_from(buffer, start)
    end = begin + size
    if len(buffer) <= end:
        return None
    if buffer[end] != FRAME_END:
        raise UnexpectedFrame(f"A frame ends with {buffer[end]:#x}.")
    return kind, channel, bytes(buffer[begin:end]), end + 1
