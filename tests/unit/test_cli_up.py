"""`shop up` without its processes: when they are started again, what counts as stuck, and what they say together."""

import json
import sys
import warnings
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from shop.messaging.broker import without_password
from shop_cli.folder import DataFolder
from shop_cli.refusal import Refusal
from shop_cli.several import await_seed, plan, use_folder
from shop_cli.supervision.judgement import (
    LONGEST_DELAY,
    SECONDS_OF_HEALTH,
    SECONDS_OF_SILENCE,
    SECONDS_TO_START,
    Patience,
    ProcessPulse,
)
from shop_cli.supervision.output import Entry, LogFile, Output

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def log_line(**fields):
    return json.dumps({"at": "2026-11-23T09:30:00.123456Z", "level": "info", "event": "took a call", **fields}).encode()


# When a process is started again


def test_each_restart_waits_twice_as_long_up_to_a_limit():
    patience = Patience()

    delays = [patience.delay(healthy=0.0) for _ in range(9)]

    assert delays == [0.5, 1, 2, 4, 8, 16, LONGEST_DELAY, LONGEST_DELAY, LONGEST_DELAY]


def test_a_process_that_was_well_for_a_while_is_started_again_soon():
    patience = Patience()
    for _ in range(5):
        patience.delay(healthy=SECONDS_OF_HEALTH - 1)

    assert patience.delay(healthy=SECONDS_OF_HEALTH) == 0.5
    assert patience.delay(healthy=0.0) == 1


# When it counts as stuck


def test_a_new_process_has_time_to_start():
    pulse = ProcessPulse(now=100.0)

    assert pulse.in_doubt(100.0)
    assert not pulse.stuck(100.0 + SECONDS_TO_START)
    assert pulse.stuck(100.1 + SECONDS_TO_START)


def test_a_process_that_falls_silent_is_stuck_after_a_while():
    pulse = ProcessPulse(now=100.0)
    pulse.beat(103.0)

    assert not pulse.in_doubt(106.0)
    assert pulse.in_doubt(109.0)
    assert not pulse.stuck(103.0 + SECONDS_OF_SILENCE)
    assert pulse.stuck(103.1 + SECONDS_OF_SILENCE)


def test_silence_while_the_broker_is_away_does_not_count():
    pulse = ProcessPulse(now=100.0)
    pulse.beat(103.0)

    pulse.excuse(500.0)

    assert not pulse.stuck(500.0 + SECONDS_OF_SILENCE)
    assert pulse.stuck(500.1 + SECONDS_OF_SILENCE)


def test_health_counts_from_the_first_to_the_last_sign_of_life():
    pulse = ProcessPulse(now=100.0)
    healthy = [pulse.healthy]

    for now in (110.0, 113.0, 150.0):
        pulse.beat(now)
        healthy.append(pulse.healthy)
    pulse.excuse(200.0)

    assert healthy == [0.0, 0.0, 3.0, 40.0]


# What all of them say


@pytest.fixture
def folder(tmp_path):
    return DataFolder.at(tmp_path)


@pytest.fixture
def output(folder):
    output = Output([["customers.1", "customers.2"], ["orders"]], folder.log_file, level="info")
    yield output
    output.close()


def test_lines_have_the_name_of_their_process_in_front(output, capsys):
    output.lines("customers.2", [log_line(position=7)])
    output.lines("orders", [log_line(reason="not enough credit")])
    output.say("ended with code 1", "orders")

    first, second, third = capsys.readouterr().out.splitlines()
    assert first.startswith("customers.2 | ")
    assert first.endswith(" took a call position=7")
    assert second.startswith("orders      | ")
    assert second.endswith(' took a call reason="not enough credit"')
    assert third == "orders      | ended with code 1"


class Terminal(StringIO):
    def isatty(self):
        return True


