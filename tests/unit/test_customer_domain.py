"""The rules of customers and of what they can spend."""

from dataclasses import replace

import pytest

from customer_svc.domain import (
    CUSTOMER,
    ChangeCredit,
    Customer,
    GrantRole,
    Profile,
    RevokeRole,
    SetCredit,
)
from shop.contracts.errors import (
    CreditBelowZero,
    CreditMoved,
    EditConflict,
    InvalidRequest,
    UnknownCustomer,
    UsernameTaken,
)
from shop.contracts.events import (
    CreditAdjusted,
    CreditRejected,
    CreditReleased,
    CreditReserved,
    CustomerRegistered,
    OrderShipped,
    ProfileChanged,
    Role,
    RoleGranted,
    RoleRevoked,
)
from shop.contracts.money import MAX_AMOUNT
from tests.unit.support.customer_builders import (
    HOME,
    ORDER,
    OTHER_ORDER,
    ann,
    changing,
    customer_after,
    decide,
    eur,
    registering,
    release,
    reserve,
)


def test_a_customer_registers_with_the_opening_credit():
    events = decide(None, registering(credit=10_000))

    assert events == [
        CustomerRegistered(
            username="Ann", full_name="Ann Example", email="ann@example.com", role=Role.CUSTOMER, credit=eur(10_000)
        )
    ]
    assert CUSTOMER.fold(events) == Customer(
        username="Ann",
        profile=Profile(full_name="Ann Example", email="ann@example.com"),
        role=Role.CUSTOMER,
        credit=eur(10_000),
        reserved=eur(0),
        version=1,
    )


def test_a_taken_username_is_refused_in_any_case():
    with pytest.raises(UsernameTaken):
        decide(ann(), registering())

    assert CUSTOMER.stream("ANN") == CUSTOMER.stream("ann")


def test_an_order_of_an_unknown_customer_is_refused_and_the_name_stays_free():
    events = decide(None, reserve(500))

    assert events == [CreditRejected(username="Ann", order_id=ORDER, amount=eur(500), available=eur(0))]
    assert CUSTOMER.fold([*events, *decide(None, registering())]) == ann()


def test_an_order_takes_its_total_from_the_credit():
    customer = ann(credit=500)

    events = decide(customer, reserve(500))

    assert events == [CreditReserved(username="Ann", order_id=ORDER, amount=eur(500))]
    assert CUSTOMER.fold(events, customer) == replace(customer, credit=eur(0), reserved=eur(500))


def test_an_order_above_the_credit_is_refused_and_takes_nothing():
    customer = ann(credit=499)

    events = decide(customer, reserve(500))

    assert events == [CreditRejected(username="Ann", order_id=ORDER, amount=eur(500), available=eur(499))]
    assert CUSTOMER.fold(events, customer) == customer


def test_two_orders_cannot_spend_the_same_credit():
    customer = customer_after(reserve(300), start=ann(credit=300))

    events = decide(customer, reserve(300, OTHER_ORDER))

    assert [type(event) for event in events] == [CreditRejected]


def test_what_an_order_took_goes_back():
    holding = customer_after(reserve(300), start=ann(credit=1_000))

    events = decide(holding, release(300))

    assert events == [CreditReleased(username="Ann", order_id=ORDER, amount=eur(300))]
    assert CUSTOMER.fold(events, holding) == ann(credit=1_000)


def test_an_edit_keeps_what_it_does_not_name():
    customer = customer_after(changing({"address": HOME}), start=ann())

    events = decide(customer, changing({"email": "new@example.com"}))

    assert events == [
        ProfileChanged(username="Ann", full_name="Ann Example", email="new@example.com", address=HOME),
    ]


def test_an_address_can_be_taken_away():
    customer = customer_after(changing({"address": HOME}), changing({"address": None}), start=ann())

    assert customer.profile.address is None


def test_an_edit_that_changes_nothing_is_not_recorded():
    customer = ann()

    assert decide(customer, changing({})) == []
    assert decide(customer, changing({"full_name": "Ann Example", "address": None})) == []
    assert decide(customer, SetCredit(username="Ann", credit=customer.credit, reason="again")) == []
    assert decide(customer, ChangeCredit(username="Ann", amount=eur(0), reason="nothing")) == []


def test_a_profile_edit_leaves_the_credit_alone():
    customer = customer_after(reserve(300), changing({"full_name": "Ann B."}), start=ann(credit=1_000))

    assert (customer.credit, customer.reserved) == (eur(700), eur(300))


