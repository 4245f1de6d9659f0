"""One process of the shop, restarted whenever it ends."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from shop_cli.refusal import Refusal
from shop_cli.supervision.judgement import Patience, ProcessPulse
from shop_cli.supervision.output import Output

READ_AT_ONCE = 64 * 1024
LONGEST_LINE = 1024 * 1024


class Child:
    """A supervised process and its successors.

    Args:
        name: prefix of its lines of output.
        command: the command to run; the file descriptor of the heartbeat pipe is appended.
        inherited: file descriptors that the process inherits.
    """

    def __init__(self, name: str, command: Sequence[str], output: Output, inherited: Sequence[int] = ()) -> None:
        self.name = name
        self.pulse = ProcessPulse(time.monotonic())
        self._command = command
        self._output = output
        self._inherited = inherited
        self._patience = Patience()
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._killed_for = ""
        self._was_replaced = False
        self._last_line = b""
        self.refusal = ""
        """Why the process cannot work with its configuration: its last output, if it ended with the exit code of a
        refusal.
        """

    @property
    def is_running(self) -> bool:
        """Whether a process runs that has not been asked to stop."""
        return self._process is not None and not self._stopping.is_set() and not self._killed_for

    async def keep_running(self) -> None:
        """Return after a requested stop, or at once when the process refuses its configuration."""
        while not self._stopping.is_set():
            self.pulse = ProcessPulse(time.monotonic())
            try:
                ending = await self._run_once()
            except OSError as error:
                ending = f"could not be started: {error}"
            if self.refusal:
                return
            if not self._stopping.is_set():
                await self._wait_after(ending)

    def stop(self) -> None:
        """Ask the process to finish its work and end, without a restart."""
        self._stopping.set()
        self._send(signal.SIGTERM)

    def kill(self, why: str) -> None:
        """Kill the process."""
        self._killed_for = why
        self._send(signal.SIGKILL)

    async def _wait_after(self, ending: str) -> None:
        delay = self._patience.delay(self.pulse.healthy)
        self._output.say(f"{self._killed_for or ending}; starts again in {delay:g} s", self.name, "warning")
        self._killed_for = ""
        self._was_replaced = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), delay)

    async def _run_once(self) -> str:
        """Returns: how the process ended."""
        reader, pipe = os.pipe()
        with self._hearing(reader):
            try:
                self._process = process = await self._spawn(pipe)
            finally:
                os.close(pipe)
            if self._stopping.is_set():
                self._send(signal.SIGTERM)
            try:
                async for lines in _lines(process.stdout):
                    self._last_line = lines[-1]
                    self._output.lines(self.name, lines)
                code = await process.wait()
                if code == Refusal.exit_code and not self._was_replaced:
                    self.refusal = self._last_line.decode(errors="replace")
                return _ending(code)
            finally:
                self._send(signal.SIGKILL)
                self._process = None

    async def _spawn(self, pipe: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._command,
            f"--pipe={pipe}",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=(pipe, *self._inherited),
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops all in order
        )

    @contextlib.contextmanager
    def _hearing(self, reader: int) -> Iterator[None]:
        """Read heartbeats while the context lasts."""
        loop = asyncio.get_running_loop()
        os.set_blocking(reader, False)
        loop.add_reader(reader, self._hear, reader)
        try:
            yield
        finally:
            loop.remove_reader(reader)
            os.close(reader)

    def _hear(self, reader: int) -> None:
        if os.read(reader, READ_AT_ONCE):
            if self._was_replaced and not self.pulse.proven:
                self._output.say("works again", self.name)
            self.pulse.beat(time.monotonic())
        else:
            asyncio.get_running_loop().remove_reader(reader)

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


async def _lines(stream: Any) -> AsyncIterator[list[bytes]]:
    """Batches of complete lines without their ends; a line without an end is cut."""
    rest = b""
    while chunk := await stream.read(READ_AT_ONCE):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            lines, rest = [*lines, rest], b""
        if lines:
            yield lines
    if rest:
        yield [rest]


def _ending(code: int) -> str:
    if code < 0:
        return f"ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"
