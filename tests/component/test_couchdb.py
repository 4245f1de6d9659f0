"""Demands that only CouchDB makes on a read model: no transaction over documents, conflicts, and HTTP."""

from itertools import combinations

import eventlet
import pytest
from structlog.testing import capture_logs

from shop.contracts.errors import CheckpointMoved, NotReady, ServiceUnavailable
from shop.read_models.couchdb.changes import carry_out
from shop.read_models.couchdb.database import CouchDatabase
from shop.read_models.couchdb.documents import CHECKPOINT, Documents
from shop.service.settings import ConfigError
from tests.component.support.running import turns_during
from tests.contract.support.accounting_books import Books, opened_accounting, show
from tests.servers.wire import Wire
from tests.support.waiting import SOON
from tests.unit.support.order_builders import credited, invoiced, recorded
from tools.chaos.ports import free_ports

INVOICES = [invoiced(number=number) for number in (1, 2)]
BATCH = [
    recorded(INVOICES[0], position=1),
    recorded(INVOICES[1], position=2),
    recorded(credited(INVOICES[0], number=1), position=2),
]
"""Comes to three documents, of which the first changes twice."""
IDS = ("invoices:2026-000001", "invoices:2026-000002", "credit_notes:C2026-000001")


@pytest.fixture
def open_model(empty_couchdb):
    """Opens the read model once more, as another process does; in one way or another."""
    models = []

    def open_one(url=empty_couchdb):
        models.append(opened_accounting(url))
        return models[-1]

    yield open_one
    for model in models:
        model.stop()


@pytest.fixture
def model(open_model):
    return open_model()


@pytest.fixture
def way(couchdb):
    """A way to CouchDB that can be cut and held."""
    way = Wire(couchdb.port)
    yield way
    way.close()


@pytest.fixture
def far_url(empty_couchdb, couchdb, way):
    return empty_couchdb.replace(f":{couchdb.port}/", f":{way.port}/")


def changes_of(model, events):
    """The changes that projections ask for, not carried out."""
    documents = model.documents("accounting", lambda: None)
    for event in events:
        show(event, documents)
    return documents.changes


def database_of(model, namespace):
    return CouchDatabase(model._server, f"{model._prefix}-r{namespace.number}")


def contents(model, namespace):
    """All documents, without what a repetition may change."""
    documents = database_of(model, namespace).read([*IDS, CHECKPOINT])
    return {key: {name: value for name, value in found.items() if name != "_rev"} for key, found in documents.items()}


def in_one_go(model):
    namespace = model.project(model.create("log"), BATCH, 2, show)
    return contents(model, namespace)


# A batch that ends in the middle


@pytest.mark.parametrize("written", [ids for count in range(4) for ids in combinations(IDS, count)])
def test_a_batch_of_which_some_documents_were_written_is_repeated_without_a_difference(written, model):
    namespace = model.create("log")
    carry_out(database_of(model, namespace), [change for change in changes_of(model, BATCH) if change.id in written])

    model.project(namespace, BATCH, 2, show)

    assert contents(model, namespace) == in_one_go(model)


class Interrupted(CouchDatabase):
    """Goes away after the first document."""

    def write(self, documents):
        super().write(documents[:1])
        raise ServiceUnavailable


def test_a_batch_that_is_interrupted_leaves_the_checkpoint_where_it_was(model, monkeypatch):
    namespace = model.create("log")
    with monkeypatch.context() as broken:
        broken.setattr(model, "_database", lambda number: Interrupted(model._server, f"{model._prefix}-r{number}"))
        with pytest.raises(ServiceUnavailable):
            model.project(namespace, BATCH, 2, show)

    assert [found.position for found in model.namespaces()] == [0]
    model.project(namespace, BATCH, 2, show)
    assert contents(model, namespace) == in_one_go(model)


def test_a_document_is_not_written_again_where_it_shows_the_batch(model):
    namespace = model.create("log")
    database = database_of(model, namespace)
    carry_out(database, changes_of(model, BATCH))
    before = database.read(IDS)

    model.project(namespace, BATCH, 2, show)

    assert database.read(IDS) == before


