"""The shop's books, kept a second time from the log alone, by plain sums and without any rule of the services.

`Books` reads commits as the event store returns them. Each violated invariant is a sentence in `faults`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from shop.http.client import Json
from shop_cli.client import Client
from tools.chaos.order_story import Story, StoryEntry

UNITS = {
    "ProductAdded": lambda data: data["units_in_stock"],
    "StockAdjusted": lambda data: data["change"],
    "UnitsReserved": lambda data: -data["quantity"],
    "UnitsReleased": lambda data: data["quantity"],
}
CREDIT = {
    "CustomerRegistered": lambda data: data["credit"]["amount"],
    "CreditAdjusted": lambda data: data["change"]["amount"],
    "CreditReserved": lambda data: -data["amount"]["amount"],
    "CreditReleased": lambda data: data["amount"]["amount"],
}
"""Effect of an event on a product's units, or on a customer's credit in minor units."""

GRANTED = ("CustomerRegistered", "CreditAdjusted")


class Books:
    """All sums over the log."""

    def __init__(self) -> None:
        self.position = 0
        self.units: dict[str, int] = {}
        self.withdrawn: set[str] = set()
        self.credit: dict[str, int] = {}
        self.granted: Counter[str] = Counter()
        self.stories: dict[str, Story] = {}
        self.documents: dict[str, list[Json]] = defaultdict(list)
        self.versions: Counter[str] = Counter()
        self._reserved_by: dict[str, set[str]] = defaultdict(set)
        self._found: list[str] = []
        self._commands: set[str] = set()
        self._before: Json = {}

    # Writing

    def add(self, commit: Json) -> None:
        """Add the next commit of the log."""
        self._check_place(commit)
        for event in commit["events"]:
            self._check_version(event, commit["position"])
            self._write(StoryEntry(commit["position"], event["type"], event["data"]))

    def _check_place(self, commit: Json) -> None:
        self._require(commit["position"] == self.position + 1, f"{commit['position']} follows {self.position}")
        self._require(commit["command_id"] not in self._commands, f"{commit['command_id']} happened twice")
        if self._before:
            self._require(commit["prev"] == self._before["hash"], f"{commit['position']} is not chained")
            self._require(commit["meta"]["at"] >= self._before["meta"]["at"], f"{commit['position']} is too early")
        self._commands.add(commit["command_id"])
        self.position, self._before = commit["position"], commit

    def _check_version(self, event: Json, position: int) -> None:
        self.versions[event["stream"]] += 1
        expected = self.versions[event["stream"]]
        self._require(event["version"] == expected, f"{event['stream']} at {position} is not at version {expected}")

    def _write(self, entry: StoryEntry) -> None:
        data = entry.data
        if entry.type in UNITS:
            self._move_units(entry)
        if entry.type in CREDIT:
            self._move_credit(entry)
        if entry.type == "ProductWithdrawn":
            self.withdrawn.add(data["product_id"])
        if entry.type in ("InvoiceIssued", "CreditNoteIssued"):
            self._file(entry)
        if entry.type == "StockRejected":
            self._check_shortages(entry)
        if entry.type == "CreditRejected":
            available = self.credit.get(data["username"].casefold(), 0)
            told = data["available"]["amount"]
            self._require(told == available < data["amount"]["amount"], f"refused at {entry.position}: {available}")
        if "order_id" in data:
            self.stories.setdefault(data["order_id"], Story(data["order_id"])).entries.append(entry)

    def _move_units(self, entry: StoryEntry) -> None:
        product = entry.data["product_id"]
        self._require((product in self.units) != (entry.type == "ProductAdded"), f"{product} is not added once")
        self.units[product] = self.units.get(product, 0) + UNITS[entry.type](entry.data)
        self._require(self.units[product] >= 0, f"{self.units[product]} units of {product} at {entry.position}")
        sold = entry.type == "UnitsReserved" and product in self.withdrawn
        self._require(not sold, f"{product} sold at {entry.position}, after it was withdrawn")

    def _move_credit(self, entry: StoryEntry) -> None:
        customer = entry.data["username"].casefold()
        self._require((customer in self.credit) != (entry.type == "CustomerRegistered"), f"{customer} is not one")
        change = CREDIT[entry.type](entry.data)
        self.credit[customer] = self.credit.get(customer, 0) + change
        self._require(self.credit[customer] >= 0, f"credit {self.credit[customer]} of {customer} at {entry.position}")
        if entry.type in GRANTED:
            self.granted[customer] += change
        else:
            self._reserved_by[customer].add(entry.data["order_id"])

    def _check_shortages(self, entry: StoryEntry) -> None:
        self._require(entry.data["shortages"], f"refused at {entry.position} for nothing")
        for short in entry.data["shortages"]:
            product = short["product_id"]
            gone = product in self.withdrawn or product not in self.units
            available, reason = (0, "not_on_sale") if gone else (self.units[product], "out_of_stock")
            right = short["available"] == available < short["requested"] and short["reason"] == reason
            self._require(right, f"refused at {entry.position} for {short}, with {available} there")

    def _file(self, entry: StoryEntry) -> None:
        """Check that the numbers of documents are consecutive within a year."""
        book = self.documents[f"{entry.type} {entry.data['year']}"]
        book.append(entry.data)
        self._require(entry.data["number"] == len(book), f"{entry.type} {entry.data['number']} is number {len(book)}")

    def _require(self, right: object, otherwise: str) -> None:
        if not right:
            self._found.append(otherwise)

    # Reading

    @property
    def faults(self) -> list[str]:
        """Violations of invariants that hold at every position."""
        told = [f"order {key}: {fault}" for key, story in self.stories.items() for fault in story.faults()]
        return [*self._found, *told, *self._faults_of_sums()]

    def _faults_of_sums(self) -> Iterator[str]:
        for customer, granted in self.granted.items():
            held, spent = self.reserved(customer)
            if granted != self.credit[customer] + held + spent:
                yield f"{customer} got {granted}, has {self.credit[customer]}, holds {held}, spent {spent}"

    def reserved(self, customer: str) -> tuple[int, int]:
        """Credit of a customer in minor units: reserved by orders, and spent by approved ones."""
        held = spent = 0
        for order_id in self._reserved_by[customer]:
            story = self.stories[order_id]
            if story.holding("credit") == "reserved":
                approved = story.first("OrderApproved")
                held, spent = (held, spent + story.total) if approved else (held + story.total, spent)
        return held, spent

    @property
    def under_way(self) -> list[str]:
        """Orders that are not finished."""
        return [key for key, story in self.stories.items() if story.under_way]


def read_on(client: Client, books: Books) -> None:
    """Read the running shop's log on from the last position in the books."""
    while page := client.call("event_store", "read_all", books.position)["commits"]:
        for commit in page:
            books.add(commit)
