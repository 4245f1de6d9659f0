"""Orders of every kind, for what is to be looked at afterwards."""

from tests.support.waiting import wait_until
from tests.system.support.clients import some_product
from tests.system.support.shop_under_test import ShopUnderTest


def make_business(shop: ShopUnderTest) -> None:
    """One order that is shipped, one that is taken back, one that is refused."""
    customer, manager, product = shop.new_customer(credit="500.00"), shop.as_manager(), some_product(shop.visitor())
    shipped, taken_back = (customer.place_order({product["id"]: 1}) for _ in range(2))
    refused = customer.place_order({product["id"]: 1000})
    for order in (shipped, taken_back, refused):
        customer.wait_for_end(order)
    assert manager.ship(shipped).ok
    assert customer.cancel(taken_back).ok
    customer.wait_for_end(taken_back)
    wait_until(lambda: customer.order(taken_back)["credit"] == "released", "the credit to be released")
