"""Stand-ins for the services behind the gateway: they answer as the contract says and note who asked for what."""

from typing import Any
from uuid import UUID

from shop.contracts import errors
from shop.messaging.rpc import rpc
from tests.component.support.gateway_notes import BOOKS, Noting
from tests.component.support.gateway_samples import (
    AT,
    CATEGORY,
    CATEGORY_ID,
    CUSTOMER,
    EVENTS,
    INVOICE,
    LETTER,
    NUMBER,
    ORDER,
    ORDER_ID,
    PRODUCT,
    PRODUCT_ID,
    SESSIONS,
    STREAM,
    euros,
)


def state_of(stream: str, version: int | None) -> dict[str, Any]:
    if version is not None and version > len(EVENTS):
        raise errors.InvalidRequest({"version": ["Must not exceed 3, the number of events in the stream."]})
    state = {"username": "Anna", "credit": euros(600), "reserved": euros(5)}
    last = len(EVENTS)
    return {"stream": stream, "version": last, "last_version": last, "at": AT, "state": state, "before": state}


def known(thing_id: str, wanted: str, missing: type[errors.NotFound]) -> None:
    if UUID(thing_id) != UUID(wanted):
        raise missing(thing_id)


class Customers:
    name = "customers"
    note = Noting()

    @rpc
    def identify(self, token):
        self.note(token)
        if token not in SESSIONS:
            raise errors.Unauthenticated
        return SESSIONS[token]

    @rpc
    def register(self, username, password, full_name, email, key=None):
        self.note(username, password, full_name, email, key=key)
        if username == "taken":
            raise errors.UsernameTaken(username)
        return {**CUSTOMER, "username": username}

    @rpc
    def log_in(self, username, password, client=None):
        self.note(username, password, client=client)
        if password == "too often":
            raise errors.TooManyTries(17)
        if password != "right password":
            raise errors.LogInFailed
        return {"token": "token-of-anna", **SESSIONS["token-of-anna"]}

    @rpc
    def log_out(self, token):
        self.note(token)

    @rpc
    def change_password(self, token, current_password, new_password, key=None):
        self.note(token, current_password, new_password, key=key)
        if current_password != "right password":
            raise errors.InvalidRequest({"current_password": ["Current password is incorrect."]})

    @rpc
    def get_customer(self, username):
        self.note(username)
        if username.casefold() != "anna":
            raise errors.UnknownCustomer(username)
        return CUSTOMER

    @rpc
    def list_customers(self, q=None, limit=20, after=None):
        self.note(q=q, limit=limit, after=after)
        return {"items": [CUSTOMER], "next": "more"}

    @rpc
    def edit_profile(self, username, changes, key=None, if_match=None):
        self.note(username, changes, key=key, if_match=if_match)
        if if_match not in (None, CUSTOMER["version"]):
            raise errors.EditConflict
        return CUSTOMER

    @rpc
    def set_credit(self, username, credit, reason, *, key=None, if_match=None, expected=None):
        self.note(username, credit, reason, key=key, if_match=if_match, expected=expected)
        if username.casefold() != "anna":
            raise errors.UnknownCustomer(username)
        if credit["amount"] < 0:
            raise errors.CreditBelowZero
        if expected not in (None, CUSTOMER["credit"]):
            raise errors.CreditMoved("100.00 EUR")
        return CUSTOMER

    @rpc
    def change_credit(self, username, amount, reason, key=None):
        self.note(username, amount, reason, key=key)
        if username.casefold() != "anna":
            raise errors.UnknownCustomer(username)
        return CUSTOMER

    @rpc
    def state_at(self, stream, version=None, at=None):
        self.note(stream, version=version, at=at)
        return state_of(stream, version)

    @rpc
    def audit(self, at_least=0, max_age=60.0):
        self.note(at_least=at_least, max_age=max_age)
        return BOOKS.answer(self.name)

    @rpc
    def status(self):
        self.note()
        return {"ready": True, "position": 98}


class Products:
    name = "products"
    note = Noting()

    @rpc
    def list_categories(self):
        self.note()
        return [CATEGORY, {**CATEGORY, "id": PRODUCT_ID, "name": "appliances"}]

    @rpc
    def get_category(self, category_id):
        self.note(category_id)
        known(category_id, CATEGORY_ID, errors.UnknownCategory)
        return CATEGORY

    @rpc
    def add_category(self, name, key=None):
        self.note(name, key=key)
        return {**CATEGORY, "name": name}

    @rpc
    def rename_category(self, category_id, name, key=None, if_match=None):
        self.note(category_id, name, key=key, if_match=if_match)
        known(category_id, CATEGORY_ID, errors.UnknownCategory)
        return {**CATEGORY, "name": name}

    @rpc
    def remove_category(self, category_id, key=None, if_match=None):
        self.note(category_id, key=key, if_match=if_match)
        known(category_id, CATEGORY_ID, errors.UnknownCategory)

    @rpc
    def list_products(self, category=None, q=None, in_stock=False, sort="name", limit=20, after=None):  # noqa: PLR0917 - the contract's
        self.note(category=category, q=q, in_stock=in_stock, sort=sort, limit=limit, after=after)
        return {"items": [PRODUCT], "next": None}

    @rpc
    def get_product(self, product_id):
        self.note(product_id)
        known(product_id, PRODUCT_ID, errors.UnknownProduct)
        return PRODUCT

    @rpc
    def add_product(self, name, description, supplier, category_id, price, units_in_stock, key=None):  # noqa: PLR0917 - the contract's
        self.note(name, description, supplier, category_id, price, units_in_stock, key=key)
        if category_id != CATEGORY_ID:
            raise errors.InvalidRequest({"category_id": ["Category not found."]})
        return PRODUCT

    @rpc
    def edit_product(self, product_id, changes, key=None, if_match=None):
        self.note(product_id, changes, key=key, if_match=if_match)
        known(product_id, PRODUCT_ID, errors.UnknownProduct)
        if if_match not in (None, PRODUCT["version"]):
            raise errors.EditConflict
        return PRODUCT

    @rpc
    def adjust_stock(self, product_id, delta, reason, key=None, if_match=None):
        self.note(product_id, delta, reason, key=key, if_match=if_match)
        known(product_id, PRODUCT_ID, errors.UnknownProduct)
        if delta < -7:
            raise errors.StockBelowZero
        return PRODUCT

    @rpc
    def withdraw_product(self, product_id, key=None, if_match=None):
        self.note(product_id, key=key, if_match=if_match)
        known(product_id, PRODUCT_ID, errors.UnknownProduct)

    @rpc
    def state_at(self, stream, version=None, at=None):
        self.note(stream, version=version, at=at)
        return state_of(stream, version)

    @rpc
    def audit(self, at_least=0, max_age=60.0):
        self.note(at_least=at_least, max_age=max_age)
        return BOOKS.answer(self.name)

    @rpc
    def status(self):
        self.note()
        return {"ready": True, "position": 100}


