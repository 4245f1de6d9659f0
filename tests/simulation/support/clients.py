"""Customers who order, cancel and repeat themselves, and managers who change things under their feet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from customer_svc import decisions as customer_decisions
from customer_svc.domain import SetCredit
from order_svc.changing import Change, cancel, change_order, ship
from order_svc.placing import Offer, PlaceOrder, place_order
from product_svc import decisions as product_decisions
from product_svc.commands import AdjustStock, ChangeProduct, WithdrawProduct
from shop.contracts import names
from shop.contracts.actors import Actor
from shop.contracts.commits import Commit
from shop.contracts.decisions import Decide
from shop.contracts.errors import ShopError, UnknownOrder
from shop.contracts.events import (
    CategoryAdded,
    CustomerRegistered,
    Event,
    ProductAdded,
    ProductListed,
    Role,
    Units,
)
from shop.contracts.money import Money
from tests.simulation.support.invariants import Violation
from tests.simulation.support.scheduler import Killed, SimulatedSignal
from tests.simulation.support.services import Replica
from tests.simulation.support.world import RPC_TIMEOUT, World, is_refusal

CUSTOMERS = ("ann", "Bob", "cem")
PRODUCTS = tuple(UUID(int=number) for number in (1, 2, 3))
CATEGORY = UUID(int=100)
PRICE = Money(1_000, "EUR")
MANAGER = Actor("mia", Role.MANAGER)
MOST_TRIES = 8


@dataclass
class Request:
    """One thing that a client wants done once, however often it is asked for."""

    who: Actor
    name: str
    command_id: str
    decision: Decide
    execute: dict[str, Any]
    tries: int = 0
    acknowledged: bool = False
    refused: ShopError | None = None

    @property
    def answered(self) -> bool:
        return self.acknowledged or self.refused is not None


@dataclass
class Clients:
    """All who use the shop from outside."""

    world: World
    replicas: Sequence[Replica]
    orders: dict[UUID, Request] = field(default_factory=dict)
    others: list[Request] = field(default_factory=list)
    busy: int = 0

    def begin(self, orders: int) -> None:
        """Have so many orders come, and managers at work meanwhile."""
        hurry = self.world.climate.hurry
        for number in range(orders):
            self._at(self.world.chance.uniform(0.0, hurry), partial(self._order, number))
        for number in range(self.world.chance.choice((0, 5, 40))):
            self._at(self.world.chance.uniform(0.0, hurry), partial(self._manage, number))

    def _at(self, time: float, work: Callable[[], None]) -> None:
        def run() -> None:
            work()
            self.busy -= 1

        self.busy += 1
        self.world.scheduler.at(time, lambda: self.world.scheduler.spawn(run) and None)

    # Customers

    def _order(self, number: int) -> None:
        chance = self.world.chance
        customer = Actor(chance.choice(CUSTOMERS), Role.CUSTOMER)
        order_id = names.order_id_of(customer.username, f"order {number}")
        self.orders[order_id] = request = placing(order_id, customer, wanted_by(chance))
        if chance.random() < 0.2:  # a cancel may overtake its order
            self._at(self.world.scheduler.time + chance.uniform(0.0, 0.02), partial(self._cancel, order_id, customer))
        self._insist("orders", request)
        self._think_twice(order_id, customer)

    def _think_twice(self, order_id: UUID, customer: Actor) -> None:
        chance = self.world.chance
        if chance.random() < 0.3:
            self.world.scheduler.pause(chance.expovariate(2.0))
            self._cancel(order_id, customer)
        elif chance.random() < 0.2:
            self.world.scheduler.pause(chance.expovariate(1.0))
            self._insist("orders", self._changing(order_id, ship, MANAGER, "ship_order"))

    def _cancel(self, order_id: UUID, customer: Actor) -> None:
        placed_before = self.orders[order_id].acknowledged
        request = self._changing(order_id, cancel, customer, "cancel_order")
        self._insist("orders", request)
        if placed_before and isinstance(request.refused, UnknownOrder):
            raise Violation(f"{order_id} was placed, and then unknown to its customer")

    def _changing(self, order_id: UUID, command: Change, actor: Actor, method: str) -> Request:
        decision = partial(change_order, order_id, command, actor)
        return self._keyed(actor, method, decision, {"order_id": str(order_id)})

    # Managers

    def _manage(self, number: int) -> None:
        chance, product = self.world.chance, self.world.chance.choice(PRODUCTS)
        kind = chance.choice(("stock", "stock", "credit", "credit", "price", "withdraw" if number == 0 else "stock"))
        if kind == "stock":
            change = chance.choice((-8, -5, -3, -2, -1, 2, 5))
            adjust = AdjustStock(product_id=product, change=change, reason=f"count {number}")
            self._tell("products", "adjust_stock", partial(product_decisions.adjust_stock, adjust), number)
        elif kind == "credit":
            credit = Money(chance.choice((0, 0, 2_000, 30_000)), "EUR")
            username = chance.choice(CUSTOMERS)
            reset = SetCredit(username=username, credit=credit, reason=f"review {number}")
            self._tell("customers", "set_credit", partial(customer_decisions.edit, reset), number)
        elif kind == "price":
            reprice = ChangeProduct(product_id=product, changes={"price": Money(500 + number, "EUR")})
            self._tell("products", "edit_product", partial(product_decisions.change_product, reprice), number)
        else:
            withdraw = WithdrawProduct(product_id=product)
            self._tell("products", "withdraw_product", partial(product_decisions.withdraw_product, withdraw), number)

    def _tell(self, service: str, method: str, decision: Decide, number: int) -> None:
        self._insist(service, self._keyed(MANAGER, method, decision, {"number": number}))

    def _keyed(self, actor: Actor, method: str, decision: Decide, asked: dict[str, Any]) -> Request:
        key = f"key {len(self.others)}"
        execute = {"key": key, "method": method, "request": asked}
        request = Request(actor, method, f"client:{actor.username}:{method}:{key}", decision, execute)
        self.others.append(request)
        return request

    # Asking until there is an answer

    def _insist(self, service: str, request: Request) -> None:
        """Ask again and again, with the same key; some give up, and will never know."""
        chance = self.world.chance
        while not request.answered and request.tries < MOST_TRIES and chance.random() < 0.97:
            request.tries += 1
            self._ask(service, request)
            if not request.answered:
                self.world.scheduler.pause(chance.uniform(0.0, 1.5))

    def _ask(self, service: str, request: Request) -> None:
        """One call over the bus: to any process of the service, which may never hear of it, or not be heard."""
        chance, scheduler = self.world.chance, self.world.scheduler
        who = str(request.who)
        replica = chance.choice([r for r in self.replicas if r.service == service])
        scheduler.pause(self.world.moment())
        if self.world.strikes("loss") or not replica.process.alive:
            self.world.note(who, f"{request.name}: nobody hears it")
            return
        reply = SimulatedSignal(scheduler)
        answers: list[ShopError | None] = []
        replica.process.greenlets.spawn(partial(_serve, self.world, replica, request, answers, reply))
        in_time = reply.wait(seconds=RPC_TIMEOUT)
        if not in_time or self.world.strikes("loss"):
            self.world.note(who, f"{request.name}: no answer", command=request.command_id)
            return
        (error,) = answers
        self._take_answer(request, error)

    def _take_answer(self, request: Request, error: ShopError | None) -> None:
        self.world.note(str(request.who), f"{request.name}: {error or 'done'}", command=request.command_id)
        if error is None:
            request.acknowledged = True
        elif is_refusal(error):
            request.refused = error


def _serve(
    world: World, replica: Replica, request: Request, answers: list[ShopError | None], reply: SimulatedSignal
) -> None:
    """A worker of the service."""
    if not replica.process.alive:
        raise Killed
    try:
        replica.log(request.who, seconds=RPC_TIMEOUT).execute(request.decision, **request.execute)
        answers.append(None)
    except ShopError as error:
        answers.append(error)
    except Exception as error:
        raise Violation(f"{request.command_id} failed: {error!r}") from error
    world.scheduler.pause(world.moment())
    reply.send()


def placing(order_id: UUID, customer: Actor, wanted: tuple[Units, ...]) -> Request:
    offers = {units.product_id: Offer(name="Tea", price=PRICE) for units in wanted}
    place = PlaceOrder(
        order_id=order_id, customer=customer.username, wanted=wanted, offers=offers, address=None, currency="EUR"
    )
    once = f"place:{order_id}"
    asked = {"lines": [[str(units.product_id), units.quantity] for units in wanted]}
    execute = {"once": once, "method": "place_order", "request": asked}
    return Request(customer, "place_order", once, partial(place_order, place), execute)


def wanted_by(chance: Any) -> tuple[Units, ...]:
    """Mostly the first product, which everybody likes; sometimes the same one twice."""
    products = [chance.choice((PRODUCTS[0], *PRODUCTS)) for _ in range(chance.choice((1, 1, 2, 3)))]
    return tuple(Units(product_id=product, quantity=chance.choice((1, 1, 2, 3))) for product in products)


def opening(chance: Any) -> list[Commit]:
    """The commits in the log before the first order."""
    commits = [_commit("category", CategoryAdded(category_id=CATEGORY, name="Tea"))]
    for number, product in enumerate(PRODUCTS, start=1):
        added = ProductAdded(
            product_id=product,
            name="Tea",
            description="",
            supplier="",
            category_id=CATEGORY,
            price=PRICE,
            units_in_stock=chance.choice((0, 8, 20, 60)),
        )
        listed = ProductListed(category_id=CATEGORY, product_id=product)
        commits.append(_commit(f"product {number}", added, listed, expects={listed.stream: number}))
    for username in CUSTOMERS:
        credit = Money(chance.choice((2_000, 10_000, 50_000)), "EUR")
        registered = CustomerRegistered(
            username=username, full_name=username, email="", role=Role.CUSTOMER, credit=credit
        )
        commits.append(_commit(f"customer {username}", registered))
    return commits


def _commit(name: str, *events: Event, expects: dict[str, int] | None = None) -> Commit:
    return Commit(
        command_id=f"opening:{name}",
        events=events,
        expects={event.stream: 0 for event in events} | (expects or {}),
        correlation_id="opening",
        actor="operator:operator",
        service="tests",
    )
