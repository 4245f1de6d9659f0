"""A socket that goes on accepting, whatever becomes of single connections."""

import errno
import os

import pytest

from shop.http import listening
from shop.http.listening import GONE, Listener
from tests.support.clock import FakeClock


class Socket:
    """Fails as it is told, and then accepts."""

    def __init__(self, *errors):
        self.errors = [OSError(number, os.strerror(number)) for number in errors]

    def accept(self):
        if self.errors:
            raise self.errors.pop(0)
        return "connection", ("127.0.0.1", 1)

    def close(self):
        return "closed"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    clock = FakeClock()
    monkeypatch.setattr(listening, "time", clock)
    monkeypatch.setattr(listening, "eventlet", clock)
    return clock


@pytest.mark.parametrize("number", set(errno.errorcode) - set(GONE), ids=errno.errorcode.get)
def test_no_client_ends_it(number):
    assert Listener(Socket(number, number)).accept() == ("connection", ("127.0.0.1", 1))


@pytest.mark.parametrize("number", GONE, ids=errno.errorcode.get)
def test_it_ends_with_its_socket(number):
    with pytest.raises(OSError, match=os.strerror(number)):
        Listener(Socket(number)).accept()


def test_it_tells_once_a_minute_that_there_is_no_room(caplog, clock):
    listener = Listener(Socket(*[errno.EMFILE] * 100))
    listener.accept()
    clock.turn(60)
    listener._sock.errors = [OSError(errno.EMFILE, "x")]
    listener.accept()

    assert caplog.messages == ["connections have to wait: Too many open files", "connections have to wait: x"]


def test_for_all_else_it_is_the_socket():
    assert Listener(Socket()).close() == "closed"
