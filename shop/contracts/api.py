"""The services' RPC interfaces: a Protocol per service, with every method.

`orders: OrdersApi = rpc_client(OrdersApi)` makes calls that type checkers and editors resolve to the Protocol
(`shop/messaging/rpc_client.py:rpc_client`). `tests/unit/test_service_api.py` compares each service with its Protocol.
The service documents a method and its errors, which are those of `shop.contracts.errors`, and ServiceUnavailable.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from shop.contracts.names import Service
from shop.contracts.views import (
    AddressView,
    AuditAnswer,
    CategoryView,
    CustomerView,
    HistoryEntry,
    InvoiceView,
    Listed,
    MoneyView,
    OrderView,
    ProductView,
    Quote,
    RebuildProgress,
    RevenueView,
    SessionOwnerView,
    SessionView,
    StateView,
    StatusView,
)
from shop.contracts.wire import (
    Appended,
    AppendedMany,
    CheckpointWire,
    ClockReading,
    CopiedCommits,
    Correlations,
    DatedSnapshot,
    Kept,
    KeptCommit,
    KeptLetter,
    LeaseWire,
    Letter,
    LogEnd,
    LogHealth,
    LogPage,
    ProposedCommit,
    SnapshotPage,
    SnapshotWire,
    StreamParts,
    Verdict,
    Wire,
)


class FollowerApi(Protocol):
    """RPC methods for operators and managers, of every service with a subscription."""

    def status(self) -> StatusView: ...

    def rebuild(self) -> None: ...

    def rebuild_progress(self) -> RebuildProgress: ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def state_at(self, stream: str, version: int | None = None, at: str | None = None) -> StateView: ...

    def audit(self, at_least: int = 0, max_age: float = 60.0) -> AuditAnswer: ...


class CustomersApi(FollowerApi, Protocol):
    """Customers, their credentials, sessions and credit."""

    def register(
        self, username: str, password: str, full_name: str, email: str, key: str | None = None
    ) -> CustomerView: ...

    def get_customer(self, username: str) -> CustomerView: ...

    def list_customers(
        self, q: str | None = None, limit: int = 20, after: str | None = None
    ) -> Listed[CustomerView]: ...

    def edit_profile(
        self, username: str, changes: Wire, key: str | None = None, if_match: int | None = None
    ) -> CustomerView: ...

    def set_credit(
        self,
        username: str,
        credit: MoneyView,
        reason: str,
        *,
        key: str | None = None,
        if_match: int | None = None,
        expected: MoneyView | None = None,
    ) -> CustomerView: ...

    def change_credit(self, username: str, amount: MoneyView, reason: str, key: str | None = None) -> CustomerView: ...

    def delivery_address(self, username: str) -> AddressView | None: ...

    def add_manager(
        self,
        username: str,
        password: str,
        full_name: str | None = None,
        email: str | None = None,
        key: str | None = None,
    ) -> CustomerView: ...

    def grant_role(self, username: str, role: str, key: str | None = None) -> CustomerView: ...

    def revoke_role(self, username: str, key: str | None = None) -> CustomerView: ...

    def log_in(self, username: str, password: str, client: str | None = None) -> SessionView: ...

    def identify(self, token: str) -> SessionOwnerView: ...

    def log_out(self, token: str) -> None: ...

    def change_password(self, token: str, current_password: str, new_password: str, key: str | None = None) -> None: ...

    def reset_password(self, username: str, password: str) -> None: ...


class ProductsApi(FollowerApi, Protocol):
    """The catalogue and the stock."""

    def list_categories(self) -> list[CategoryView]: ...

    def get_category(self, category_id: str) -> CategoryView: ...

    def add_category(self, name: str, key: str | None = None) -> CategoryView: ...

    def rename_category(
        self, category_id: str, name: str, key: str | None = None, if_match: int | None = None
    ) -> CategoryView: ...

    def remove_category(self, category_id: str, key: str | None = None, if_match: int | None = None) -> None: ...

    def list_products(
        self,
        category: str | None = None,
        *,
        q: str | None = None,
        in_stock: bool = False,
        sort: str = "name",
        limit: int = 20,
        after: str | None = None,
    ) -> Listed[ProductView]: ...

    def get_product(self, product_id: str) -> ProductView: ...

    def quote(self, product_ids: list[str]) -> dict[str, Quote]: ...

    def add_product(
        self,
        name: str,
        *,
        description: str,
        supplier: str,
        category_id: str,
        price: MoneyView,
        units_in_stock: int,
        key: str | None = None,
    ) -> ProductView: ...

    def edit_product(
        self, product_id: str, changes: Wire, key: str | None = None, if_match: int | None = None
    ) -> ProductView: ...

    def adjust_stock(
        self, product_id: str, delta: int, reason: str, key: str | None = None, if_match: int | None = None
    ) -> ProductView: ...

    def withdraw_product(self, product_id: str, key: str | None = None, if_match: int | None = None) -> None: ...


class OrdersApi(FollowerApi, Protocol):
    """Orders, from being placed to being shipped."""

    def place_order(
        self,
        lines: Sequence[Wire],
        key: str | None = None,
        delivery: Wire | None = None,
        expected_total: MoneyView | None = None,
    ) -> OrderView: ...

    def cancel_order(self, order_id: str, key: str | None = None) -> OrderView: ...

    def ship_order(self, order_id: str, key: str | None = None) -> OrderView: ...

    def get_order(self, order_id: str) -> OrderView: ...

    def list_orders(
        self,
        status: str | None = None,
        customer: str | None = None,
        *,
        placed_from: str | None = None,
        placed_before: str | None = None,
        sort: str = "-placed",
        limit: int = 20,
        after: str | None = None,
    ) -> Listed[OrderView]: ...

    def count_orders(self, placed_from: str | None = None, placed_before: str | None = None) -> dict[str, int]: ...

    def history(self, order_id: str) -> list[HistoryEntry]: ...


class AccountingApi(FollowerApi, Protocol):
    """Invoices, credit notes and revenue."""

    def get_invoice(self, number: str) -> InvoiceView: ...

    def list_invoices(
        self, year: int | None = None, limit: int = 20, after: str | None = None
    ) -> Listed[InvoiceView]: ...

    def revenue(self, year: int) -> RevenueView: ...


class EventStoreApi(Protocol):
    """The event log, and the state of its subscriptions."""

    def append(self, commit: ProposedCommit) -> Appended: ...

    def append_many(
        self, commits: Sequence[ProposedCommit], checkpoint: Sequence[Any] | None = None
    ) -> AppendedMany: ...

    def read_streams(self, wanted: Sequence[tuple[str, int]]) -> StreamParts: ...

    def read_snapshots(self, wanted: Sequence[tuple[str, str, int]]) -> dict[str, DatedSnapshot | None]: ...

    def keep_snapshots(self, snapshots: Sequence[SnapshotWire]) -> None: ...

    def list_snapshots(self, after: tuple[str, int] = ("", 0)) -> SnapshotPage: ...

    def read_all(self, after: int, limit: int = 1000) -> LogPage: ...

    def read_correlations(self, ids: Sequence[str], after: int = 0) -> Correlations: ...

    def find(self, command_ids: Sequence[str]) -> dict[str, KeptCommit | None]: ...

    def head(self) -> LogEnd: ...

    def health(self) -> LogHealth: ...

    def read_credentials(self, username: str) -> Wire | None: ...

    def verify(self, after: int = 0, limit: int = 20_000) -> Verdict: ...

    def audit(self, at_least: int = 0, max_age: float = 60.0) -> AuditAnswer: ...

    def clock(self) -> ClockReading: ...

    def repair_clock(self) -> Appended | None: ...

    def kept(self) -> Kept: ...

    def copy(self, after: int) -> CopiedCommits: ...

    def restore(self, log_id: str, commits: Sequence[Mapping[str, str]]) -> None: ...

    def end_restore(self, checkpoints: dict[str, int], dead_letters: Sequence[KeptLetter]) -> None: ...

    def checkpoint(self, name: str) -> CheckpointWire: ...

    def lease(self, name: str, holder: str, seconds: float) -> LeaseWire: ...

    def release_lease(self, name: str, holder: str) -> None: ...

    def set_aside(self, subscription: str, letters: Sequence[Letter]) -> None: ...

    def dead_letters(self, subscription: str | None = None) -> Sequence[KeptLetter]: ...

    def retry_dead_letter(self, id: int | str) -> None: ...

    def settle(self, subscription: str, correlation_id: str, position: int) -> None: ...


SERVICE_OF: Mapping[type, Service] = {
    EventStoreApi: Service.EVENT_STORE,
    CustomersApi: Service.CUSTOMERS,
    ProductsApi: Service.PRODUCTS,
    OrdersApi: Service.ORDERS,
    AccountingApi: Service.ACCOUNTING,
}
"""The service of each interface; the gateway is called over HTTP."""
