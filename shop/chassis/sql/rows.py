"""What adapters on SQL are made of: a service's tables, and its statements as methods."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from sqlalchemy import Connection, MetaData, Table
from sqlalchemy.engine import Result
from sqlalchemy.orm import Session
from sqlalchemy.sql import Executable

from shop.chassis.sql.engines import AWAY, is_away
from shop.contracts.errors import ServiceUnavailable

Tables = Mapping[str, Table]


class Rows:
    """A service's tables, and its statements as methods. Subclasses are the only code that knows the database.

    `self.t` are the tables by their plain names; `self.execute` runs a statement.
    """

    schema_version: ClassVar[int] = 1

    @classmethod
    def tables(cls, metadata: MetaData, prefix: str) -> Tables:
        """The tables of one namespace, by plain name; each is called prefix + plain name in the database."""
        raise TypeError(f"{cls.__name__} declares no tables for {prefix!r} in {metadata!r}")

    @classmethod
    def permanent_tables(cls, metadata: MetaData) -> Tables:
        """Tables that are no read model and survive a rebuild, such as sessions."""
        del metadata
        return {}

    def __init__(
        self,
        session: Session | Connection,
        tables: Callable[[], Tables],
        permanent: Tables,
        unavailable: Callable[[Exception], ServiceUnavailable] = lambda _: ServiceUnavailable("database"),
    ) -> None:
        self._session = session
        self._tables = tables
        self._permanent = permanent
        self._unavailable = unavailable

    @property
    def t(self) -> Tables:
        """Raises NotReady while the read model is built for the first time."""
        return {**self._permanent, **self._tables()}

    @property
    def permanent(self) -> Tables:
        return self._permanent

    def execute(self, statement: Executable, values: Any = None) -> Result[Any]:
        """Run one statement; `values` for many rows at once. Raises: ServiceUnavailable."""
        try:
            return self._session.execute(statement, values)
        except AWAY as error:
            if not is_away(error):
                raise
            raise self._unavailable(error) from error
