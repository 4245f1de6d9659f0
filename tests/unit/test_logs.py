"""Structured logs: one form for all lines, and each worker's trace id in all of its own."""

import json
import logging
import logging.config

import eventlet
import pytest
import structlog
from eventlet import queue as queues
from nameko.testing.services import dummy, entrypoint_hook
from structlog.contextvars import bind_contextvars

from shop.contracts.errors import UnknownOrder
from shop.messaging.rpc import rpc
from shop.service import logs
from shop.service.settings import ConfigError
from tests.support.clock import FakeClock
from tests.support.waiting import let_others_run


@pytest.fixture
def screen(capsys):
    """The text that a person has seen since the last call."""
    raising, hub, printing = logging.raiseExceptions, eventlet.hubs.get_hub(), queues.traceback
    before = structlog.get_config()
    yield lambda: capsys.readouterr().err
    logs._install([])
    for name in ("squelch_timer_exception", "squelch_generic_exception"):
        vars(hub).pop(name, None)
    logging.raiseExceptions, queues.traceback = raising, printing
    structlog.configure(**before)


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_our_lines_and_those_of_libraries_have_one_form(screen):
    logs.configure()

    structlog.get_logger("orders").info("order placed", order_id="o-1")
    logging.getLogger("kombu").warning("connection %s", "lost")

    ours, theirs = lines(screen())
    assert list(ours)[:2] == ["at", "level"]
    assert (ours["level"], ours["event"], ours["order_id"], ours["logger"]) == ("info", "order placed", "o-1", "orders")
    assert (theirs["level"], theirs["event"], theirs["logger"]) == ("warning", "connection lost", "kombu")


def test_libraries_are_quiet_until_something_is_wrong(screen):
    logs.configure(level="debug")

    for library in ("nameko.containers", "kombu", "amqp", "sqlalchemy.engine"):
        logging.getLogger(library).info("chatter")

    assert screen() == ""


def test_a_level_keeps_lesser_lines_off_the_screen_but_not_out_of_the_file(screen, tmp_path):
    file = tmp_path / "shop.log"
    logs.configure(level="warning", file=file)

    structlog.get_logger().info("ordinary")
    structlog.get_logger().warning("remarkable")

    assert [line["event"] for line in lines(screen())] == ["remarkable"]
    assert [line["event"] for line in lines(file.read_text())] == ["ordinary", "remarkable"]


def test_a_package_that_tells_people_itself_writes_to_the_file_alone(screen, tmp_path):
    file = tmp_path / "shop.log"
    logs.configure(file=file, quiet="shop_cli")

    structlog.get_logger("shop_cli.start").error("failed")
    structlog.get_logger("shop.service").error("lost")

    assert [line["event"] for line in lines(screen())] == ["lost"]
    assert [line["event"] for line in lines(file.read_text())] == ["failed", "lost"]


def test_a_greenlet_that_nobody_waits_for_leaves_its_exception_in_the_log(screen):
    logs.configure()

    eventlet.spawn({}.__getitem__, "nowhere")
    let_others_run()

    (line,) = lines(screen())
    assert (line["event"], line["exception"].splitlines()[-1]) == ("greenlet ended", "KeyError: 'nowhere'")


def test_a_greenlet_that_waited_in_a_queue_ends_with_a_line_too(screen):
    queue = queues.LightQueue()
    logs.configure()

    eventlet.spawn(lambda: {}[queue.get()])
    let_others_run()
    queue.put("nowhere")
    let_others_run()

    (line,) = lines(screen())
    assert (line["event"], line["exception"].splitlines()[-1]) == ("greenlet ended", "KeyError: 'nowhere'")


def test_a_greenlet_that_ends_with_an_error_of_ours_needs_no_traceback(screen):
    def refuse():
        raise ConfigError("SHOP.currency is not that of the log.")

    logs.configure()

    eventlet.spawn(refuse)
    let_others_run()

    (line,) = lines(screen())
    assert line["reason"] == "SHOP.currency is not that of the log."
    assert "exception" not in line


