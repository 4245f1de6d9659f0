"""Dataclasses to JSON values and back: the types that events do not need, but states do."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import pytest

from shop.contracts.codec import dump, load
from shop.contracts.money import Money

ORDER = UUID("33333333-3333-4333-8333-333333333333")


@dataclass(frozen=True)
class Holder:
    held: Mapping[UUID, Money]


def test_a_mapping_goes_there_and_back():
    holder = Holder({ORDER: Money(5, "EUR")})

    assert dump(holder) == {"held": {str(ORDER): {"amount": 5, "currency": "EUR"}}}
    assert load(Holder, dump(holder)) == holder


@pytest.mark.parametrize("held", [[], {"1": {"amount": 5, "currency": "EUR"}}, {str(ORDER): 5}])
def test_what_is_no_such_mapping_is_refused(held):
    with pytest.raises((TypeError, ValueError)):
        load(Holder, {"held": held})
