"""The Nameko service `customers`."""

from functools import partial

from customer_svc import credit, decisions, sessions
from customer_svc.audit import ExpectedCustomers
from customer_svc.domain import (
    CUSTOMER,
    ChangeCredit,
    ChangeProfile,
    Edit,
    GrantRole,
    Profile,
    RegisterCustomer,
    RevokeRole,
    SetCredit,
)
from customer_svc.schemas import (
    CreditChangeFields,
    CreditFields,
    RegistrationFields,
    RoleFields,
    existing_name,
    profile_changes,
    query_of,
)
from customer_svc.store import Customers, RedisCustomers, SqlCustomers, customer_wire
from shop.audit import auditing
from shop.audit.credit import CreditNeverNegative, MoneyConserved
from shop.contracts import names
from shop.contracts.actors import Actor, require_manager, require_operator, require_owner
from shop.contracts.commits import RecordedEvent
from shop.contracts.decisions import Decide
from shop.contracts.errors import UnknownCustomer
from shop.contracts.events import (
    CreditAdjusted,
    CreditReleased,
    CreditReserved,
    CustomerRegistered,
    OrderApproved,
    PasswordSet,
    ProfileChanged,
    Role,
    RoleGranted,
    RoleRevoked,
)
from shop.contracts.money import zero
from shop.contracts.views import AddressView, CustomerView, Listed, MoneyView
from shop.contracts.wire import Wire
from shop.event_sourcing import operations, time_travel
from shop.event_sourcing.log import EventLog, Log
from shop.event_sourcing.subscription import projects
from shop.messaging.rpc import rpc
from shop.read_models.redis import RedisReadModel
from shop.read_models.sql import SqlReadModel
from shop.read_models.stores import ReadModelStore
from shop.service.identity import CallingActor
from shop.service.pagination import cursor_of
from shop.service.settings import Settings, ShopSettings
from shop.service.validation import check, checked_key, require_currency


