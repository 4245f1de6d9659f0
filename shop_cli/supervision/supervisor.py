"""Starts and stops all processes of the shop in order, and reports the state of the broker."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable, Sequence

from shop.messaging.broker import BrokerTrouble, try_broker, without_password
from shop_cli.refusal import Refusal
from shop_cli.supervision.child import Child
from shop_cli.supervision.output import Output

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

SECONDS_BETWEEN_GLANCES = 0.05
SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_ASLEEP = 5.0
"""Ticks that are further apart mean that the supervisor itself or the whole machine was suspended."""

SECONDS_FOR_A_STAGE = 10.0
"""Longest wait of a stage for the one before it."""

SECONDS_TO_STOP = 10.0
"""For all stages together. Each stage has its share before the next is asked as well; the processes left are killed."""

AWAY = (
    "No broker answers at {address} ({reason}); the services wait for one. Start RabbitMQ, with `sudo apt-get install "
    "rabbitmq-server` or `docker run -d -p 5672:5672 rabbitmq`; or use `shop run`, which needs none."
)
AWAY_AGAIN = "The broker at {address} does not work any more ({reason}); the services wait for it."

Stages = Sequence[Sequence[Child]]


class Supervisor:
    """Keeps processes running until the supervisor itself is asked to stop.

    Args:
        stages: processes that start together; a stage waits for those before it, while the broker works.
        open_shop: awaited when all processes are started.
    """

    def __init__(self, uri: str, stages: Stages, output: Output, open_shop: Callable[[], Awaitable[None]]) -> None:
        self._broker = BrokerWatch(uri, output)
        self._stages = stages
        self._output = output
        self._open_shop = open_shop
        self._asked = asyncio.Event()
        self._running: dict[Child, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Return when all processes have ended.

        Raises:
            Refusal: a process refuses its configuration.
        """
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._ask)
        async with asyncio.TaskGroup() as tasks:
            background = [tasks.create_task(self._start(tasks)), tasks.create_task(self._watch())]
            await self._asked.wait()
            for task in background:
                task.cancel()
            await asyncio.wait(background)
            await self._stop()
        for child in self._running:
            if child.refusal:
                raise Refusal(child.refusal)

    def _ask(self) -> None:
        """Stop in order; at the second request, at once."""
        if self._asked.is_set():
            self._kill_all("was not waited for")
        self._asked.set()

    async def _start(self, tasks: asyncio.TaskGroup) -> None:
        for stage in self._stages:
            for child in stage:
                self._running[child] = tasks.create_task(child.keep_running())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SECONDS_FOR_A_STAGE):
                    await self._proven(stage)
        await self._open_shop()

    async def _proven(self, stage: Sequence[Child]) -> None:
        """Return when all of these work, or cannot because the broker is down."""
        while self._broker.works is not False:
            if all(child.pulse.proven for child in stage):
                return
            await asyncio.sleep(SECONDS_BETWEEN_GLANCES)

    # Watching

    async def _watch(self) -> None:
        looked = time.monotonic()
        while True:
            now = time.monotonic()
            if now - looked > SECONDS_ASLEEP:
                self._excuse_all(now)
            looked = now
            if any(child.refusal for child in self._running):
                self._asked.set()
            await self._look()
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)

    async def _look(self) -> None:
        now = time.monotonic()
        in_doubt = [child for child in self._running if child.is_running and child.pulse.in_doubt(now)]
        if not in_doubt and self._broker.works is not False:
            return
        was_away = self._broker.works is False
        await self._broker.look()
        if was_away or not self._broker.works:
            self._excuse_all(time.monotonic())
            return
        for child in in_doubt:
            if child.is_running and child.pulse.stuck(time.monotonic()):
                child.kill("does not answer itself, though the broker works: killed")

    def _excuse_all(self, now: float) -> None:
        for child in self._running:
            child.pulse.excuse(now)

    # Stopping

    async def _stop(self) -> None:
        began = time.monotonic()
        for number, stage in enumerate(reversed(self._stages), start=1):
            for child in stage:
                child.stop()
            await self._ended(stage, began + SECONDS_TO_STOP * number / len(self._stages))
        self._kill_all("did not stop: killed")

    async def _ended(self, children: Sequence[Child], deadline: float) -> None:
        tasks = [self._running[child] for child in children if child in self._running]
        if tasks:
            await asyncio.wait(tasks, timeout=max(0.0, deadline - time.monotonic()))

    def _kill_all(self, why: str) -> None:
        for child, task in self._running.items():
            if not task.done():
                self._output.say(why, child.name, "warning")
                child.stop()
                child.kill(why)


class BrokerWatch:
    """Checks whether the broker works, and reports changes. `works` is None before the first check."""

    def __init__(self, uri: str, output: Output) -> None:
        self.works: bool | None = None
        self._uri = uri
        self._output = output

    async def look(self) -> None:
        """Check the broker, and report a change."""
        try:
            await asyncio.to_thread(try_broker, self._uri)
        except BrokerTrouble as trouble:
            if self.works is not False:
                self._tell_trouble(str(trouble))
            self.works = False
            self._output.broker_away = True
        else:
            if self.works is False:
                self._output.say("The broker answers.")
            self.works = True
            self._output.broker_away = False

    def _tell_trouble(self, reason: str) -> None:
        address = without_password(self._uri)
        told = AWAY if self.works is None else AWAY_AGAIN
        self._output.say(told.format(address=address, reason=reason), level="warning")
