"""Any sequence of commands, and any delivery that a service can meet: each service alone, with what others may say.

A service meets the log in order, in batches of any size; where its checkpoint was behind, it meets a stretch again. The
rules of the audit are asked after every commit, and once more when all has been delivered.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

from customer_svc import decisions as customer_decisions
from customer_svc.domain import ChangeCredit, Profile, RegisterCustomer, SetCredit
from customer_svc.service import CustomersService
from event_store_svc.domain import AppendCall, CheckpointMove, Link, Proposal, Recorded, Tail, fault_of
from order_svc.changing import Change, cancel, change_order, ship
from order_svc.deciding import reject_late_order
from order_svc.placing import Offer, PlaceOrder, place_order
from order_svc.service import OrdersService
from product_svc import decisions as product_decisions
from product_svc.commands import AdjustStock, WithdrawProduct
from product_svc.service import ProductsService
from shop.audit.orders import NoReservationLeft, OneDecisionPerOrder
from shop.contracts.actors import Actor
from shop.contracts.commits import Commit, RecordedCommit
from shop.contracts.errors import CheckpointMoved, ShopError
from shop.contracts.events import (
    CreditRejected,
    CreditReserved,
    Event,
    OrderCancelled,
    OrderLine,
    OrderPlaced,
    OrderRejected,
    PasswordSet,
    ProductAdded,
    Reason,
    Role,
    Shortage,
    StockRejected,
    StockReserved,
    Units,
)
from shop.contracts.money import Money, total
from shop.event_sourcing.event_store import EventStoreClient
from shop.event_sourcing.log import Log
from shop.event_sourcing.reactions import Job, Reactor
from shop.event_sourcing.runner import Runner
from shop.event_sourcing.subscription import ReactsTo
from tests.simulation.support.event_store import LOG, EventStoreInMemory, dump_answer, load_call
from tests.simulation.support.invariants import OF_CREDIT, OF_STOCK, Watch
from tests.simulation.support.services import SETTINGS, declared

BOSS = Actor("mia", Role.MANAGER)
PRODUCTS = tuple(UUID(int=number) for number in (1, 2))
PRICE = Money(100, "EUR")
LINES = st.lists(st.tuples(st.sampled_from(PRODUCTS), st.integers(1, 3)), min_size=1, max_size=3)


def examples(number: int) -> settings:
    """So many histories, of forty steps each."""
    return settings(max_examples=number, stateful_step_count=40, deadline=None)


class Calls:
    """The event store for one client, without anything that could go wrong on the way; `watch` sees each commit."""

    def __init__(self, store: EventStoreInMemory, watch: Watch) -> None:
        self._store = store
        self._watch = watch

    def __getattr__(self, method: str) -> Any:
        return getattr(self._store, method)

    def append(self, commit: Any) -> Any:
        return self._write("append", commit)

    def append_many(self, commits: Any, checkpoint: Any = None) -> Any:
        return self._write("append_many", commits, checkpoint)

    def _write(self, method: str, asked: Any, checkpoint: Any = None) -> Any:
        planned = self._store.write([load_call(method, [asked], checkpoint)])
        for link in planned.links:
            self._watch.see(link.commit)
        return dump_answer(method, planned.answers[0])


class ServiceHistory(RuleBasedStateMachine):
    """One service: its reactions run when the log is delivered to it."""

    service: ClassVar[Any]
    checks: ClassVar[Sequence[Any]]

    def __init__(self) -> None:
        super().__init__()
        self.in_memory = EventStoreInMemory(lambda: 0.0)
        self.watch = Watch(self.checks)
        self.store = EventStoreClient(Calls(self.in_memory, self.watch))
        instance = self.service()
        instance.settings = SETTINGS
        self.reactions = [entrypoint.bound_to(instance) for entrypoint in declared(self.service, ReactsTo)]
        self.delivered = 0
        self.orders = 0
        self.restart()
        self.elsewhere = self.runner
        self.restart()

    @rule()
    def restart(self) -> None:
        """Nothing is in memory any more."""
        self.runner = Runner(service=self.service.name, holder="here", store=self.store)

    @rule()
    def change_process(self) -> None:
        """From now on the other one is asked, whose memory is of the time when it was asked last."""
        self.runner, self.elsewhere = self.elsewhere, self.runner

    @rule(again=st.integers(0, 6), commits=st.integers(1, 6))
    def deliver(self, again: int, commits: int) -> None:
        """The next commits, and some before them once more."""
        start = max(0, self.delivered - again)
        reached = min(len(self.in_memory.commits), self.delivered + commits)
        kept = [RecordedCommit.load(dict(commit)) for commit in self.in_memory.commits[start:reached]]
        jobs = [
            Job(event, reaction.name, reaction.handler)
            for commit in kept
            for event in commit.events
            for reaction in self.reactions
            if event.type in reaction.types
        ]
        Reactor(self.store, self.runner.states, self.service.name).carry_out(jobs)
        self.delivered = reached

    def teardown(self) -> None:
        while self.delivered < len(self.in_memory.commits):
            self.deliver(again=6, commits=50)
        self.watch.end()

    def command(self, decision: Any, actor: Actor = BOSS, **execute: Any) -> bool:
        """Have it carried out; whether it was not refused."""
        log = Log(store=self.store, runner=self.runner, service=self.service.name, actor=actor, correlation_id="trace")
        try:
            log.execute(decision, **(execute or {"key": f"key {len(self.in_memory.commits)}"}))
        except ShopError:
            return False
        return True

    def others(self, *events: Event, order: UUID | None = None) -> None:
        """Another service records these; the process under test does not know."""
        streams = {event.stream: 0 for event in events}
        versions = self.store.read_streams(streams)
        commit = Commit(
            command_id=f"other {len(self.in_memory.commits)}",
            events=events,
            expects={stream: versions[stream].version for stream in streams},
            correlation_id=str(order),
            actor="operator:operator",
            service="another",
        )
        self.store.append(commit)

    def new_order(self, lines: list[tuple[UUID, int]], customer: str = "ann") -> OrderPlaced:
        self.orders += 1
        wanted = tuple(OrderLine(product_id=id_, name="Tea", quantity=n, unit_price=PRICE) for id_, n in lines)
        amount = total((line.total for line in wanted), "EUR")
        return OrderPlaced(order_id=UUID(int=self.orders), customer=customer, lines=wanted, total=amount, address=None)


class CustomerHistory(ServiceHistory):
    """Customers: credit is set while orders take it and give it back."""

    service = CustomersService
    checks = (*OF_CREDIT, NoReservationLeft)
    under_way = Bundle("under_way")

    @rule(cents=st.integers(0, 800))
    def register(self, cents: int) -> None:
        profile = Profile(full_name="Ann", email="ann@example.org")
        registering = RegisterCustomer(username="Ann", profile=profile, credit=Money(cents, "EUR"))
        password = PasswordSet(username="Ann", password_hash="hash")
        self.command(lambda work: customer_decisions.register(registering, password, work))

    @rule(cents=st.integers(-10, 800))
    def set_credit(self, cents: int) -> None:
        command = SetCredit(username="ANN", credit=Money(cents, "EUR"), reason="because")
        self.command(lambda work: customer_decisions.edit(command, work))

    @rule(cents=st.integers(-300, 300))
    def change_credit(self, cents: int) -> None:
        command = ChangeCredit(username="ANN", amount=Money(cents, "EUR"), reason="because")
        self.command(lambda work: customer_decisions.edit(command, work))

    @rule(target=under_way, units=st.integers(1, 4))
    def place(self, units: int) -> OrderPlaced:
        placed = self.new_order([(PRODUCTS[0], units)])
        self.others(placed, order=placed.order_id)
        return placed

    @rule(order=consumes(under_way), cancelled=st.booleans())
    def end(self, order: OrderPlaced, cancelled: bool) -> None:
        self.others(ending(order, cancelled=cancelled), order=order.order_id)


class ProductHistory(ServiceHistory):
    """Products: stock is counted and withdrawn while orders take it and give it back."""

    service = ProductsService
    checks = (*OF_STOCK, NoReservationLeft)
    under_way = Bundle("under_way")

    def __init__(self) -> None:
        super().__init__()
        for product in PRODUCTS:
            added = ProductAdded(
                product_id=product,
                name="Tea",
                description="",
                supplier="",
                category_id=UUID(int=9),
                price=PRICE,
                units_in_stock=4,
            )
            self.others(added)

    @rule(product=st.sampled_from(PRODUCTS), change=st.integers(-6, 6))
    def adjust_stock(self, product: UUID, change: int) -> None:
        command = AdjustStock(product_id=product, change=change, reason="count")
        self.command(lambda work: product_decisions.adjust_stock(command, work))

    @rule()
    def withdraw(self) -> None:
        command = WithdrawProduct(product_id=PRODUCTS[1])
        self.command(lambda work: product_decisions.withdraw_product(command, work))

    @rule(
        target=under_way,
        lines=st.lists(st.tuples(st.sampled_from(PRODUCTS), st.integers(1, 3)), min_size=1, max_size=3),
    )
    def place(self, lines: list[tuple[UUID, int]]) -> OrderPlaced:
        placed = self.new_order(lines)
        self.others(placed, order=placed.order_id)
        return placed

    @rule(order=consumes(under_way), cancelled=st.booleans())
    def end(self, order: OrderPlaced, cancelled: bool) -> None:
        self.others(ending(order, cancelled=cancelled), order=order.order_id)


class OrderHistory(ServiceHistory):
    """Orders: answers come in any order or not at all, while somebody cancels, ships and loses patience."""

    service = OrdersService
    checks = (OneDecisionPerOrder,)
    placed = Bundle("placed")
    without_stock = Bundle("without_stock")
    without_credit = Bundle("without_credit")

    @rule(targets=(placed, without_stock, without_credit), units=st.integers(1, 3))
    def place(self, units: int) -> PlaceOrder:
        self.orders += 1
        wanted = (Units(product_id=PRODUCTS[0], quantity=units),)
        offers = {PRODUCTS[0]: Offer(name="Tea", price=PRICE)}
        order_id = UUID(int=self.orders)
        order = PlaceOrder(
            order_id=order_id, customer="ann", wanted=wanted, offers=offers, address=None, currency="EUR"
        )
        self.place_again(order)
        return order

    @rule(order=placed)
    def place_again(self, order: PlaceOrder) -> None:
        request = {"lines": [[str(units.product_id), units.quantity] for units in order.wanted]}
        once = f"place:{order.order_id}"
        told = self.command(lambda work: place_order(order, work), once=once, method="place_order", request=request)
        assert told, "the same request is the same order"

    @rule(order=consumes(without_stock), held=st.booleans())
    def answer_about_stock(self, order: PlaceOrder, held: bool) -> None:
        short = Shortage(product_id=PRODUCTS[0], requested=1, available=0, reason=Reason.OUT_OF_STOCK)
        reserved = StockReserved(order_id=order.order_id, units=order.wanted)
        rejected = StockRejected(order_id=order.order_id, shortages=(short,))
        self.others(reserved if held else rejected, order=order.order_id)

    @rule(order=consumes(without_credit), held=st.booleans())
    def answer_about_credit(self, order: PlaceOrder, held: bool) -> None:
        common: Any = {"username": "ann", "order_id": order.order_id, "amount": PRICE}
        answer = CreditReserved(**common) if held else CreditRejected(**common, available=Money(0, "EUR"))
        self.others(answer, order=order.order_id)

    @rule(order=placed, command=st.sampled_from((cancel, ship)))
    def change(self, order: PlaceOrder, command: Change) -> None:
        self.command(lambda work: change_order(order.order_id, command, BOSS, work))

    @rule(order=placed)
    def lose_patience(self, order: PlaceOrder) -> None:
        self.reject_late(order.order_id)

    def reject_late(self, order_id: UUID) -> None:
        """As the service does by the clock: no client asks for it, so there is no key, nor a request to compare."""
        self.command(lambda work: reject_late_order(order_id, work), key=None)

    def teardown(self) -> None:
        for number in range(1, self.orders + 1):
            self.reject_late(UUID(int=number))
        super().teardown()


NAMES = st.sampled_from(("a", "b", "c"))
WISHES = st.fixed_dictionaries(
    {
        "command_id": st.sampled_from([f"step {number}" for number in range(12)]),
        "fingerprint": st.sampled_from((None, "request")),
        "writes": st.sets(NAMES, min_size=1),
        "reads": st.sets(NAMES),
        "outdated": st.sampled_from((0, 0, 0, 1)),
    }
)


class LogHistory(RuleBasedStateMachine):
    """The log, beside the plainest book that could be kept of it."""

    def __init__(self) -> None:
        super().__init__()
        self.log = EventStoreInMemory(lambda: 0.0)
        self.links: list[Link] = []
        self.versions: Counter[str] = Counter()
        self.done: dict[str, tuple[str | None, int]] = {}
        self.checkpoint = 0

    @rule(wishes=st.lists(WISHES, max_size=4), old=st.sampled_from((0, 0, 0, 1)), new=st.integers(0, 50))
    def append(self, wishes: list[dict[str, Any]], old: int, new: int) -> None:
        """A batch, some of it made on outdated versions, some of it done before, with its checkpoint."""
        planned_versions = Counter(self.versions)
        proposals = [self.proposal(wish, planned_versions) for wish in wishes]
        move = CheckpointMove("follower", self.checkpoint + old, new)

        planned = self.log.write([AppendCall(proposals, move)])

        self.links += planned.links
        (answer,) = planned.answers
        if old:
            assert isinstance(answer, CheckpointMoved)
            assert not planned.links
            return
        assert [kind_of(outcome) for outcome in answer.outcomes] == self.expected(proposals)
        clean = not any(isinstance(outcome, ShopError) for outcome in answer.outcomes)
        self.checkpoint = new if clean else self.checkpoint
        assert self.log.checkpoint("follower")["position"] == self.checkpoint

    def proposal(self, wish: dict[str, Any], versions: Counter[str]) -> Proposal:
        expects = {name: versions[name] - wish["outdated"] for name in sorted(wish["writes"] | wish["reads"])}
        versions.update(wish["writes"])
        events = [{"stream": name, "type": "Happened", "data": {}} for name in sorted(wish["writes"])]
        meta = {"correlation_id": "c", "causation": 0, "actor": "operator:operator", "service": "tests"}
        return Proposal(wish["command_id"], wish["fingerprint"], events, expects, meta)

    def expected(self, proposals: Sequence[Proposal]) -> list[str]:
        """The outcome that each must have; a commit that was to build on a step that was not taken now, fails."""
        kinds, missing = [], set()
        for proposal in proposals:
            fingerprint, _ = self.done.get(proposal.command_id, (None, 0))
            if proposal.command_id in self.done:
                kinds.append("duplicate" if fingerprint == proposal.fingerprint else "CommandReused")
            elif missing & proposal.expects.keys() or any(self.versions[s] != v for s, v in proposal.expects.items()):
                kinds.append("WrongExpectedVersion")
            else:
                kinds.append("recorded")
                self.versions.update(proposal.written)
                self.done[proposal.command_id] = (proposal.fingerprint, len(self.done) + 1)
            if kinds[-1] != "recorded":
                missing |= proposal.written
        return kinds

    @invariant()
    def every_commit_follows_the_one_before(self) -> None:
        tail = Tail.of_empty(LOG)
        for link in self.links:
            assert fault_of(link, tail) is None
            tail = link.tail
        assert tail.position == len(self.done)

    @invariant()
    def versions_have_no_gaps(self) -> None:
        seen: Counter[str] = Counter()
        for link in self.links:
            for event in link.commit["events"]:
                seen[event["stream"]] += 1
                assert event["version"] == seen[event["stream"]]
        assert seen == +self.versions

    @invariant()
    def every_step_is_found_where_it_was_taken(self) -> None:
        found = self.log.find(list(self.done))
        assert {name: commit["position"] for name, commit in found.items()} == {
            name: position for name, (_, position) in self.done.items()
        }


def ending(order: OrderPlaced, *, cancelled: bool) -> Event:
    if cancelled:
        return OrderCancelled(order_id=order.order_id, customer=order.customer, was_approved=False)
    return OrderRejected(order_id=order.order_id, customer=order.customer, reasons=(Reason.TIMED_OUT,))


def kind_of(outcome: Recorded | ShopError) -> str:
    if isinstance(outcome, ShopError):
        return type(outcome).__name__
    return "duplicate" if outcome.duplicate else "recorded"


HISTORIES = {"customers": CustomerHistory, "products": ProductHistory, "orders": OrderHistory, "log": LogHistory}
"""Each service alone, and the log that all of them write to."""


def require_any_history(name: str, number: int) -> None:
    """Try so many histories of this name. Raises: the error of a rule, with the shortest history that shows it."""
    run_state_machine_as_test(HISTORIES[name], settings=examples(number))
