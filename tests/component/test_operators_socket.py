"""The operator's socket of a shop in one process, with services behind it."""

import json
import os
import socket
import stat

import eventlet
import pytest
from eventlet.event import Event

from shop.contracts.errors import ServiceUnavailable, UnknownOrder
from shop.messaging.rpc import rpc
from shop.service.identity import CallingActor
from shop_cli.bridge import SOCKET, BridgeService
from shop_cli.client import ServiceFault, ShopClient
from shop_cli.folder import DataFolder
from shop_cli.refusal import Refusal
from tests.component.support.running import configuration, running


class Parrot:
    name = "parrot"
    actor = CallingActor()
    answer_found = Event()

    @rpc
    def say(self, words, loud=False):
        return {"words": words.upper() if loud else words, "asked by": self.actor.role}

    @rpc
    def refuse(self):
        raise UnknownOrder("o-1")

    @rpc
    def break_down(self):
        raise LookupError("no cage")

    @rpc
    def ponder(self):
        self.answer_found.wait()


@pytest.fixture(autouse=True)
def nothing_found_yet():
    Parrot.answer_found = Event()


@pytest.fixture
def folder(tmp_path):
    return DataFolder.at(tmp_path)


@pytest.fixture
def config(folder):
    return configuration(folder.path, **{SOCKET: str(folder.socket)})


@pytest.fixture
def bridge(config):
    with running(config, Parrot, BridgeService):
        yield


@pytest.fixture
def client(folder, bridge):
    with ShopClient.of(folder) as client:
        yield client


def test_a_call_reaches_the_service_as_an_operators(client):
    assert client.rpc.parrot.say("hello", loud=True) == {"words": "HELLO", "asked by": "operator"}


def test_only_the_owner_can_open_the_socket(folder, bridge):
    assert stat.S_IMODE(folder.socket.stat().st_mode) == 0o600


def test_the_socket_of_a_killed_shop_is_replaced(folder, config):
    left_over = socket.socket(socket.AF_UNIX)
    left_over.bind(str(folder.socket))
    left_over.close()

    with running(config, Parrot, BridgeService), ShopClient.of(folder) as client:
        assert client.rpc.parrot.say("hello")["words"] == "hello"

    assert not folder.socket.exists()


def test_the_umask_is_as_before(client):
    before = os.umask(0o22)
    os.umask(before)

    assert before != 0o177


def test_errors_come_back_as_they_were_raised(client):
    with pytest.raises(UnknownOrder, match="o-1"):
        client.rpc.parrot.refuse()
    with pytest.raises(ServiceFault, match="LookupError no cage"):
        client.rpc.parrot.break_down()
    with pytest.raises(ServiceUnavailable):
        client.rpc.nobody.say("hello")
    with pytest.raises(ServiceFault, match="MethodNotFound"):
        client.rpc.parrot.sing()
    assert client.rpc.parrot.say("still here")["words"] == "still here"


def test_a_service_that_takes_too_long_is_unavailable(folder, config):
    config |= {"SHOP": {"rpc_timeout_seconds": "0.2"}}
    with running(config, Parrot, BridgeService), ShopClient.of(folder) as client:
        with pytest.raises(ServiceUnavailable):
            client.rpc.parrot.ponder()
        Parrot.answer_found.send()


def test_several_operators_are_served_at_once(folder, bridge):
    def ask(words):
        with ShopClient.of(folder) as client:
            return client.rpc.parrot.say(words)["words"]

    def ponder():
        with ShopClient.of(folder) as client:
            client.rpc.parrot.ponder()

    slow = eventlet.spawn(ponder)
    answers = [eventlet.spawn(ask, str(number)) for number in range(20)]

    assert [answer.wait() for answer in answers] == [str(number) for number in range(20)]
    Parrot.answer_found.send()
    slow.wait()


@pytest.mark.parametrize("line", [b"{", b"[]", b"3", b'{"service": "parrot"}', b"\xff", b""])
def test_a_line_that_is_no_request_is_refused_and_the_next_one_served(folder, bridge, line):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(folder.socket))

    with connection, connection.makefile("rwb") as lines:
        lines.write(line + b'\n{"service": "parrot", "method": "say", "args": ["hello"]}\n')
        lines.flush()
        answers = [json.loads(lines.readline()) for _ in range(2)]

    assert set(answers[0]) == {"error"}
    assert answers[1]["result"]["words"] == "hello"


def test_a_socket_in_a_deep_folder_can_be_reached(tmp_path):
    folder = DataFolder.at(tmp_path / ("d" * 100))
    folder.path.mkdir()

    config = configuration(folder.path, **{SOCKET: str(folder.socket)})
    with running(config, Parrot, BridgeService), ShopClient.of(folder) as client:
        assert client.rpc.parrot.say("hello")["words"] == "hello"


def test_when_the_shop_stops_its_operators_are_told(folder, config):
    with running(config, Parrot, BridgeService):
        client = ShopClient.of(folder)
        client.rpc.parrot.say("hello")

    with client, pytest.raises(Refusal, match="The shop has stopped"):
        client.rpc.parrot.say("hello")
    with pytest.raises(Refusal, match="No running shop found"):
        ShopClient.of(folder)
