"""Calls to a running shop through its socket."""

from pathlib import Path

import pytest

from shop.contracts.errors import InvalidRequest, UnknownOrder, WrongExpectedVersion
from shop_cli.client import ServiceFault, ShopClient
from shop_cli.folder import DataFolder
from shop_cli.refusal import Refusal
from tests.unit.support.operators_socket import OperatorsSocket


@pytest.fixture
def folder(tmp_path):
    return DataFolder.at(tmp_path)


@pytest.fixture
def running(folder):
    running = OperatorsSocket(folder)
    yield running
    running.close()


@pytest.fixture
def client(folder, running):
    with ShopClient.of(folder) as client:
        yield client


def test_services_and_methods_are_attributes_or_names(client, running):
    running.answers = {"products.get_product": {"name": "Bowl"}}

    assert client.rpc.products.get_product("p-1") == {"name": "Bowl"}
    assert client.rpc["products"].get_product(product_id="p-2") == {"name": "Bowl"}
    assert running.calls == [
        ("products.get_product", ["p-1"], {}),
        ("products.get_product", [], {"product_id": "p-2"}),
    ]


@pytest.mark.parametrize(
    "error",
    [UnknownOrder("o-1"), WrongExpectedVersion("order-1", 3, 4), InvalidRequest({"q": ["No."]}), UnknownOrder()],
)
def test_an_error_of_the_shop_arrives_as_the_class_that_was_raised(client, running, error):
    running.answers = {"orders.get_order": error}

    with pytest.raises(type(error)) as raised:
        client.rpc.orders.get_order("o-1")

    assert raised.value.args == error.args
    assert str(raised.value) == str(error)


@pytest.mark.parametrize("error", [KeyError("x"), OSError("disk full"), ValueError(object)])
def test_any_other_error_is_a_fault_of_the_service(client, running, error):
    running.answers = {"orders.get_order": error}

    with pytest.raises(ServiceFault, match=type(error).__name__):
        client.rpc.orders.get_order("o-1")


def test_the_name_of_something_that_is_no_error_is_not_taken_for_one(client, running):
    running.answers = {"orders.get_order": type("ClassVar", (Exception,), {})()}

    with pytest.raises(ServiceFault, match="ClassVar"):
        client.rpc.orders.get_order("o-1")


def test_a_shop_that_stops_meanwhile_is_told(client, running):
    running.close()

    with pytest.raises(Refusal, match="The shop has stopped"):
        client.call("orders", "status")


def test_a_folder_may_be_deeper_than_a_sockets_address(tmp_path, monkeypatch):
    deep = DataFolder.at(tmp_path / ("d" * 120))
    deep.path.mkdir()
    monkeypatch.chdir(deep.path)
    running = OperatorsSocket(DataFolder(path=deep.path.relative_to(deep.path)))
    monkeypatch.chdir(tmp_path)
    running.answers = {"orders.status": 1}

    with ShopClient.of(deep) as client:
        assert client.call("orders", "status") == 1

    assert Path.cwd() == tmp_path
    running.close()
