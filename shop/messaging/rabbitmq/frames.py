"""The frames that AMQP 0-9-1 is made of: https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, section 4.2."""

import struct

from amqp.exceptions import UnexpectedFrame

FRAME_END = 0xCE

_HEADER = struct.Struct(">BHI")
"""Type, channel, and the payload's size; the payload and one byte at the end come after it."""


def frame_at(buffer: bytes | bytearray, start: int) -> tuple[int, int, bytes, int] | None:
    """Type, channel and payload of the frame that begins there, and where it ends; None where some of it is missing.

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
