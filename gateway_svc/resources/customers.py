"""/v1/customers"""

import re
from functools import partial

from gateway_svc import schemas, shapes
from gateway_svc.calls import Call
from gateway_svc.identity import Callers, RequestCaller
from gateway_svc.routes import Access, Answer, route
from shop.contracts.api import CustomersApi
from shop.contracts.errors import CreditBelowZero, CreditMoved, EditConflict, UnknownCustomer, UsernameTaken
from shop.contracts.views import CustomerView, Listed
from shop.messaging.rpc_client import rpc_client
from shop.service.validation import USERNAME

CUSTOMER = Answer(shape=shapes.Customer, versioned=True)
ONE = "/v1/customers/<username>"


class CustomerRoutes:
    customers: CustomersApi = rpc_client(CustomersApi)
    caller: RequestCaller = Callers()

    @route(
        "POST",
        "/v1/customers",
        access=Access.ANYONE,
        body=schemas.NewCustomer,
        answer=Answer(status=201, shape=shapes.Customer, location="/v1/customers/{username}", versioned=True),
        refusals=[UsernameTaken],
    )
    def register(self, call: Call) -> CustomerView:
        """Create a customer account."""
        return self.customers.register(**call.body, key=call.key)

    @route("GET", "/v1/customers/me", access=Access.CUSTOMER, answer=CUSTOMER)
    def get_me(self, call: Call) -> CustomerView:
        """Get your own profile and credit."""
        return self.customers.get_customer(call.actor.username)

    @route(
        "PATCH",
        "/v1/customers/me",
        access=Access.CUSTOMER,
        body=schemas.ProfileChanges,
        answer=CUSTOMER,
        refusals=[EditConflict],
        edits=True,
    )
    def edit_me(self, call: Call) -> CustomerView:
        """Update the given fields of your own profile."""
        return call.edit(self.customers.edit_profile, call.actor.username, call.body)

    @route(
        "PUT", "/v1/customers/me/password", access=Access.USER, body=schemas.PasswordChange, answer=Answer(status=204)
    )
    def change_password(self, call: Call) -> None:
        """Change your password and end all other sessions."""
        try:
            self.customers.change_password(call.token, **call.body, key=call.key)
        finally:  # a call that was not answered may have been carried out
            self.caller.forget(call.actor.username)

    @route(
        "GET",
        "/v1/customers",
        access=Access.MANAGER,
        query=schemas.CustomersQuery,
        answer=Answer(shape=shapes.Customer, many=True),
    )
    def list_customers(self, call: Call) -> Listed[CustomerView]:
        """List all users with their credit."""
        return self.customers.list_customers(**call.query)

    @route("GET", ONE, access=Access.MANAGER, answer=CUSTOMER, refusals=[UnknownCustomer])
    def get_customer(self, _call: Call, username: str) -> CustomerView:
        """Get a user."""
        return self.customers.get_customer(_known_form(username))

    @route(
        "PUT",
        f"{ONE}/credit",
        access=Access.MANAGER,
        body=schemas.CreditSetting,
        answer=CUSTOMER,
        refusals=[UnknownCustomer, CreditBelowZero, CreditMoved, EditConflict],
        edits=True,
    )
    def set_credit(self, call: Call, username: str) -> CustomerView:
        """Set a customer's available credit. Orders change it at any time: send what you saw as `expected`."""
        return call.edit(partial(self.customers.set_credit, _known_form(username), **call.body))

    @route(
        "POST",
        f"{ONE}/credit-changes",
        access=Access.MANAGER,
        body=schemas.CreditChange,
        answer=Answer(status=201, shape=shapes.Customer, location="/v1/customers/{username}", versioned=True),
        refusals=[UnknownCustomer, CreditBelowZero],
    )
    def change_credit(self, call: Call, username: str) -> CustomerView:
        """Add to a customer's available credit, or deduct from it."""
        return self.customers.change_credit(_known_form(username), **call.body, key=call.key)


def _known_form(username: str) -> str:
    """Raises: UnknownCustomer, for a text that cannot be a username."""
    if not re.fullmatch(USERNAME, username, re.ASCII):
        raise UnknownCustomer
    return username