def test_a_file_that_has_grown_large_is_put_aside(screen, tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "FILE_SIZE", 1000)
    logs.configure(level="error", file=tmp_path / "shop.log")

    for number in range(50):
        structlog.get_logger().info("line", number=number)

    assert sorted(file.name for file in tmp_path.iterdir()) == ["shop.log", "shop.log.1", "shop.log.2", "shop.log.3"]
    assert lines((tmp_path / "shop.log").read_text())[-1]["number"] == 49


def test_a_person_gets_a_line_that_is_no_json(screen):
    logs.configure(form="console")

    structlog.get_logger().info("order placed", order_id="o-1")

    seen = screen()
    assert "order placed" in seen
    assert "order_id=o-1" in seen
    assert "{" not in seen


def test_an_exception_is_part_of_its_line(screen):
    logs.configure()

    try:
        {}["nowhere"]
    except KeyError:
        structlog.get_logger().exception("reading failed")

    (line,) = lines(screen())
    assert line["exception"].endswith("KeyError: 'nowhere'")


def test_values_that_are_no_json_are_written_as_text(screen):
    logs.configure()

    structlog.get_logger().info("odd", path=logs.Path("var"), keys={1: {2}})

    (line,) = lines(screen())
    assert (line["path"], line["keys"]) == ("var", {"1": "{2}"})


def test_each_greenlet_has_a_trace_id_of_its_own(screen):
    logs.configure()

    def work(trace_id):
        bind_contextvars(trace_id=trace_id)
        let_others_run()
        logging.getLogger("kombu").warning("line")

    for thread in [eventlet.spawn(work, trace_id) for trace_id in ("a", "b", "c")]:
        thread.wait()

    assert [line["trace_id"] for line in lines(screen())] == ["a", "b", "c"]


def test_configuring_twice_writes_each_line_once(screen):
    logs.configure()
    logs.configure()

    structlog.get_logger().info("once")

    assert len(lines(screen())) == 1


class Harbour:
    name = "harbour"
    log = logs.MessageLog()

    @dummy
    def sail(self):
        self.log.info("sailing")

    @rpc
    def sink(self):
        raise UnknownOrder("o-1")


def test_a_worker_writes_its_line_with_its_trace_id(screen, container_factory):
    logs.configure()
    container = container_factory(Harbour, {"AMQP_URI": "memory://"})
    container.dependencies.all.setup()

    with entrypoint_hook(container, "sail", context_data={"trace_id": "t-1"}) as sail:
        sail()

    inner, outer = lines(screen())
    assert (inner["event"], inner["logger"]) == ("sailing", "harbour")
    assert (outer["event"], outer["outcome"]) == ("sail", "done")
    assert {line["trace_id"] for line in (inner, outer)} == {"t-1"}
    assert {line["service"] for line in (inner, outer)} == {"harbour"}


def test_an_error_that_a_service_means_to_raise_leaves_no_traceback(screen, container_factory):
    logs.configure()
    container = container_factory(Harbour, {"AMQP_URI": "memory://"})
    container.dependencies.all.setup()

    with entrypoint_hook(container, "sink") as sink, pytest.raises(UnknownOrder):
        sink()

    (line,) = lines(screen())
    assert (line["event"], line["outcome"], line["level"]) == ("sink", "UnknownOrder", "info")


@pytest.mark.parametrize(
    ("error", "outcome", "level"),
    [(None, "done", "info"), (UnknownOrder("o-1"), "UnknownOrder", "info"), (KeyError("x"), "KeyError", "error")],
)
def test_a_handled_message_has_one_line_with_its_outcome(screen, monkeypatch, error, outcome, level):
    logs.configure()
    clock = FakeClock()
    monkeypatch.setattr(logs, "time", clock)
    started = clock.perf_counter()
    clock.turn(0.25)

    logs.message_handled("OrderPlaced", started, error, position=7, correlation_id="o-1")

    (line,) = lines(screen())
    assert (line["event"], line["outcome"], line["level"]) == ("OrderPlaced", outcome, level)
    assert (line["position"], line["correlation_id"]) == (7, "o-1")
    assert line["ms"] == 250


def test_a_configuration_of_an_earlier_version_names_the_formatter_where_it_was(screen):
    here = logging.config.DictConfigurator({}).resolve("shop.chassis.logs.formatter")

    assert here is logs.formatter