class Orders:
    name = "orders"
    note = Noting()

    @rpc
    def place_order(self, lines, key=None, delivery=None, expected_total=None):
        more = {"expected_total": expected_total} if expected_total else {}
        self.note(lines, key=key, delivery=delivery, **more)
        if expected_total not in (None, ORDER["total"]):
            raise errors.TotalMoved("39.96 EUR")
        return ORDER

    @rpc
    def list_orders(
        self, status=None, customer=None, *, placed_from=None, placed_before=None, sort="-placed", limit=20, after=None
    ):
        times = {"placed_from": placed_from, "placed_before": placed_before}
        self.note(status=status, customer=customer, sort=sort, limit=limit, after=after, **times)
        return {"items": [ORDER], "next": None}

    @rpc
    def get_order(self, order_id):
        self.note(order_id)
        known(order_id, ORDER_ID, errors.UnknownOrder)
        return ORDER

    @rpc
    def count_orders(self, placed_from=None, placed_before=None):
        self.note(placed_from=placed_from, placed_before=placed_before)
        return {"placed": 1, "approved": 2, "rejected": 3, "cancelled": 0, "shipped": 4}

    @rpc
    def history(self, order_id):
        self.note(order_id)
        known(order_id, ORDER_ID, errors.UnknownOrder)
        return [
            {"at": AT, "event": event, "state": "placed", "detail": {"total": euros(3996)}}
            for event in ("OrderPlaced", "StockReserved", "CreditReserved")
        ]

    @rpc
    def cancel_order(self, order_id, key=None):
        self.note(order_id, key=key)
        known(order_id, ORDER_ID, errors.UnknownOrder)
        return {**ORDER, "status": "cancelled"}

    @rpc
    def ship_order(self, order_id, key=None):
        self.note(order_id, key=key)
        known(order_id, ORDER_ID, errors.UnknownOrder)
        return {**ORDER, "status": "shipped"}

    @rpc
    def state_at(self, stream, version=None, at=None):
        self.note(stream, version=version, at=at)
        return state_of(stream, version)

    @rpc
    def audit(self, at_least=0, max_age=60.0):
        self.note(at_least=at_least, max_age=max_age)
        return BOOKS.answer(self.name)

    @rpc
    def status(self):
        self.note()
        return {"ready": True, "position": 100}


class Accounting:
    name = "accounting"
    note = Noting()

    @rpc
    def list_invoices(self, year=None, limit=20, after=None):
        self.note(year=year, limit=limit, after=after)
        return {"items": [INVOICE], "next": None}

    @rpc
    def get_invoice(self, number):
        self.note(number)
        if number != NUMBER:
            raise errors.UnknownInvoice(number)
        return INVOICE

    @rpc
    def revenue(self, year):
        self.note(year)
        months = [{"month": 11, "total": euros(3996), "invoices": 1}]
        return {"year": year, "total": euros(3996), "months": months}

    @rpc
    def state_at(self, stream, version=None, at=None):
        self.note(stream, version=version, at=at)
        return state_of(stream, version)

    @rpc
    def audit(self, at_least=0, max_age=60.0):
        self.note(at_least=at_least, max_age=max_age)
        return BOOKS.answer(self.name)

    @rpc
    def status(self):
        self.note()
        return {"ready": True, "position": 100}


class EventStore:
    name = "event_store"
    note = Noting()

    @rpc
    def head(self):
        self.note()
        return {"log": "l", "head": 100}

    @rpc
    def health(self):
        self.note()
        return {"log": "l", "head": 100, "refusal": None}

    @rpc
    def find(self, command_ids):
        self.note(command_ids)
        return {command_id: {"command_id": command_id, "position": 90} for command_id in command_ids}

    @rpc
    def audit(self, at_least=0, max_age=60.0):
        self.note(at_least=at_least, max_age=max_age)
        return BOOKS.answer(self.name)

    @rpc
    def read_streams(self, wanted):
        self.note(wanted)
        ((stream, after),) = wanted
        events = [event for event in EVENTS if event["version"] > after] if stream == STREAM else []
        return {"streams": {stream: {"version": 3 if stream == STREAM else 0, "events": events, "next": None}}}

    @rpc
    def dead_letters(self, subscription=None):
        self.note(subscription)
        return [LETTER, {**LETTER, "id": 8, "position": 13}]

    @rpc
    def retry_dead_letter(self, id):
        self.note(id)


BACKENDS = (Customers, Products, Orders, Accounting, EventStore)
