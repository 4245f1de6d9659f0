"""Structured logs: one line for each message that a service handles, and one for each failure.

Our entries and those of libraries pass the standard library's handlers in one format: coloured on a terminal, JSON
otherwise. Every entry of a worker has its service and trace id, including those of libraries: structlog keeps them in
context variables, and each greenlet has its own.
"""

import logging
import os
import sys
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

import eventlet
import orjson
import structlog
from eventlet import queue
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider
from structlog.contextvars import bind_contextvars, merge_contextvars
from structlog.typing import EventDict, Processor

from shop.contracts.errors import ShopError
from shop.service.identity import TRACE_ID

FORMS = ("auto", "console", "json")
LEVELS = ("debug", "info", "warning", "error")

FILE_SIZE = 10_000_000
"""Size in bytes at which a log file is rotated."""

OLD_FILES = 3

LIBRARIES = ("amqp", "argon2", "eventlet", "kombu", "limits", "nameko", "sqlalchemy", "urllib3", "werkzeug")

log = structlog.get_logger(__name__)


def configure(level: str = "info", form: str = "auto", file: Path | None = None, quiet: str = "") -> None:
    """Configure all logs of this process: to standard error from `level` on, to `file` from "info" on.

    Args:
        level: one of LEVELS.
        form: one of FORMS; "auto" is "console" at a terminal, else "json". Files are always JSON.
        quiet: the package whose entries go to the file alone, since it prints its own messages.
    """
    handlers: list[logging.Handler] = [_screen(level, form, quiet)]
    if file:
        handlers.append(_file(file))
    _install(handlers)
    # A full disk must not fill the screen with tracebacks of the logging itself.
    logging.raiseExceptions = False


def formatter(form: str = "auto") -> logging.Formatter:
    """For the part LOGGING of a Nameko configuration: `"()": shop.service.logs.formatter`.

    Lets structlog write through the standard library, and quiets the libraries.
    """
    _route_structlog()
    _catch_what_greenlets_drop()
    _do_without_what_no_line_shows()
    _quiet_libraries()
    as_console = form == "console" or (form == "auto" and sys.stderr.isatty())
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_common(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *(_console() if as_console else _json()),
        ],
    )


class MessageLog(DependencyProvider):
    """Writes a line for each message that a worker of the service has handled. Workers get a logger of their own."""

    def setup(self) -> None:
        self._started: WeakKeyDictionary[WorkerContext, float] = WeakKeyDictionary()

    def get_dependency(self, worker_ctx: WorkerContext) -> Any:
        return structlog.get_logger(worker_ctx.service_name)

    def worker_setup(self, worker_ctx: WorkerContext) -> None:
        if not getattr(worker_ctx.entrypoint, "quiet", False):
            self._started[worker_ctx] = time.perf_counter()
        bind_contextvars(service=worker_ctx.service_name, trace_id=trace_id_of(worker_ctx))

    def worker_result(self, worker_ctx: WorkerContext, result: object = None, exc_info: Any = None) -> None:  # noqa: ARG002
        started = self._started.pop(worker_ctx, None)
        if started is not None:
            message_handled(worker_ctx.entrypoint.method_name, started, error=exc_info[1] if exc_info else None)


def message_handled(
    event: str, started: float, error: BaseException | None = None, outcome: str = "done", **position: object
) -> None:
    """Write the line of a handled message.

    Args:
        event: the name of the event, or of the method called.
        started: `time.perf_counter()` when the work began.
        error: the exception, if any. A `ShopError` is a normal outcome; others are faults.
        position: fields about the event's place in the log: `position`, `correlation_id`.
    """
    write = log.info if error is None or isinstance(error, ShopError) else log.error
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    write(event, outcome=type(error).__name__ if error else outcome, ms=milliseconds, **position)


def trace_id_of(worker_ctx: WorkerContext) -> str:
    """Id shared by all calls for one request from outside."""
    return str(worker_ctx.data.get(TRACE_ID) or worker_ctx.call_id_stack[0])


_installed: list[logging.Handler] = []


def _install(handlers: list[logging.Handler]) -> None:
    """Replaces the handlers of an earlier call."""
    root = logging.getLogger()
    for old in _installed:
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        root.addHandler(handler)
    _installed[:] = handlers
    root.setLevel(min((handler.level for handler in handlers), default=logging.WARNING))


def _screen(level: str, form: str, quiet: str) -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    if quiet:
        handler.addFilter(lambda record: not record.name.startswith(quiet))
    handler.setLevel(level.upper())
    handler.setFormatter(formatter(form))
    return handler


def _file(path: Path) -> logging.Handler:
    handler = _LogFile(path, maxBytes=FILE_SIZE, backupCount=OLD_FILES, encoding="utf-8")
    handler.setLevel(logging.INFO)
    handler.setFormatter(formatter("json"))
    return handler


def _catch_what_greenlets_drop() -> None:
    """Log exceptions that end a greenlet; eventlet would print each, even if another greenlet waits for it."""
    hub = eventlet.hubs.get_hub()
    hub.squelch_timer_exception = lambda _timer, exc_info: _greenlet_ended(exc_info)
    hub.squelch_generic_exception = _greenlet_ended
    # Eventlet's queues print exceptions of greenlets that waited in one.
    queue.traceback = SimpleNamespace(print_exc=lambda: _greenlet_ended(sys.exc_info()))


def _greenlet_ended(exc_info: Any) -> None:
    """With a traceback, except for our own errors, which are complete without one."""
    if isinstance(exc_info[1], ShopError):
        log.info("greenlet ended", reason=str(exc_info[1]))
    else:
        log.info("greenlet ended", exc_info=exc_info)


class _LogFile(RotatingFileHandler):
    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: ARG002, N802 - the library's name
        """Rotates by the size so far. The library's method formats every line twice."""
        return self.stream is not None and os.fstat(self.stream.fileno()).st_size >= self.maxBytes


def _route_structlog() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_common(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _do_without_what_no_line_shows() -> None:
    """The optimisations of https://docs.python.org/3/howto/logging.html#optimization"""
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001


def _quiet_libraries() -> None:
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It logs a traceback for every lost connection. Our consumers write a line.
    logging.getLogger("kombu.mixins").setLevel(logging.ERROR)
    containers = logging.getLogger("nameko.containers")
    if _is_news not in containers.filters:
        containers.addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """Drops Nameko's traceback for each expected error of a service, which has a line already."""
    return not str(record.msg).startswith("(expected) error")


def _common() -> list[Processor]:
    return [
        merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _console() -> list[Processor]:
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
        )
    ]


def _json() -> list[Processor]:
    return [structlog.processors.format_exc_info, _as_json]


def _as_json(_logger: object, _method: str, event_dict: EventDict) -> str:
    ordered = {"at": event_dict.pop("timestamp", None), "level": event_dict.pop("level", None), **event_dict}
    return orjson.dumps(ordered, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
