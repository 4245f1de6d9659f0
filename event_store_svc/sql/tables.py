"""The tables of a log. A commit is stored in `body` alone; the other columns serve queries."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from event_store_svc.commits import MAX_COMMAND_ID, MAX_CORRELATION_ID, MAX_NAME, MAX_STREAM

metadata = MetaData()

# In SQLite, a column is the rowid only if its type is exactly INTEGER.
Position = BigInteger().with_variant(Integer, "sqlite")

log = Table(
    "log",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("id", String(36), nullable=False),
)

# See `event_store_svc.compatibility.FORM`. Logs of an earlier version have no row.
form = Table(
    "log_form",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
)

# Has a row if the log comes from a backup.
restoration = Table(
    "log_restoration",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("mark", String(12), nullable=False),
    Column("under_way", Boolean, nullable=False),
)


def command_key(command_id: str) -> str:
    """A command id with its subject first: `<order id>:place` of `place:<order id>`.

    Index locality: an order's commands are neighbours, and change one page of the index. Sorted by kind, each command
    of an order would write a page of its own in a large log.
    """
    kind, colon, about = command_id.partition(":")
    return f"{about}{colon}{kind}"


commits = Table(
    "log_commits",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=False),
    Column("command_key", String(MAX_COMMAND_ID), nullable=False, unique=True),
    Column("correlation_id", String(MAX_CORRELATION_ID), nullable=False),
    Column("at", String(24), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("log_commits_by_correlation", "correlation_id", "position"),
)

events = Table(
    "log_events",
    metadata,
    Column("stream", String(MAX_STREAM), primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

checkpoints = Table(
    "log_checkpoints",
    metadata,
    Column("name", String(MAX_NAME), primary_key=True),
    Column("position", BigInteger, nullable=False),
)

# Times in milliseconds since 1970.
leases = Table(
    "log_leases",
    metadata,
    Column("name", String(MAX_NAME), primary_key=True),
    Column("holder", String(MAX_NAME), nullable=False),
    Column("taken", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
)

# A cache, see `event_store_svc.store.Snapshot`.
snapshots = Table(
    "log_snapshots",
    metadata,
    Column("stream", String(MAX_STREAM), primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("form", String(MAX_NAME), nullable=False),
    Column("anchor", String(64), nullable=False),
    Column("state", String, nullable=False),
)

dead_letters = Table(
    "log_dead_letters",
    metadata,
    Column("id", Position, primary_key=True),
    Column("subscription", String(MAX_NAME), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("correlation_id", String(MAX_CORRELATION_ID), nullable=False),
    Column("reaction", String(MAX_NAME), nullable=False),
    Column("error", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("at", String(24), nullable=False),
    Column("state", String(16), nullable=False),
    UniqueConstraint("subscription", "position", "reaction"),
    sqlite_autoincrement=True,
)

# One row, rewritten by each check that the log accepts writes.
trial = Table(
    "log_trial",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)
