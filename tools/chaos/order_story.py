"""One order's events in the log, and the checks of their sequence."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from shop.http.client import Json

ENDINGS = ("OrderApproved", "OrderRejected", "OrderCancelled")
ANSWERS = {"stock": ("StockReserved", "StockRejected"), "credit": ("CreditReserved", "CreditRejected")}
RELEASES = {"stock": "StockReleased", "credit": "CreditReleased"}


@dataclass(frozen=True)
class StoryEntry:
    """An event and its commit."""

    position: int
    type: str
    data: Json


@dataclass
class Story:
    """All events of one order."""

    order_id: str
    entries: list[StoryEntry] = field(default_factory=list)

    def all(self, *types: str) -> list[StoryEntry]:
        return [entry for entry in self.entries if entry.type in types]

    def first(self, *types: str) -> StoryEntry | None:
        return next(iter(self.all(*types)), None)

    def units(self, type_: str) -> Counter[str]:
        """Units by product in events of this type."""
        found: Counter[str] = Counter()
        for entry in self.all(type_):
            found[entry.data["product_id"]] += entry.data["quantity"]
        return found

    @property
    def placed(self) -> Json:
        entry = self.first("OrderPlaced")
        return entry.data if entry else {}

    @property
    def total(self) -> int:
        return sum(line["quantity"] * line["unit_price"]["amount"] for line in self.placed["lines"])

    @property
    def lines(self) -> Counter[str]:
        wanted: Counter[str] = Counter()
        for line in self.placed["lines"]:
            wanted[line["product_id"]] += line["quantity"]
        return wanted

    @property
    def status(self) -> str:
        if self.first("OrderShipped"):
            return "shipped"
        endings = self.all(*ENDINGS)
        return endings[-1].type.removeprefix("Order").lower() if endings else "placed"

    def holding(self, what: str) -> str:
        """State of the reservation of "stock" or "credit": pending, reserved, rejected or released."""
        if self.first(RELEASES[what]):
            return "released"
        answer = self.first(*ANSWERS[what])
        return answer.type.removeprefix(what.capitalize()).lower() if answer else "pending"

    @property
    def under_way(self) -> bool:
        """Whether the order is unfinished."""
        return not self.first("OrderPlaced") or sorted(self._told) != sorted(self._expected)

    @property
    def _told(self) -> list[str]:
        return [entry.type for entry in self.entries if not entry.type.startswith("Units")]

    @property
    def _expected(self) -> list[str]:
        """Events that a finished order must have, each once."""
        answers = [answer.type for types in ANSWERS.values() if (answer := self.first(*types))]
        expected = ["OrderPlaced", *answers, *(["answer missing"] if len(answers) < 2 else [])]
        approved, cancelled = self.first("OrderApproved"), self.first("OrderCancelled")
        if approved:
            expected += ["OrderApproved", "InvoiceIssued"] + ["OrderShipped"] * bool(self.first("OrderShipped"))
        if cancelled:
            expected += ["OrderCancelled"] + ["CreditNoteIssued"] * bool(approved)
        if not approved and not cancelled:
            expected.append("OrderRejected")
        if cancelled or not approved:
            expected += [RELEASES[what] for what, types in ANSWERS.items() if self.first(types[0])]
        return expected

    # Invariants that hold at every position

    def faults(self) -> Iterator[str]:
        told = Counter(self._told)
        yield from (f"{type_} {times} times" for type_, times in told.items() if times > 1)
        if not self.placed:
            yield f"{', '.join(told)} of an order that was not placed"
            return
        yield from self._faults_of_the_decision()
        yield from self._faults_of_amounts()

    def _faults_of_the_decision(self) -> Iterator[str]:
        yield from (f"both {' and '.join(types)}" for types in ANSWERS.values() if len(self.all(*types)) > 1)
        endings = [entry.type for entry in self.all(*ENDINGS)]
        if len(endings) > 1 and endings != ["OrderApproved", "OrderCancelled"]:
            yield f"it ended in {endings}"
        approved, rejected = self.first("OrderApproved"), self.first("OrderRejected")
        if approved and self._answered_before(approved) != {"StockReserved", "CreditReserved"}:
            yield f"approved on {self._answered_before(approved)}"
        if rejected:
            yield from self._faults_of_reasons(rejected)
        if self.first("OrderShipped") and endings != ["OrderApproved"]:
            yield f"shipped after {endings}"
        ended = max((entry.position for entry in self.all("OrderRejected", "OrderCancelled")), default=None)
        for entry in self.all(*RELEASES.values(), "UnitsReleased"):
            if ended is None or entry.position < ended:
                yield f"{entry.type} at {entry.position} before an end that asks for it"

    def _answered_before(self, decision: StoryEntry) -> set[str]:
        answers = self.all(*ANSWERS["stock"], *ANSWERS["credit"])
        return {answer.type for answer in answers if answer.position < decision.position}

    def _faults_of_reasons(self, rejected: StoryEntry) -> Iterator[str]:
        """A timeout may be decided while a reservation result is being recorded, and then misses it in its reasons."""
        answered, told = self._answered_before(rejected), set(rejected.data["reasons"])
        refusals = {"insufficient_credit"} if "CreditRejected" in answered else set()
        if "StockRejected" in answered:
            refusals |= {short["reason"] for entry in self.all("StockRejected") for short in entry.data["shortages"]}
        right = told - {"timed_out"} <= refusals if "timed_out" in told else len(answered) == 2 and told == refusals
        if not right or not told:
            yield f"rejected for {sorted(told)}, with {sorted(answered)}, which refuse for {sorted(refusals)}"

    def _faults_of_amounts(self) -> Iterator[str]:
        for held, units in (("StockReserved", "UnitsReserved"), ("StockReleased", "UnitsReleased")):
            wanted = self.lines if self.first(held) else Counter()
            if self.units(units) != wanted:
                yield f"{units} {dict(self.units(units))}, which should be {dict(wanted)}"
            if {entry.position for entry in self.all(held, units)} - {e.position for e in self.all(held)}:
                yield f"{units} apart from {held}"
        for entry in self.all("CreditReserved", "CreditReleased", "CreditRejected"):
            if entry.data["amount"]["amount"] != self.total:
                yield f"{entry.type} of {entry.data['amount']['amount']}, which should be {self.total}"
        for entry in self.all("OrderPlaced", "OrderApproved", "InvoiceIssued", "CreditNoteIssued"):
            if entry.data["total"]["amount"] != self.total:
                yield f"{entry.type} of {entry.data['total']['amount']}, which should be {self.total}"
        for entry in self.all("OrderApproved", "InvoiceIssued"):
            if entry.data["lines"] != self.placed["lines"]:
                yield f"{entry.type} with other lines"
