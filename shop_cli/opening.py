"""Opens a shop whose processes are started: seeds the log, waits until all are ready, says so on the console."""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from shop.contracts.names import Service
from shop.service.settings import Settings
from shop_cli.banner import ready_line
from shop_cli.endpoints import serves
from shop_cli.supervision.child import Child
from shop_cli.supervision.output import Output
from shop_cli.websites import websites

SECONDS_BETWEEN_SEEDS = 2.0
SECONDS_BETWEEN_QUESTIONS = 0.2


class Opening:
    """Opens the shop. There is no deadline.

    Args:
        file: the configuration.
        seed: the options of `shop seed`; None for no seeding.
        started: when the start began, by the monotonic clock.
    """

    def __init__(
        self,
        settings: Settings,
        stages: Sequence[Sequence[Child]],
        output: Output,
        *,
        file: Path,
        seed: Sequence[str] | None,
        started: float,
    ) -> None:
        self._settings = settings
        self._file = file
        self._seed = seed
        self._children = {child.name: child for stage in stages for child in stage}
        self._output = output
        self._started = started

    async def run(self) -> None:
        """Return when the shop is open and its addresses are printed."""
        await self._all_work()
        accounts = "" if self._seed is None else await self._fill(self._seed)
        if self._has(Service.GATEWAY):
            await self._gateway_serves()
        if accounts:
            self._output.show(accounts)
        for site in websites(self._settings):
            if self._has(site.name):
                self._output.show(f"{site.title}: {site.endpoint.url}")
        seconds = time.monotonic() - self._started
        told = ready_line(self._settings, seconds) if self._has(Service.GATEWAY) else f"Ready in {seconds:.1f} s."
        self._output.show(told)

    def _has(self, name: str) -> bool:
        return any(child == name or child.startswith(f"{name}.") for child in self._children)

    async def _all_work(self) -> None:
        while True:
            if all(child.pulse.proven for child in self._children.values()):
                return
            await asyncio.sleep(SECONDS_BETWEEN_QUESTIONS)

    async def _gateway_serves(self) -> None:
        while True:
            if await asyncio.to_thread(serves, self._settings.gateway):
                return
            await asyncio.sleep(SECONDS_BETWEEN_QUESTIONS)

    async def _fill(self, options: Sequence[str]) -> str:
        """Fill a new log, retrying until it works. Returns: the accounts that can log in, as printed."""
        while True:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "shop_cli", "seed", f"--config={self._file}", *options),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
            try:
                told, trouble = await process.communicate()
            finally:
                if process.returncode is None:
                    process.kill()
            if process.returncode == 0:
                return told.decode().rstrip("\n")
            self._output.say(f"seeding failed, retrying: {trouble.decode().strip()}", level="warning")
            await asyncio.sleep(SECONDS_BETWEEN_SEEDS)
