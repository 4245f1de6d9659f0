"""Invariants: at every position of the log by the rules of the audit, and in the end for everybody."""

from collections import Counter
from collections.abc import Iterable, Sequence

from shop.audit.checks import LogCheck
from shop.audit.credit import CreditNeverNegative, MoneyConserved
from shop.audit.invoices import InvoicesGapless
from shop.audit.orders import NoReservationLeft, OneDecisionPerOrder
from shop.audit.units import StockNeverNegative, UnitsConserved
from shop.contracts.commits import RecordedCommit, RecordedEvent
from shop.contracts.wire import KeptCommit

ALL_IS_SETTLED = "9999"
NOTHING_IS_SETTLED = ""


class Violation(BaseException):
    """A promise is broken. It is no Exception, so that nobody on the way takes it for trouble to be tried again."""


OF_CREDIT = (CreditNeverNegative, MoneyConserved)
OF_STOCK = (StockNeverNegative, UnitsConserved)
OF_ORDERS = (OneDecisionPerOrder, NoReservationLeft)
OF_ALL = (*OF_CREDIT, *OF_STOCK, *OF_ORDERS, InvoicesGapless)


class Watch:
    """Reads every commit in the moment in which it is recorded."""

    def __init__(self, checks: Iterable[type[LogCheck]] = OF_ALL) -> None:
        self.events: list[RecordedEvent] = []
        self.commands: Counter[str] = Counter()
        self._checks = [check() for check in checks]
        self._sums = [check for check in self._checks if isinstance(check, MoneyConserved | UnitsConserved)]

    def see(self, kept: KeptCommit) -> None:
        """Raises: Violation, when the log is no longer right with it."""
        commit = RecordedCommit.load(dict(kept))
        self.commands[commit.command_id] += 1
        if self.commands[commit.command_id] > 1:
            raise Violation(f"{commit.command_id} was recorded twice, at last at {commit.position}")
        for recorded in commit.events:
            self.events.append(recorded)
            for check in self._checks:
                check.add(recorded, recorded.event)
        for adding_up in self._sums:
            adding_up.end(NOTHING_IS_SETTLED)
        self._require_no_fault()

    def end(self) -> None:
        """Raises: Violation, when something is still to be done."""
        for check in self._checks:
            check.end(ALL_IS_SETTLED)
        self._require_no_fault()

    def _require_no_fault(self) -> None:
        for check in self._checks:
            if check.faults:
                raise Violation(f"{check.name}: {check.faults}")


def require_equal(name: str, shown: Sequence[object], expected: Sequence[object]) -> None:
    """Raises: Violation, where a read model is not what the log makes of it."""
    if list(shown) != list(expected):
        first = next((pair for pair in zip(shown, expected, strict=False) if pair[0] != pair[1]), "its end")
        raise Violation(f"{name} shows {len(shown)} instead of {len(expected)}; the first difference is at {first}")
