"""The outcome of the orders, and whether the guarantees held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tools.chaos.ledger import Books


@dataclass(frozen=True)
class Report:
    """Numbers of orders, in the categories of Jepsen's reports.

    Attributes:
        attempted: orders that customers tried to place.
        acknowledged: answered with 202.
        refused: with another final answer.
        ok: acknowledged, recorded once, and ended.
        lost: acknowledged, and not recorded, or without an end.
        recovered: never acknowledged, recorded all the same, and ended.
        duplicated: recorded twice, under one id or several.
    """

    attempted: int
    acknowledged: int
    refused: int
    ok: int
    lost: int
    recovered: int
    duplicated: int
    statuses: Mapping[str, int] = field(default_factory=dict)
    faults: Sequence[str] = ()

    @property
    def kept(self) -> bool:
        """Whether all guarantees held."""
        return not (self.lost or self.duplicated or self.faults)


def judge(
    *, attempted: int, accepted: Mapping[str, set[str]], refused: Mapping[str, int], books: Books, faults: Sequence[str]
) -> Report:
    """Compare the customers' answers with the books.

    Args:
        accepted: by key, the order ids in the answers.
        refused: by key, the status of the answer.
        books: kept from the whole log.
        faults: findings of other checks.
    """
    stories = {key: story for key, story in books.stories.items() if story.placed}
    told = {order_id for ids in accepted.values() for order_id in ids}
    ended = {key for key, story in stories.items() if not story.under_way}
    twice = sum(len(ids) - 1 for ids in accepted.values())
    twice += sum(len(story.all("OrderPlaced")) - 1 for story in stories.values())
    recovered = ended - told
    statuses: dict[str, int] = {}
    for story in stories.values():
        statuses[story.status] = statuses.get(story.status, 0) + 1
    found = [*books.faults, *faults]
    # A refused request has no order; one without an answer may have one.
    unanswered = attempted - len(accepted) - sum(400 <= status < 500 for status in refused.values())
    if len(stories.keys() - told) > unanswered:
        found.append(f"{len(stories.keys() - told)} orders that nobody was told of, with {unanswered} unanswered")
    return Report(
        attempted=attempted,
        acknowledged=len(accepted),
        refused=len(refused),
        ok=len(told & ended),
        lost=len(told - ended),
        recovered=len(recovered),
        duplicated=twice,
        statuses=dict(sorted(statuses.items())),
        faults=found,
    )
