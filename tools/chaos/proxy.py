"""A faulty network between the shop and its broker, as a process: `python -m tools.chaos.proxy BROKER_PORT SEED`.

It prints its port and forwards all data unchanged. From the first line on its input to the second it disturbs the
traffic; then it prints the number of faults as JSON.
"""

import asyncio
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial

from tools.chaos.frames import Fate, Frame, FrameLine, frames

ODDS = {Fate.DROPPED: 0.002, Fate.DOUBLED: 0.01, Fate.DELAYED: 0.01}
"""Probability per message. A dropped request makes its caller wait for the whole timeout, so a few suffice."""

LONGEST_DELAY = 2.0
SECONDS_BETWEEN_CUTS = (2.0, 6.0)
PROTOCOL_HEADER = 8
READ_AT_ONCE = 64 * 1024


class Proxy:
    """Forwards connections to the broker."""

    def __init__(self, broker_port: int, seed: int) -> None:
        self._broker_port = broker_port
        self._chance = random.Random(seed)
        self._writers: list[asyncio.StreamWriter] = []
        self._calm = True
        self.done: Counter[str] = Counter()

    async def serve(self) -> None:
        """Return when the input ends."""
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        cutting = asyncio.create_task(self._cut_again_and_again())
        if await asyncio.to_thread(sys.stdin.readline):
            self._calm = False
        if await asyncio.to_thread(sys.stdin.readline):
            self._calm = True
            print(json.dumps(self.done), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        cutting.cancel()
        server.close()

    def _fate(self) -> Fate:
        if self._calm:
            return Fate.ARRIVES
        (fate,) = self._chance.choices([*ODDS, Fate.ARRIVES], [*ODDS.values(), 1.0 - sum(ODDS.values())])
        self.done[fate] += 1
        return fate

    def _later(self, work: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(self._chance.uniform(0.0, LONGEST_DELAY), work)

    async def _cut_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(self._chance.uniform(*SECONDS_BETWEEN_CUTS))
            if self._writers and not self._calm:
                self.done["cut"] += 1
                self._chance.choice(self._writers).transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            from_broker, to_broker = await asyncio.open_connection("127.0.0.1", self._broker_port)
        except OSError:
            writer.transport.abort()
            return
        line = FrameLine(
            fate=self._fate,
            to_broker=partial(_write, to_broker),
            to_client=partial(_write, writer),
            later=self._later,
        )
        self._writers.append(writer)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_pump(reader, to_broker, line.from_client, greets=True))
                tasks.create_task(_pump(from_broker, writer, line.from_broker, greets=False))
        except* OSError:
            pass
        finally:
            self._writers.remove(writer)
            writer.transport.abort()
            to_broker.transport.abort()


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, take: Callable[[Frame], None], *, greets: bool
) -> None:
    """Forward frame by frame. Raises: OSError, at the end of the stream."""
    if greets:
        _write(writer, await _exactly(reader, PROTOCOL_HEADER))
    buffer = bytearray()
    while received := await reader.read(READ_AT_ONCE):
        buffer += received
        if buffer.startswith(b"AMQP"):  # the broker's answer to an unsupported protocol version
            _write(writer, bytes(buffer))
            break
        for frame in frames(buffer):
            take(frame)
        await writer.drain()
    raise ConnectionResetError


async def _exactly(reader: asyncio.StreamReader, size: int) -> bytes:
    try:
        return await reader.readexactly(size)
    except asyncio.IncompleteReadError as error:
        raise ConnectionResetError from error


def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    if not writer.transport.is_closing():
        writer.write(data)


if __name__ == "__main__":
    try:
        asyncio.run(Proxy(int(sys.argv[1]), int(sys.argv[2])).serve())
    except BrokenPipeError:
        # The parent process is gone. Python would flush again at exit, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
