"""State of subscriptions: checkpoints, leases and dead letters, in SQL."""

from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, insert, select, update

from event_store_svc.patience import Outrun
from event_store_svc.sql.database import SqlLogDatabase
from event_store_svc.sql.tables import checkpoints, dead_letters, leases
from event_store_svc.store import Clock
from shop.contracts.codec import dump_time
from shop.contracts.errors import UnknownDeadLetter
from shop.contracts.wire import KeptLetter, Letter

SET_ASIDE = "set_aside"
RETRYING = "retrying"

# Run every second by every service, so built once: building a statement takes longer than running it.
NAMED: BindParameter[str] = bindparam("named")
LEASE = select(leases).where(leases.c.name == NAMED)
WAITING = (
    select(dead_letters.c.correlation_id)
    .where(dead_letters.c.subscription == NAMED, dead_letters.c.state == RETRYING)
    .group_by(dead_letters.c.correlation_id)
    .order_by(func.min(dead_letters.c.position))
)


class SqlSubscriptions:
    """Implements `store.Subscriptions`."""

    def __init__(self, database: SqlLogDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def checkpoints(self) -> Mapping[str, int]:
        all_of_them = select(checkpoints.c.name, checkpoints.c.position)
        rows = self._database.read(lambda connection: connection.execute(all_of_them).all())
        return {row.name: row.position for row in rows}

    def checkpoint(self, name: str) -> int:
        here = select(checkpoints.c.position).where(checkpoints.c.name == name)
        return self._database.read(lambda connection: connection.scalar(here) or 0)

    # Leases

    def take_lease(self, name: str, holder: str, seconds: float) -> str:
        now = int(self._clock().timestamp() * 1000)
        mine = {"holder": holder, "taken": now, "expires": now + int(seconds * 1000)}
        known = self._database.read(lambda connection: connection.execute(LEASE, {"named": name}).one_or_none())
        # Called every second by every service, mostly without a change.
        if known and known.holder == holder and known.taken <= now < known.expires - int(seconds * 500):
            return holder

        def work(connection: Connection) -> str:
            row = connection.execute(LEASE, {"named": name}).one_or_none()
            if row is None:
                connection.execute(insert(leases).values(name=name, **mine))
                return holder
            # A lease that was taken in the future is void: the clock was set back since.
            if row.holder != holder and row.taken <= now < row.expires:
                return str(row.holder)
            seen = (leases.c.holder == row.holder, leases.c.expires == row.expires)
            if connection.execute(update(leases).where(leases.c.name == name, *seen).values(**mine)).rowcount != 1:
                raise Outrun
            return holder

        return self._database.write(work)

    def release_lease(self, name: str, holder: str) -> None:
        mine = delete(leases).where(leases.c.name == name, leases.c.holder == holder)
        self._database.write(lambda connection: connection.execute(mine))

    # Dead letters

    def set_aside(self, subscription: str, letters: Sequence[Letter]) -> None:
        now = dump_time(self._clock())

        def work(connection: Connection) -> None:
            for letter in letters:
                _set_aside(connection, subscription, letter, now)

        self._database.write(work)

    def dead_letters(self, subscription: str | None = None) -> Sequence[KeptLetter]:
        wanted = select(dead_letters).order_by(dead_letters.c.position, dead_letters.c.id)
        if subscription is not None:
            wanted = wanted.where(dead_letters.c.subscription == subscription)
        rows = self._database.read(lambda connection: connection.execute(wanted).mappings().all())
        return [cast(KeptLetter, dict(row)) for row in rows]

    def retrying(self, subscription: str) -> Sequence[str]:
        return self._database.read(lambda connection: connection.scalars(WAITING, {"named": subscription}).all())

    def retry(self, letter_id: int) -> None:
        chosen = select(dead_letters.c.subscription, dead_letters.c.correlation_id).where(
            dead_letters.c.id == letter_id
        )

        def work(connection: Connection) -> None:
            letter = connection.execute(chosen).one_or_none()
            if letter is None:
                raise UnknownDeadLetter(letter_id)
            _set_state(connection, letter.subscription, letter.correlation_id, RETRYING)

        self._database.write(work)

    def settle(self, subscription: str, correlation_id: str, position: int) -> None:
        handled = delete(dead_letters).where(
            dead_letters.c.subscription == subscription,
            dead_letters.c.correlation_id == correlation_id,
            dead_letters.c.position <= position,
        )
        self._database.write(lambda connection: connection.execute(handled))


def _set_aside(connection: Connection, subscription: str, letter: Letter, now: str) -> None:
    """A new letter joins those of its correlation id, even while they are retried.

    A known letter has failed again, or is repeated because its sender got no answer.
    """
    key = {"subscription": subscription, "position": letter["position"], "reaction": letter["reaction"]}
    attempts = connection.scalar(select(dead_letters.c.attempts).filter_by(**key))
    if attempts is not None:
        if letter["attempts"] > attempts:
            again = {"error": letter["error"], "attempts": letter["attempts"], "at": now}
            connection.execute(update(dead_letters).filter_by(**key).values(**again))
            _set_state(connection, subscription, letter["correlation_id"], SET_ASIDE)
        return
    siblings = select(dead_letters.c.state).filter_by(
        subscription=subscription, correlation_id=letter["correlation_id"]
    )
    state = connection.scalars(siblings.limit(1)).first() or SET_ASIDE
    connection.execute(insert(dead_letters).values(subscription=subscription, state=state, at=now, **letter))


def _set_state(connection: Connection, subscription: str, correlation_id: str, state: str) -> None:
    letters = update(dead_letters).filter_by(subscription=subscription, correlation_id=correlation_id)
    connection.execute(letters.values(state=state))