def test_who_comes_late_with_an_old_batch_changes_nothing(model, open_model):
    late, namespace = open_model(), model.create("log")
    model.project(model.project(namespace, BATCH[:1], 1, show), BATCH[1:], 2, show)
    before = contents(model, namespace)

    carry_out(database_of(late, namespace), changes_of(late, BATCH[:1]))
    with pytest.raises(CheckpointMoved):
        late.project(namespace, BATCH[:1], 1, show)

    assert contents(model, namespace) == before


class Overtaken(CouchDatabase):
    """Lets somebody else write between its reading and its writing, so many times."""

    def __init__(self, database, others):
        super().__init__(database._server, database.name)
        self._others = others

    def write(self, documents):
        if self._others:
            self._others.pop()()
        return super().write(documents)


def test_documents_in_conflict_are_read_and_changed_again(model, open_model):
    other, namespace = open_model(), model.create("log")
    database = database_of(model, namespace)
    first, second = changes_of(model, BATCH[:1]), changes_of(model, BATCH[1:])
    overtaken = Overtaken(database, [lambda: carry_out(database_of(other, namespace), first)])

    carry_out(overtaken, [*first, *second])

    found, wanted = contents(model, namespace), in_one_go(model)
    assert {key: found[key] for key in IDS} == {key: wanted[key] for key in IDS}


def test_the_checkpoint_moves_for_one_of_two_that_write_the_same_batch(model, open_model):
    other, namespace = open_model(), model.create("log")

    def overtaken(event, rows):
        show(event, rows)
        if event.position == 1:
            other.project(namespace, BATCH, 2, show)

    with pytest.raises(CheckpointMoved):
        model.project(namespace, BATCH, 2, overtaken)

    assert contents(model, namespace) == in_one_go(model)


def test_an_audit_waits_until_a_batch_under_way_is_whole(model, monkeypatch):
    books = Books(model)
    model.project(books.namespace, BATCH[:1], 1, show)
    database = database_of(model, books.namespace)
    carry_out(database, changes_of(model, BATCH[1:]))

    def read_just_before_it_is_whole(*args):
        found = read(*args)
        monkeypatch.undo()
        database.put({**database.read([CHECKPOINT])[CHECKPOINT], "position": 2})
        return found

    read = Documents.table
    monkeypatch.setattr(Documents, "table", read_just_before_it_is_whole)
    with model.snapshot() as found:
        pages = list(found.pages("invoices"))

    assert [(page.position, sorted(page.rows)) for page in pages] == [(2, ["2026-000001", "2026-000002"])]


def test_a_database_whose_maker_did_not_finish_belongs_to_no_log(model):
    namespace = model.create("log")
    half = CouchDatabase(model._server, f"{model._prefix}-r{namespace.number + 1}")
    half.create()

    found = model.namespaces()

    assert [(each.log, each.schema_version, each.current) for each in found] == [("log", 1, False), ("", 0, False)]
    model.drop(found[-1])
    assert [each.number for each in model.namespaces()] == [namespace.number]


def test_a_reader_who_has_not_noticed_a_loss_sees_no_half_of_the_next_one(model, open_model, couchdb):
    unaware = open_model()
    Books(model).add(1)
    unaware.namespaces()
    couchdb.delete(model._prefix)
    model.project(model.create("log"), BATCH[1:], 2, show)

    with pytest.raises(NotReady), unaware.reading() as rows:
        rows.invoice("2026-000002")


# HTTP


def test_others_run_while_it_is_waited_for_and_it_is_not_waited_for_long(far_url, way, open_model, monkeypatch):
    model = open_model(far_url)
    way.hold()
    monkeypatch.setattr("shop.read_models.couchdb.server.SECONDS_TO_ANSWER", SOON)

    def ask():
        with pytest.raises(ServiceUnavailable):
            model.namespaces()

    assert turns_during(ask)