def test_a_manager_sets_what_can_still_be_spent():
    holding = customer_after(reserve(300), start=ann(credit=1_000))

    events = decide(holding, SetCredit(username="Ann", credit=eur(100), reason="goodwill"))

    assert events == [CreditAdjusted(username="Ann", change=eur(-600), reason="goodwill")]
    assert customer_after(release(300), start=CUSTOMER.fold(events, holding)).credit == eur(400)


def test_credit_cannot_be_set_below_zero():
    with pytest.raises(CreditBelowZero):
        decide(ann(), SetCredit(username="Ann", credit=eur(-1), reason="typo"))


def test_credit_that_an_order_has_taken_meanwhile_is_not_given_again():
    seen = ann(credit=10_000)
    holding = customer_after(reserve(8_000), start=seen)
    raising = SetCredit(username="Ann", credit=eur(15_000), reason="goodwill", expected=seen.credit)

    with pytest.raises(CreditMoved, match=r"20\.00 EUR"):
        decide(holding, raising)

    assert decide(seen, raising) == [CreditAdjusted(username="Ann", change=eur(5_000), reason="goodwill")]


def test_credit_is_added_to_whatever_there_is():
    holding = customer_after(reserve(300), start=ann(credit=1_000))

    events = decide(holding, ChangeCredit(username="Ann", amount=eur(50), reason="goodwill"))

    assert events == [CreditAdjusted(username="Ann", change=eur(50), reason="goodwill")]
    assert CUSTOMER.fold(events, holding).credit == eur(750)


def test_credit_is_taken_away_as_far_as_there_is_some():
    holding = customer_after(reserve(300), start=ann(credit=1_000))

    events = decide(holding, ChangeCredit(username="Ann", amount=eur(-700), reason="returned"))

    assert CUSTOMER.fold(events, holding).credit == eur(0)
    with pytest.raises(CreditBelowZero):
        decide(holding, ChangeCredit(username="Ann", amount=eur(-701), reason="returned"))


def test_credit_does_not_become_more_than_money_can_be():
    with pytest.raises(InvalidRequest, match=r"amount: Available credit must not exceed 9999999\.99\."):
        decide(ann(credit=1), ChangeCredit(username="Ann", amount=eur(MAX_AMOUNT), reason="typo"))


def test_a_role_is_granted_and_revoked_once():
    granted = decide(ann(), GrantRole(username="Ann", role=Role.MANAGER))
    manager = CUSTOMER.fold(granted, ann())
    revoked = decide(manager, RevokeRole(username="Ann"))
    ordinary = CUSTOMER.fold(revoked, manager)

    assert granted == [RoleGranted(username="Ann", role=Role.MANAGER)]
    assert decide(manager, GrantRole(username="Ann", role=Role.MANAGER)) == []
    assert revoked == [RoleRevoked(username="Ann", role=Role.MANAGER)]
    assert decide(ordinary, RevokeRole(username="Ann")) == []
    assert (manager.role, ordinary.role) == (Role.MANAGER, Role.CUSTOMER)


@pytest.mark.parametrize(
    "command",
    [
        changing({"full_name": "Nobody"}),
        SetCredit(username="Ann", credit=eur(1), reason="gift"),
        ChangeCredit(username="Ann", amount=eur(1), reason="gift"),
        GrantRole(username="Ann", role=Role.MANAGER),
        RevokeRole(username="Ann"),
    ],
)
def test_nobody_edits_an_unknown_customer(command):
    with pytest.raises(UnknownCustomer):
        decide(None, command)


def test_the_version_counts_edits_and_not_orders():
    customer = customer_after(
        changing({"full_name": "Ann B."}),
        reserve(100),
        reserve(10**8, OTHER_ORDER),
        release(100),
        SetCredit(username="Ann", credit=eur(5), reason="gift"),
        GrantRole(username="Ann", role=Role.MANAGER),
        RevokeRole(username="Ann"),
        start=ann(),
    )

    assert customer.version == 5


def test_an_edit_made_on_another_version_is_refused():
    with pytest.raises(EditConflict):
        decide(ann(), changing({"full_name": "Ann B."}, if_match=2))
    with pytest.raises(EditConflict):
        decide(ann(), SetCredit(username="Ann", credit=eur(5), reason="gift", if_match=0))

    assert decide(ann(), changing({"full_name": "Ann B."}, if_match=1))


def test_events_of_other_streams_change_nothing():
    assert CUSTOMER.fold([OrderShipped(order_id=ORDER)], ann()) == ann()
    assert CUSTOMER.fold([OrderShipped(order_id=ORDER)]) is None