def test_at_a_terminal_each_service_has_a_colour_of_its_own(folder, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    output = Output([["customers.1", "customers.2"], ["orders"]], folder.log_file, level="info")

    for name in ("customers.1", "customers.2", "orders"):
        output.say("ended with code 1", name)
    output.close()

    first, second, other = (line.partition("m")[0] for line in terminal.getvalue().splitlines())
    assert first.startswith("\x1b[")
    assert first == second != other


def test_a_traceback_follows_its_line_with_the_same_name(output, capsys):
    output.lines("orders", [log_line(level="error", exception="Traceback:\n  KeyError: 'x'")])

    first, *others = capsys.readouterr().out.splitlines()
    assert first.endswith(" error took a call")
    assert others == ["orders      | Traceback:", "orders      |   KeyError: 'x'"]


def test_what_is_less_important_goes_to_the_file_alone(folder, capsys):
    output = Output([["orders"]], folder.log_file, level="warning")
    output.lines("orders", [log_line()])
    output.lines("orders", [log_line(level="critical")])
    output.close()

    assert capsys.readouterr().out.count("took a call") == 1
    lines = [json.loads(line) for line in folder.log_file.read_text().splitlines()]
    assert [(line["process"], line["level"]) for line in lines] == [("orders", "info"), ("orders", "critical")]
    assert lines[0]["at"] == "2026-11-23T09:30:00.123456Z"


def test_while_the_broker_is_away_complaints_go_to_the_file_alone(output, folder, capsys):
    output.broker_away = True
    output.lines("orders", [log_line(level="warning")])
    output.lines("orders", [log_line(level="error")])

    assert capsys.readouterr().out.count("took a call") == 1
    assert folder.log_file.read_text().count("took a call") == 2


@pytest.mark.parametrize("line", [b"Segmentation fault", b"{", b"[]", b"3", b'{"event": 1}', b"\xff\xfe", b""])
def test_a_line_that_is_no_log_line_is_shown_as_it_is(line):
    entry = Entry.of(line, NOW)

    assert (entry.level, entry.event) == ("warning", line.decode(errors="replace"))
    assert json.loads(entry.as_json("orders"))["process"] == "orders"


def test_a_screen_that_has_gone_does_not_stop_the_shop(output, folder, monkeypatch):
    class Gone(StringIO):
        def write(self, text):
            raise BrokenPipeError

    monkeypatch.setattr("sys.stdout", Gone())

    output.lines("orders", [log_line()])
    output.say("still here")

    assert "still here" in folder.log_file.read_text()


def test_a_log_file_that_has_grown_large_is_put_aside(folder, monkeypatch):
    monkeypatch.setattr("shop_cli.supervision.output.FILE_SIZE", 1000)
    file = LogFile(folder.log_file)

    for number in range(55):
        file.write([f"{number:100}"])
    file.close()

    names = sorted(path.name for path in folder.path.iterdir())
    assert names == ["shop.log", "shop.log.1", "shop.log.2", "shop.log.3"]
    assert folder.log_file.read_text().split() == ["50", "51", "52", "53", "54"]


# What is checked before


@pytest.fixture
def given(folder, monkeypatch):
    """Sets the environment, and gives a configuration that is right."""
    for name in ("AMQP_URI", "LOG_URL", *(f"{name}_DB_URI" for name in ("CUSTOMERS", "PRODUCTS", "ORDERS"))):
        monkeypatch.delenv(name, raising=False)
    # pkg_resources, which Nameko's command line imports, tells that it will go.
    warnings.simplefilter("ignore", DeprecationWarning)
    file = folder.path / "config.yaml"
    file.write_text("AMQP_URI: amqp://guest:secret@127.0.0.1:5672/\nLOG_URL: ${LOG_URL:sqlite:///log.db}\n")
    return file


def test_databases_are_in_the_folder_unless_somebody_says_otherwise(folder):
    environ = {"ORDERS_DB_URI": "postgresql://db/orders"}

    use_folder(folder, environ)

    assert environ["LOG_URL"] == f"sqlite:///{folder.path}/log.db"
    assert environ["ACCOUNTING_DB_URI"] == f"sqlite:///{folder.path}/accounting.db"
    assert environ["ORDERS_DB_URI"] == "postgresql://db/orders"


def test_processes_have_numbers_where_there_are_several(folder, given):
    one = plan(folder, given, ["event_store", "storefront"], 1, demo=False)
    two = plan(folder, given, ["event_store", "storefront"], 2, demo=False)

    assert one.names("event_store") == ["event_store"]
    assert two.names("event_store") == ["event_store.1", "event_store.2"]
    assert two.names("storefront") == ["storefront"]


def test_without_only_all_services_are_started_the_event_store_first_and_the_gateway_last(folder, given):
    given.write_text(given.read_text() + "DB_URIS: " + json.dumps(dict.fromkeys(READ_MODELS, "sqlite:///x.db")))

    services = plan(folder, given, [], 1, demo=False).services

    assert services == ["event_store", "customers", "products", "orders", "accounting", "gateway"]


READ_MODELS = [f"{service}:ReadModel" for service in ("customers", "products", "orders", "accounting")]


def test_a_new_log_is_filled_only_when_somebody_wants_it(folder, given, monkeypatch):
    def seed(*, demo):
        return plan(folder, given, ["event_store"], 1, demo=demo).seed

    assert seed(demo=True) == ["--demo"]
    assert seed(demo=False) is None
    monkeypatch.setenv("SHOP_MANAGER_USERNAME", "ada")
    monkeypatch.setenv("SHOP_MANAGER_PASSWORD", "countess of lovelace")
    assert seed(demo=False) == []


@pytest.mark.parametrize(("demo", "told"), [(True, {"SHOP_AWAIT_SEED": "yes"}), (False, {})])
def test_the_gateways_await_what_a_new_log_is_filled_with(folder, given, demo, told):
    environ = {}

    await_seed(plan(folder, given, ["event_store"], 1, demo=demo), environ)

    assert environ == told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("", "DB_URIS / customers:ReadModel is missing in the configuration."),
        ("SHOP: {currency: XYZ}", "SHOP.currency must be one of"),
        ("LOG_URL:", "LOG_URL is missing in the configuration."),
        ("AMQP_URI:", "AMQP_URI is missing in the configuration."),
        ("AMQP_URI: 'embedded://'", "AMQP_URI must be the address of a broker, as in amqp://"),
        ("AMQP_URI: 'http://guest:guest@127.0.0.1/'", "AMQP_URI must be the address of a broker, as in amqp://"),
    ],
)
def test_what_is_wrong_with_the_configuration_is_told(folder, given, change, told):
    given.write_text(f"{given.read_text()}{change}\n")

    with pytest.raises(Refusal, match=told):
        plan(folder, given, [], 1, demo=False)


def test_a_service_that_does_not_exist_is_told(folder, given):
    with pytest.raises(Refusal, match=r"Unknown service or website: cellar. Available: event_store, customers, "):
        plan(folder, given, ["event_store", "cellar"], 1, demo=False)


def test_a_configuration_that_is_not_there_is_told(folder, given):
    with pytest.raises(Refusal, match=r"The configuration nowhere.yaml cannot be read: No such file or directory\."):
        plan(folder, Path("nowhere.yaml"), [], 1, demo=False)


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("amqp://guest:secret@127.0.0.1:5672/", "amqp://127.0.0.1:5672"),
        ("pyamqp://guest:s@cret@broker//", "amqp://broker"),
        ("amqps://broker:5671/shop", "amqps://broker:5671/shop"),
        ("amqp://a:5672/;amqp://guest:secret@b:5672/shop", "amqp://a:5672;amqp://b:5672/shop"),
        ("amqp://guest:secret@a;guest:secret@b", "amqp://b"),
        ("amqp://guest:se;cr/et@b:5672/?heartbeat=10&password=secret", "amqp://b:5672"),
    ],
)
def test_passwords_of_brokers_are_not_shown(uri, shown):
    assert without_password(uri) == shown
