"""Where the commands look for the running shop."""

import json
import warnings

import pytest
from click.testing import CliRunner

from shop_cli.commands import shop
from shop_cli.folder import DataFolder
from shop_cli.refusal import Refusal
from shop_cli.running import RunningShop
from tests.unit.support.operators_socket import OperatorsSocket

NOBODY = "amqp://guest:secret@127.0.0.1:1/"
NO_BROKER = "No broker answers at amqp://127.0.0.1:1: Connection refused."


@pytest.fixture
def folder(tmp_path):
    return DataFolder.at(tmp_path / "var")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The current folder, with a config.yaml whose broker does not answer."""
    # pkg_resources, which Nameko's command line imports, tells that it will go.
    warnings.simplefilter("ignore", DeprecationWarning)
    (tmp_path / "var").mkdir()
    (tmp_path / "config.yaml").write_text(f"AMQP_URI: {NOBODY}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(running):
    with pytest.raises(Refusal) as raised:
        running.client()
    return raised.value.message


def test_a_configuration_leads_to_its_broker(here, folder):
    assert refusal(RunningShop(folder, here / "config.yaml")) == NO_BROKER


def test_the_socket_in_the_folder_comes_before_the_broker_of_an_earlier_shop(here, folder):
    folder.broker_file.write_text(json.dumps({"AMQP_URI": NOBODY}))
    socket = OperatorsSocket(folder)
    socket.answers = {"event_store.head": {"head": 3}}

    with RunningShop(folder).client() as client:
        assert client.call("event_store", "head") == {"head": 3}
        assert client.processes("event_store") is None

    socket.close()


def test_a_shop_of_many_processes_leaves_word_in_its_folder(here, folder):
    folder.broker_file.write_text(json.dumps({"AMQP_URI": NOBODY}))

    assert refusal(RunningShop(folder)) == NO_BROKER


def test_a_folder_that_was_named_is_the_only_place_to_look(here, folder):
    assert refusal(RunningShop(folder)) == "No running shop found in ./var. Start one with: shop run"


def test_without_a_word_the_configuration_here_is_asked_as_well(here):
    assert refusal(RunningShop()).splitlines() == [
        "No running shop found in ./var. Start one with: shop run",
        f"{NO_BROKER} (Broker address taken from config.yaml.)",
    ]


def test_without_a_configuration_there_is_nothing_more_to_ask(here):
    (here / "config.yaml").unlink()

    assert refusal(RunningShop()) == "No running shop found in ./var. Start one with: shop run"


def test_a_configuration_that_is_wrong_is_told(here):
    (here / "config.yaml").write_text("AMQP_URI:\n")

    assert refusal(RunningShop(None, here / "config.yaml")) == "AMQP_URI is missing in the configuration."


@pytest.mark.parametrize("arguments", [["--config", "{file}", "retry", "7"], ["retry", "7", "--config", "{file}"]])
def test_a_group_takes_its_options_before_and_behind_the_command(here, arguments):
    given = [argument.format(file=here / "config.yaml") for argument in arguments]

    done = CliRunner().invoke(shop, ["dead-letters", *given])

    assert (done.exit_code, done.output) == (2, f"{NO_BROKER}\n")
