"""The commands that talk to a running shop, and the sentences that they end with."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from shop.contracts.errors import InvalidRequest, ServiceUnavailable, UnknownDeadLetter, UsernameTaken
from shop_cli import commands
from shop_cli.commands import COMMANDS, TOOLS, shop
from shop_cli.folder import DataFolder
from tests.unit.support.operators_socket import OperatorsSocket

STATUS = {"ready": True, "rebuilding": False, "paused": False, "position": 1234}
LETTER = {
    "id": "7",
    "subscription": "accounting",
    "position": 41,
    "correlation_id": "order-1",
    "reaction": "issue_invoice",
    "error": "KeyError",
    "attempts": 6,
    "state": "set_aside",
}


@pytest.fixture
def folder(tmp_path):
    return DataFolder.at(tmp_path)


@pytest.fixture
def running(folder):
    running = OperatorsSocket(folder)
    yield running
    running.close()


@pytest.fixture
def invoke(folder):
    """Runs a command on the folder; standard error is part of the output."""

    def invoke(*arguments, **options):
        return CliRunner(env={"SHOP_DATA": str(folder.path), "COLUMNS": "160"}).invoke(shop, arguments, **options)

    return invoke


def test_help_lists_every_command_and_imports_no_service():
    program = (
        "import sys; from click.testing import CliRunner; from shop_cli.commands import shop;"
        "print(CliRunner().invoke(shop, ['--help']).output);"
        "sys.exit(any(name in sys.modules for name in ('eventlet', 'nameko', 'sqlalchemy', 'product_svc')))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.returncode == 0
    assert all(f"  {command} " in done.stdout for command in [*COMMANDS, *TOOLS])


def test_an_installed_package_has_no_commands_whose_code_it_lacks(invoke, monkeypatch):
    monkeypatch.setattr(commands, "find_spec", {}.get)

    assert not any(f"  {tool} " in invoke("--help").output for tool in TOOLS)
    assert "No such command 'load'" in invoke("load").output


@pytest.mark.parametrize(
    "arguments",
    [
        *(
            ("load", option, value)
            for option in ("--rate", "--minutes")
            for value in ("nan", "inf", "-1", "0", "1e9", "")
        ),
        *(("load", "--customers", value) for value in ("0", "-1", "1.5", "nan", "9" * 400, "")),
        *(("load", "--url", value) for value in ("", "x", "http://", "http://[::g]/")),
        *(("chaos", "--orders", value) for value in ("9", "1000001", "nan", "")),
        *(("chaos", "--concurrency", value) for value in ("0", "501")),
        *(("up", "--processes", value) for value in ("0", "21", "-1", "two", "")),
        ("dead-letters", "retry", "seven"),
    ],
    ids=" ".join,
)
def test_a_value_out_of_bounds_is_refused_by_its_option(invoke, arguments):
    done = invoke(*arguments)

    assert done.exit_code == 2, done.output
    assert isinstance(done.exception, SystemExit), repr(done.exception)
    assert done.output.strip().endswith("."), "a sentence says why"


def test_an_unknown_command_is_refused(invoke):
    done = invoke("sell")

    assert done.exit_code == 2
    assert "No such command 'sell'" in done.output


@pytest.mark.parametrize(
    "command",
    [
        ["status"],
        ["audit"],
        ["rebuild", "products"],
        ["managers", "add", "ada"],
        ["passwords", "reset", "ada"],
        ["dead-letters"],
        ["dead-letters", "retry", "7"],
        ["shell"],
    ],
)
def test_without_a_running_shop_a_command_says_so_and_how_to_start_one(invoke, folder, command):
    done = invoke(*command)

    assert done.exit_code == 2
    assert done.output == f"No running shop found in {folder}. Start one with: shop run\n"


def test_a_socket_that_a_killed_shop_left_is_no_running_shop(invoke, running):
    running.close()

    done = invoke("status")

    assert (done.exit_code, done.output.count("\n")) == (2, 1)


def test_status_tells_how_far_each_service_is(invoke, running):
    running.answers = {
        "event_store.head": {"head": 1300},
        "event_store.dead_letters": [LETTER],
        "customers.status": STATUS,
        "products.status": STATUS | {"rebuilding": True},
        "orders.status": STATUS | {"ready": False, "position": 0},
        "accounting.status": ServiceUnavailable("accounting"),
    }

    done = invoke("status")

    rows = [line.split(maxsplit=1) for line in done.output.splitlines()]
    assert done.exit_code == 0
    assert [name for name, *_ in rows[1:6]] == ["event_store", "customers", "products", "orders", "accounting"]
    assert "1,234" in done.output
    assert "66" in done.output
    assert "rebuilding" in done.output
    assert "building read model" in done.output
    assert "unreachable" in done.output
    assert "Dead letters: 1." in done.output


def test_rebuild_watches_until_the_read_model_has_caught_up(invoke, running):
    positions = iter([10, 60])
    running.answers = {
        "products.rebuild": None,
        "products.rebuild_progress": lambda: next(
            ({"running": True, "position": position, "head": 80} for position in positions),
            {"running": False, "position": 80, "head": 80},
        ),
    }

    done = invoke("rebuild", "products")

    assert done.exit_code == 0
    assert "products: rebuilt from 80 commits in " in done.output
    assert [name for name, *_ in running.calls].count("products.rebuild") == 1


def test_at_a_terminal_rebuild_shows_its_speed_and_the_time_left(invoke, running):
    positions = iter(range(0, 4000, 1000))
    running.answers = {
        "orders.rebuild": None,
        "orders.rebuild_progress": lambda: {"running": (at := next(positions)) < 3000, "position": at, "head": 3000},
    }

    done = invoke("rebuild", "orders", env={"FORCE_COLOR": "1"})

    assert "commits/s" in done.output
    assert "0:00:0" in done.output


def test_rebuild_bears_with_a_service_that_is_silent_for_a_while(invoke, running):
    answers = iter([ServiceUnavailable("orders"), {"running": False, "position": 3, "head": 3}])
    running.answers = {"orders.rebuild": None, "orders.rebuild_progress": lambda: next(answers)}

    done = invoke("rebuild", "orders")

    assert done.exit_code == 0


def test_only_services_with_a_read_model_can_be_rebuilt(invoke):
    done = invoke("rebuild", "gateway")

    assert done.exit_code == 2
    assert "'gateway' is not one of 'customers', 'products', 'orders', 'accounting'" in done.output


def test_a_new_manager_gets_the_password_from_standard_input(invoke, running):
    running.answers = {"customers.add_manager": None}

    done = invoke("managers", "add", "ada", "--password-stdin", "--email", "ada@shop.example", input="correct horse\n")

    assert (done.exit_code, done.output) == (0, "Manager account ada created.\n")
    assert running.calls == [
        ("customers.add_manager", ["ada", "correct horse"], {"full_name": None, "email": "ada@shop.example"})
    ]


def test_a_password_that_nobody_gives_is_made_up_and_shown(invoke, running):
    running.answers = {"customers.reset_password": None}

    done = invoke("passwords", "reset", "bob")

    [(_, [username, password], _)] = running.calls
    assert done.output == f"Password of bob changed; all sessions ended.\nPassword: {password}\n"
    assert (username, len(password)) == ("bob", 16)


def test_what_a_service_refuses_is_told_as_a_sentence(invoke, running):
    running.answers = {"customers.add_manager": UsernameTaken("ada")}

    done = invoke("managers", "add", "ada")

    assert (done.exit_code, done.output) == (1, "This username is already taken: ada.\n")


def test_what_a_service_finds_wrong_is_told_by_field(invoke, running):
    running.answers = {"customers.add_manager": InvalidRequest({"password": ["Too short."], "email": ["Not valid."]})}

    done = invoke("managers", "add", "ada")

    assert (done.exit_code, done.output) == (1, "password: Too short.\nemail: Not valid.\n")


def test_dead_letters_are_listed(invoke, running):
    running.answers = {"event_store.dead_letters": [LETTER]}

    done = invoke("dead-letters")

    assert done.exit_code == 0
    assert "issue_invoice" in done.output
    assert "order-1" in done.output


def test_no_dead_letters_is_good_news(invoke, running):
    running.answers = {"event_store.dead_letters": []}

    assert invoke("dead-letters").output == "No dead letters.\n"


def test_a_dead_letter_can_be_retried(invoke, running):
    running.answers = {"event_store.retry_dead_letter": None}

    done = invoke("dead-letters", "retry", "7")

    assert done.exit_code == 0
    assert running.calls == [("event_store.retry_dead_letter", [7], {})]


def test_an_unknown_dead_letter_is_told(invoke, running):
    running.answers = {"event_store.retry_dead_letter": UnknownDeadLetter("8")}

    done = invoke("dead-letters", "retry", "8")

    assert (done.exit_code, done.output) == (1, "Dead letter not found: 8.\n")


def test_the_shell_runs_what_is_piped_in(invoke, running):
    running.answers = {"products.list_products": lambda limit: {"items": ["bowl"] * limit}}

    done = invoke("shell", input="print(n.rpc.products.list_products(limit=2)['items'])\n")

    assert (done.exit_code, done.output) == (0, "['bowl', 'bowl']\n")


def test_requests_are_lines_of_json(folder, running):
    import socket

    running.answers = {"orders.status": STATUS}
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(folder.socket))

    with connection, connection.makefile("rwb") as lines:
        lines.write(b'{"service": "orders", "method": "status", "args": [], "kwargs": {}}\n')
        lines.flush()
        answer = json.loads(lines.readline())

    assert answer == {"result": STATUS}
