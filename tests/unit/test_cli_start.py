"""The checks of `shop run` before it starts anything."""

import pytest

from shop_cli.folder import DataFolder
from shop_cli.refusal import Refusal
from shop_cli.start import plan


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"SHOP_CURRENCY": "ABC"}, "SHOP.currency must be one of EUR, USD, "),
        ({"SHOP_ORDER_TIMEOUT_SECONDS": "soon"}, "SHOP.order_timeout_seconds must be a number from 0.1 to 86,400, not"),
        ({"GATEWAY_ADDRESS": "8000"}, "GATEWAY_ADDRESS must be host:port, such as 127.0.0.1:8000, not '8000'."),
        ({"SHOP_MANAGER_USERNAME": "ada"}, "SHOP_MANAGER_PASSWORD: "),
        ({"SHOP_MANAGER_USERNAME": "ada", "SHOP_MANAGER_PASSWORD": "short"}, "SHOP_MANAGER_PASSWORD: "),
        ({"SHOP_MANAGER_USERNAME": "a b", "SHOP_MANAGER_PASSWORD": "long enough"}, "SHOP_MANAGER_USERNAME: "),
    ],
)
def test_a_bad_value_is_told_by_its_key(tmp_path, env, sentence):
    folder = DataFolder.at(tmp_path / "var")

    with pytest.raises(Refusal) as refusal:
        plan(folder, None, env, demo=True)

    assert str(refusal.value.message).startswith(sentence)
    assert not folder.path.exists()
