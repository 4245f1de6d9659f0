"""Accounts of the demo shop. The passwords are no secret: they are printed at each start."""

from dataclasses import dataclass

from shop.contracts.events import Address

MANAGER_PASSWORD = "manager-demo"  # noqa: S105 - of the demo, printed at each start
CUSTOMER_PASSWORD = "customer-demo"  # noqa: S105 - likewise


@dataclass(frozen=True, kw_only=True)
class DemoCustomer:
    """A customer; `credit` in minor units of the shop's currency."""

    username: str
    full_name: str
    email: str
    credit: int
    address: Address | None = None


MANAGER = DemoCustomer(username="manager", full_name="Morgan Reyes", email="manager@shop.example", credit=0)

CUSTOMERS = (
    DemoCustomer(
        username="alice",
        full_name="Alice Lindqvist",
        email="alice@shop.example",
        credit=50_000,
        address=Address(street="14 Harbour Street", city="Gothenburg", postcode="411 05", country="SE"),
    ),
    DemoCustomer(
        username="bob",
        full_name="Bob Okafor",
        email="bob@shop.example",
        credit=20_000,
        address=Address(street="3 Mill Lane", city="York", postcode="YO1 7HH", country="GB"),
    ),
    DemoCustomer(
        username="carol",
        full_name="Carol Jansen",
        email="carol@shop.example",
        credit=2_500,
        address=Address(street="Oude Gracht 88", city="Utrecht", postcode="3511 AV", country="NL"),
    ),
    DemoCustomer(username="dmitri", full_name="Dmitri Vale", email="dmitri@shop.example", credit=100_000),
)
"""Alice and Dmitri can afford anything, Bob has to choose, and Carol's orders will be rejected."""
