"""Customers in Redis.

Each customer's held and spent credit is stored as sums, which change in the same batch as the reservations. A session
is a key with an expiry; a set per customer lists the sessions, to end them together.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from customer_svc.domain import evolve
from customer_svc.store.shape import Reservation, columns_of, customer_of, customer_wire
from shop.contracts.codec import load_time
from shop.contracts.commits import RecordedEvent
from shop.contracts.events import CreditReleased, CreditReserved, OrderApproved
from shop.contracts.money import Money
from shop.contracts.views import CustomerView, SessionOwnerView
from shop.contracts.wire import Wire
from shop.read_models.redis import RedisRows
from shop.read_models.redis.rows import Reference, from_json, to_json
from shop.text.matching import words_of

SEARCH, SESSION = (Path(__file__).with_name(f"{name}.lua") for name in ("search", "session"))
SEARCHED_AT_ONCE = 500
"""Customers that Redis scans in one command, which blocks other clients."""

NOTHING: Wire = {str(Reservation.HELD): 0, str(Reservation.SPENT): 0}


class RedisCustomers(RedisRows):
    """Implements `customer_svc.store.port.Customers`.

    Tables: `customers` and `reservations` as in SQL; `taken`, each customer's held and spent credit; `names` in order.
    """

    schema_version = 2
    hashes = ("customers", "reservations", "taken")
    sorted_sets = ("names",)

    # Projections

    @classmethod
    def reads(cls, recorded: RecordedEvent) -> Iterable[Reference]:
        fields = recorded.fields
        key = _key(fields.get("username") or fields.get("customer"))
        return (("customers", key), ("taken", key), ("reservations", str(fields.get("order_id"))))

    def show_customer(self, recorded: RecordedEvent) -> None:
        key = _key(recorded.fields["username"])
        row = self.batch.row("customers", key)
        customer = evolve(customer_of(row) if row else None, recorded.event)
        if customer is None:
            return
        registered = {"registered_at": row["registered_at"] if row else recorded.at}
        self.batch.put("customers", key, columns_of(customer) | registered)
        if row is None:
            self.batch.put_in_order("names", key)

    def show_reservation(self, recorded: RecordedEvent) -> None:
        match recorded.event:
            case CreditReserved(order_id=order_id, username=username, amount=amount):
                row = {"customer_key": _key(username), "state": str(Reservation.HELD), "amount": amount.amount}
                self._count(row, 1)
                self.batch.put("reservations", str(order_id), row)
            case CreditReleased(order_id=order_id):
                self._move(str(order_id), Reservation.RELEASED)
            case OrderApproved(order_id=order_id):
                self._move(str(order_id), Reservation.SPENT)

    def _move(self, order_id: str, state: Reservation) -> None:
        row = self.batch.row("reservations", order_id)
        if row is None:
            return
        moved = {**row, "state": str(state)}
        self._count(row, -1)
        self._count(moved, 1)
        self.batch.put("reservations", order_id, moved)

    def _count(self, reservation: Mapping[str, Any], times: int) -> None:
        """Add a reservation's amount to its customer's sums, or subtract it."""
        key, state = reservation["customer_key"], reservation["state"]
        taken = self.batch.row("taken", key) or NOTHING
        if state in taken:
            taken = {**taken, state: taken[state] + times * reservation["amount"]}
        self.batch.put("taken", key, taken)

    # Reading

    def customer(self, username: str) -> CustomerView | None:
        found = self._wires([_key(username)])
        return found[0] if found else None

    def customers(self, *, q: str, limit: int, after: str | None) -> tuple[list[CustomerView], str | None]:
        keys = list(islice(self._found(words_of(q), limit + 1, after), limit + 1))
        return self._wires(keys[:limit]), keys[limit - 1] if len(keys) > limit else None

    def spent(self, username: str, currency: str) -> Money:
        (taken,) = self.ask(lambda pipeline: pipeline.hget(self.key("taken"), _key(username)))
        return Money((from_json(taken) or NOTHING)[Reservation.SPENT], currency)

    def registered_at(self, username: str) -> str | None:
        row = self._row(_key(username))
        return row["registered_at"] if row else None

    # Sessions

    def open_session(self, *, token_hash: str, username: str, registered_at: str, expires_at: str) -> None:
        key, end = _key(username), _milliseconds(expires_at)
        session = {"customer_key": key, "registered_at": registered_at, "expires_at": expires_at}
        sessions = self._sessions_of(key)
        pipeline = self.client.pipeline(transaction=True)
        pipeline.set(self._session(token_hash), to_json(session), pxat=end)
        pipeline.zadd(sessions, {token_hash: end})
        # The set expires with the last session in it.
        pipeline.pexpireat(sessions, end, nx=True)
        pipeline.pexpireat(sessions, end, gt=True)
        pipeline.execute()

    def session(self, token_hash: str, now: str) -> SessionOwnerView | None:
        session, row = map(from_json, self.run(SESSION, ["customers"], keys=[self._session(token_hash)]))
        if session is None or session["expires_at"] <= now:
            return None
        if row is None or row["registered_at"] != session["registered_at"]:
            return None
        return {
            "username": row["username"],
            "role": row["role"],
            "address": row["address"],
            "expires_at": session["expires_at"],
        }

    def close_session(self, token_hash: str) -> None:
        self.client.delete(self._session(token_hash))

    def close_sessions_of(self, username: str, *, but: str = "") -> None:
        sessions = self._sessions_of(_key(username))
        others = [token_hash for token_hash in self.client.zrange(sessions, 0, -1) if token_hash != but]
        if others:
            pipeline = self.client.pipeline(transaction=True)
            pipeline.delete(*map(self._session, others))
            pipeline.zrem(sessions, *others)
            pipeline.execute()

    def forget_expired_sessions(self, now: str) -> None:
        """Nothing to do: their keys expire."""

    # Private

    def _row(self, key: str) -> Wire | None:
        (row,) = self.ask(lambda pipeline: pipeline.hget(self.key("customers"), key))
        return from_json(row)

    def _found(self, words: Sequence[str], limit: int, after: str | None) -> Iterable[str]:
        """Keys of all customers whose texts contain all words, in order."""
        at_once = SEARCHED_AT_ONCE if words else limit
        both = [form for word in words for form in (word, orjson.dumps(word).decode()[1:-1])]
        while after != "":
            begin = "-" if after is None else f"({after}"
            after, found = self.run(SEARCH, ["names", "customers"], begin, at_once, *both)
            yield from found

    def _wires(self, keys: list[str]) -> list[CustomerView]:
        """The existing ones of these customers."""
        if not keys:
            return []
        rows, taken = self.ask(
            lambda pipeline: pipeline.hmget(self.key("customers"), keys).hmget(self.key("taken"), keys)
        )
        pairs = zip(map(from_json, rows), map(from_json, taken), strict=True)
        return [_wire(row, sums or NOTHING) for row, sums in pairs if row]

    def _session(self, token_hash: str) -> str:
        return self.keys.permanent("session", token_hash)

    def _sessions_of(self, key: str) -> str:
        return self.keys.permanent("sessions", key)


def _wire(row: Wire, taken: Wire) -> CustomerView:
    held, spent = (Money(taken[state], row["currency"]) for state in (Reservation.HELD, Reservation.SPENT))
    return customer_wire(customer_of(row), held=held, spent=spent)


def _key(username: object) -> str:
    return str(username).casefold()


def _milliseconds(at: str) -> int:
    return int(1000 * load_time(at).timestamp())