class CustomersService(
    credit.CreditReservations, sessions.Sessions, operations.Operations, time_travel.TimeTravel, auditing.Audited
):
    """Customers, their credentials, sessions and credit."""

    name = names.Service.CUSTOMERS.value

    actor: Actor = CallingActor()
    log: Log = EventLog()
    store: Customers = ReadModelStore(SqlReadModel(SqlCustomers), RedisReadModel(RedisCustomers))
    settings: Settings = ShopSettings()
    deciders = {"customer": CUSTOMER}
    audits = auditing.Auditing(CreditNeverNegative, MoneyConserved, expected=ExpectedCustomers)

    # Customers

    @rpc
    def register(
        self, username: str, password: str, full_name: str, email: str, key: str | None = None
    ) -> CustomerView:
        """Become a customer, with the opening credit. Raises: InvalidRequest, UsernameTaken."""
        asked = {"username": username, "password": password, "full_name": full_name, "email": email}
        values = check(RegistrationFields(), asked)
        command = RegisterCustomer(
            username=values["username"],
            profile=Profile(full_name=values["full_name"], email=values["email"]),
            credit=self.settings.opening_credit,
        )
        return self._register(command, values["password"], "register", key)

    @rpc
    def get_customer(self, username: str) -> CustomerView:
        """One customer, for the customer and managers. Raises: UnknownCustomer."""
        name = existing_name(username)
        require_owner(self.actor, name, UnknownCustomer, name)
        return self._shown(name)

    @rpc
    def list_customers(self, q: str | None = None, limit: int = 20, after: str | None = None) -> Listed[CustomerView]:
        """Customers by username, for managers. `q`: text in username, full name or e-mail address."""
        require_manager(self.actor)
        items, last = self.store.customers(**query_of({"q": q, "limit": limit, "after": after}))
        return {"items": items, "next": cursor_of(last) if last else None}

    @rpc
    def edit_profile(
        self, username: str, changes: Wire, key: str | None = None, if_match: int | None = None
    ) -> CustomerView:
        """Change full_name, email or address (None removes it). Raises: UnknownCustomer, EditConflict."""
        name = existing_name(username)
        require_owner(self.actor, name, UnknownCustomer, name)
        command = ChangeProfile(username=name, changes=profile_changes(changes), if_match=if_match)
        return self._edit(command, "edit_profile", key, {"username": name, "changes": changes})

    @rpc
    def set_credit(
        self,
        username: str,
        credit: MoneyView,
        reason: str,
        *,
        key: str | None = None,
        if_match: int | None = None,
        expected: MoneyView | None = None,
    ) -> CustomerView:
        """Set the available credit, if it is still the expected one. Managers only.

        Raises: UnknownCustomer, CreditBelowZero, CreditMoved, EditConflict.
        """
        require_manager(self.actor)
        # Absent if not given, so that a retry has the same fingerprint in a process of an earlier release.
        seen = {"expected": expected} if expected is not None else {}
        name, values = existing_name(username), check(CreditFields(), {"credit": credit, "reason": reason, **seen})
        for field in ("credit", *seen):
            require_currency(field, values[field], self.settings.currency)
        command = SetCredit(username=name, if_match=if_match, **values)
        request = {"username": name, "credit": credit, "reason": values["reason"], **seen}
        return self._edit(command, "set_credit", key, request)

    @rpc
    def change_credit(self, username: str, amount: MoneyView, reason: str, key: str | None = None) -> CustomerView:
        """Add to the available credit, or reduce it. Managers only. Raises: UnknownCustomer, CreditBelowZero."""
        require_manager(self.actor)
        name, values = existing_name(username), check(CreditChangeFields(), {"amount": amount, "reason": reason})
        require_currency("amount", values["amount"], self.settings.currency)
        request = {"username": name, "amount": amount, "reason": values["reason"]}
        return self._edit(ChangeCredit(username=name, **values), "change_credit", key, request)

    @rpc
    def delivery_address(self, username: str) -> AddressView | None:
        """The customer's delivery address; None if not set. For the customer and managers."""
        name = existing_name(username)
        require_owner(self.actor, name, UnknownCustomer, name)
        return self._shown(name)["address"]

    # For operators

    @rpc
    def add_manager(
        self,
        username: str,
        password: str,
        full_name: str | None = None,
        email: str | None = None,
        key: str | None = None,
    ) -> CustomerView:
        """Register a manager. Operators only. Raises: InvalidRequest, UsernameTaken."""
        require_operator(self.actor)
        asked = {"username": username, "password": password, "full_name": full_name or username}
        values = check(RegistrationFields(partial=["email"]), asked | ({"email": email} if email else {}))
        command = RegisterCustomer(
            username=values["username"],
            profile=Profile(full_name=values["full_name"], email=values.get("email", "")),
            credit=zero(self.settings.currency),
            role=Role.MANAGER,
        )
        return self._register(command, values["password"], "add_manager", key)

    @rpc
    def grant_role(self, username: str, role: str, key: str | None = None) -> CustomerView:
        """Operators only. Raises: UnknownCustomer."""
        require_operator(self.actor)
        command = GrantRole(username=existing_name(username), role=check(RoleFields(), {"role": role})["role"])
        return self._edit(command, "grant_role", key, {"username": username, "role": role})

    @rpc
    def revoke_role(self, username: str, key: str | None = None) -> CustomerView:
        """Make a manager an ordinary customer again. Operators only. Raises: UnknownCustomer."""
        require_operator(self.actor)
        return self._edit(RevokeRole(username=existing_name(username)), "revoke_role", key, {"username": username})

    # The read model

    @projects(
        CustomerRegistered, ProfileChanged, RoleGranted, RoleRevoked, CreditAdjusted, CreditReserved, CreditReleased
    )
    def show_customer(self, recorded: RecordedEvent, rows: Customers) -> None:
        rows.show_customer(recorded)

    @projects(CreditReserved, CreditReleased, OrderApproved)
    def show_reservation(self, recorded: RecordedEvent, rows: Customers) -> None:
        rows.show_reservation(recorded)

    # Private

    def _register(self, command: RegisterCustomer, password: str, method: str, key: str | None) -> CustomerView:
        name, profile = command.username, command.profile
        request = {
            "username": name,
            "full_name": profile.full_name,
            "email": profile.email,
            "password": self.seal(password, name, key),
        }
        new = PasswordSet(username=name, password_hash=self.passwords.hash(password))
        return self._execute(name, partial(decisions.register, command, new), method, key, request)

    def _edit(self, command: Edit, method: str, key: str | None, request: Wire) -> CustomerView:
        return self._execute(command.username, partial(decisions.edit, command), method, key, request)

    def _execute(self, name: str, decision: Decide, method: str, key: str | None, request: Wire) -> CustomerView:
        """Carry out a command about this customer. Returns the customer after it."""
        done = self.log.execute(decision, key=checked_key(key), method=method, request=request)
        customer = done.state(CUSTOMER, name)
        if customer is None:
            raise UnknownCustomer(name)
        # The read model may lag behind the decision's state.
        spent = min(self.store.spent(name, customer.credit.currency), customer.reserved)
        return customer_wire(customer, held=customer.reserved - spent, spent=spent)

    def _shown(self, name: str) -> CustomerView:
        """The customer from the read model, after catching up if necessary. Raises: UnknownCustomer."""
        customer = self.store.customer(name)
        if customer is None:
            self.log.catch_up()
            customer = self.store.customer(name)
        if customer is None:
            raise UnknownCustomer(name)
        return customer
