"""Dead letters as managers see them over HTTP, and have them handled again."""

from tests.support.waiting import wait_until
from tests.system.support.clients import some_product


def set_aside(shop, order):
    """Have the order's invoice lie about as if it could not have been issued."""
    approved = next(entry for entry in shop.as_manager().history(order) if entry["event"] == "OrderApproved")
    letter = {
        "position": approved["recorded"]["position"],
        "correlation_id": order["id"],
        "reaction": "issue_invoice",
        "error": "LookupError('the paper ran out')",
        "attempts": 6,
    }
    shop.call("event_store", "set_aside", "accounting", [letter])


def letters_of(shop, order):
    letters = shop.as_manager().read_all("/v1/dead-letters")
    return [letter for letter in letters if letter["correlation_id"] == order["id"]]


def test_a_manager_sees_a_dead_letter_and_has_it_handled_again(shop):
    customer, manager = shop.new_customer(credit="500.00"), shop.as_manager()
    order = customer.wait_for_end(customer.place_order({some_product(customer)["id"]: 1}))
    set_aside(shop, order)
    (letter,) = letters_of(shop, order)

    response = manager.request("POST", f"/v1/dead-letters/{letter['id']}/retry")

    assert (letter["service"], letter["reaction"], letter["attempts"]) == ("accounting", "issue_invoice", 6)
    assert (letter["error"], letter["state"]) == ("the paper ran out", "set_aside")
    assert (response.status_code, response.json()["state"]) == (202, "retrying")
    wait_until(lambda: not letters_of(shop, order), "the dead letter to be handled")
    assert customer.order(order)["invoice"] == order["invoice"]


def test_what_is_no_dead_letter_cannot_be_retried(shop):
    assert shop.as_manager().request("POST", "/v1/dead-letters/999999/retry").status_code == 404
    assert shop.new_customer().request("POST", "/v1/dead-letters/1/retry").status_code == 403