def test_more_than_there_are_connections_wait_for_one(far_url, way, open_model):
    model = open_model(far_url)
    Books(model).add(1)

    with model.reading() as rows:
        answers = list(eventlet.GreenPool().imap(rows.invoice, ["2026-000001"] * 40))

    assert {answer["number"] for answer in answers} == {"2026-000001"}
    assert 1 < way.calls <= model.container.max_workers + 3


def test_a_connection_that_was_cut_is_not_used_again(far_url, way, open_model):
    model = open_model(far_url)
    books = Books(model)
    way.cut()
    with pytest.raises(ServiceUnavailable):
        model.namespaces()
    way.mend()

    books.add(1)

    assert books.read("invoice", "2026-000001")


@pytest.mark.parametrize(
    "ask", [lambda books: books.read("invoice", "2026-000001"), lambda books: books.model.namespaces()]
)
def test_a_kept_connection_that_ends_when_something_is_asked_fails_nobody(ask, far_url, way, open_model):
    books = Books(open_model(far_url))
    books.add(1)
    expected = ask(books)
    way.drop_next()

    assert ask(books) == expected


def test_a_change_is_not_sent_again_where_nobody_knows_whether_it_was_made(far_url, way, open_model):
    model = open_model(far_url)
    database = database_of(model, model.create("log"))
    way.drop_next()

    with pytest.raises(ServiceUnavailable):
        database.put({"_id": "one"})

    assert database.read(["one"]) == {}


def test_a_server_that_is_away_at_the_start_is_told_in_one_sentence_and_found_later(far_url, way, open_model):
    way.cut()
    with capture_logs() as logs:
        model = open_model(far_url)
    way.mend()

    (told,) = [line["event"] for line in logs]
    assert told.startswith("The database of DB_URIS / accounting:ReadModel cannot be reached: ")
    assert "password" not in told
    assert list(model.namespaces()) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda url, port: url.replace("tests:", "nobody:"), "it answers 401"),
        (lambda url, port: url.replace(f":{port}/", f":{free_ports(1)[0]}/"), "ECONNREFUSED"),
    ],
)
def test_a_server_that_does_not_let_us_in_is_told_in_one_sentence(change, reason, empty_couchdb, couchdb, open_model):
    if not couchdb.is_ours:
        pytest.skip("needs a CouchDB with users of its own: run without COUCHDB_TEST_URL")
    with capture_logs() as logs:
        open_model(change(empty_couchdb, couchdb.port))

    (told,) = [line["event"] for line in logs]
    assert told.startswith("The database of DB_URIS / accounting:ReadModel cannot be reached: ")
    assert reason in told
    assert "\n" not in told


@pytest.mark.parametrize(
    "url",
    [
        "couchdb+ftp://localhost/accounting",
        "couchdb://localhost",
        "couchdb:///accounting",
        "couchdb://localhost:port/accounting",
        "couchdb://admin:secret@localhost/Accounting",
        "couchdb://admin:secret@localhost/a/b",
    ],
)
def test_a_url_that_can_never_work_is_refused_in_one_sentence_that_names_its_key(url, open_model):
    with pytest.raises(ConfigError) as refused:
        open_model(url)

    assert str(refused.value).startswith("DB_URIS / accounting:ReadModel cannot be used: ")
    assert "secret" not in str(refused.value)


def test_something_else_than_couchdb_is_unavailable(open_model):
    listener = eventlet.listen(("127.0.0.1", 0))

    def answer():
        connection, _ = listener.accept()
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

    answering = eventlet.spawn(answer)
    with capture_logs() as logs:
        open_model(f"couchdb://127.0.0.1:{listener.getsockname()[1]}/accounting")

    answering.wait()
    assert "no CouchDB" in logs[0]["event"]


def test_databases_of_others_are_left_alone(model):
    beside = f"{model._prefix}-r5-r6"
    CouchDatabase(model._server, beside).create()

    namespace = model.create("log")

    assert [each.number for each in model.namespaces()] == [namespace.number]
