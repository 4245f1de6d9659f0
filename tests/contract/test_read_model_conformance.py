"""The contract of every read model with those who feed, ask and audit it, on every kind of database."""

import pytest
from sqlalchemy import Column, Integer, String, Table, insert, select

from shop.contracts.commits import RecordedEvent
from shop.contracts.errors import CheckpointMoved, NotReady
from shop.read_models import couchdb, redis, sql
from tests.contract.support.opening import close, opened, store


class NotesInSql(sql.SqlRows):
    @classmethod
    def tables(cls, metadata, prefix):
        notes = Table(
            f"{prefix}notes", metadata, Column("position", Integer, primary_key=True), Column("text", String(20))
        )
        return {"notes": notes}

    @classmethod
    def permanent_tables(cls, metadata):
        return {"sessions": Table("sessions", metadata, Column("token", String(20), primary_key=True))}

    def add(self, recorded):
        self.execute(insert(self.t["notes"]).values(position=recorded.position, text=recorded.type))

    def texts(self):
        return list(self.execute(select(self.t["notes"].c.text).order_by(self.t["notes"].c.position)).scalars())

    def open_session(self, token):
        self.execute(insert(self.permanent["sessions"]).values(token=token))

    def sessions(self):
        return list(self.execute(select(self.permanent["sessions"].c.token)).scalars())


class NotesInRedis(redis.RedisRows):
    hashes = ("notes",)
    sorted_sets = ("order",)

    def add(self, recorded):
        self.batch.put("notes", str(recorded.position), {"text": recorded.type})
        self.batch.put_in_order("order", str(recorded.position))

    def texts(self):
        (notes,) = self.ask(lambda pipeline: pipeline.hgetall(self.key("notes")))
        return [redis.rows.from_json(notes[position])["text"] for position in sorted(notes, key=int)]

    def open_session(self, token):
        self.client.sadd(self.keys.permanent("sessions"), token)

    def sessions(self):
        return list(self.client.smembers(self.keys.permanent("sessions")))


class NotesInCouch(couchdb.Documents):
    tables = ("notes",)
    views = {"notes": {"map": "function (doc) { if (doc.table) { emit(doc.applied, doc.text); } }"}}

    def add(self, recorded):
        self.put(recorded.position, "notes", str(recorded.position), {"text": recorded.type})

    def texts(self):
        return [row["value"] for row in self.view("notes")]


def recorded(position: int, name: str) -> RecordedEvent:
    return RecordedEvent(
        position=position,
        stream="notes",
        version=position,
        type=name,
        fields={},
        at="2026-11-23T09:30:00.000Z",
        correlation_id="c",
        causation=0,
        actor="operator:operator",
        service="tests",
    )


def add(event, rows):
    rows.add(event)


@pytest.fixture
def open_model(read_model_url):
    """Opens the read model once more, as another process does."""
    models = []

    def open_one():
        adapters = (
            sql.SqlReadModel(NotesInSql),
            redis.RedisReadModel(NotesInRedis),
            couchdb.CouchReadModel(NotesInCouch),
        )
        models.append(opened(read_model_url, *adapters))
        return models[-1]

    yield open_one
    for model in models:
        close(model)


@pytest.fixture
def model(open_model):
    return open_model()


def test_there_is_nothing_to_read_before_the_first_one_is_built(model):
    model.create("log")

    with pytest.raises(NotReady):
        store(model).texts()
    with pytest.raises(NotReady), model.snapshot() as shown:
        next(shown.pages("notes"))


def test_events_and_position_are_kept_together(model, open_model):
    namespace = model.create("log")
    namespace = model.project(namespace, [recorded(1, "A"), recorded(2, "B")], 2, add)
    model.switch(namespace)

    again = open_model()

    assert store(again).texts() == ["A", "B"]
    expected = [(namespace.number, 2, "log", True)]
    assert [(n.number, n.position, n.log, n.current) for n in again.namespaces()] == expected
    assert again.namespaces()[0].schema_version == model.schema_version


def test_a_position_moves_over_events_that_are_not_shown(model):
    namespace = model.project(model.create("log"), [], 7, add)

    assert namespace.position == 7
    assert [n.position for n in model.namespaces()] == [7]


def test_a_fault_in_the_middle_leaves_neither_rows_nor_position(model):
    def faulty(event, rows):
        rows.add(event)
        if event.type == "B":
            raise ZeroDivisionError

    namespace = model.create("log")
    model.switch(namespace)

    with pytest.raises(ZeroDivisionError):
        model.project(namespace, [recorded(1, "A"), recorded(2, "B")], 2, faulty)

    assert store(model).texts() == []
    assert [n.position for n in model.namespaces()] == [0]


def test_of_two_that_project_from_the_same_position_one_is_refused(model, open_model):
    namespace = model.create("log")
    open_model().project(namespace, [recorded(1, "A")], 1, add)

    with pytest.raises(CheckpointMoved):
        model.project(namespace, [recorded(1, "B")], 1, add)

    model.switch(namespace)
    assert store(model).texts() == ["A"]


def test_readers_see_the_old_one_until_the_switch_and_the_new_one_after_it(model):
    old = model.project(model.create("log"), [recorded(1, "old")], 1, add)
    model.switch(old)
    reader = store(model)
    new = model.project(model.create("log"), [recorded(1, "new")], 1, add)

    before = reader.texts()
    model.switch(new)

    assert (before, reader.texts()) == (["old"], ["new"])
    assert old.number < new.number
    assert [(n.number, n.current) for n in model.namespaces()] == [(old.number, False), (new.number, True)]


def test_a_dropped_one_is_gone_with_all_its_rows(model):
    first = model.project(model.create("log"), [recorded(1, "A")], 1, add)
    model.switch(first)

    model.drop(first)

    assert model.namespaces() == []
    with pytest.raises(CheckpointMoved):
        model.project(first, [recorded(2, "B")], 2, add)
    again = model.create("log")
    model.switch(again)
    assert store(model).texts() == []


def test_one_that_is_gone_cannot_be_switched_to(model):
    gone = model.create("log")
    model.drop(gone)

    model.switch(gone)

    assert model.namespaces() == []


def test_another_process_learns_of_a_switch_when_it_looks(model, open_model):
    other = open_model()
    model.switch(model.project(model.create("log"), [recorded(1, "A")], 1, add))

    other.namespaces()

    assert store(other).texts() == ["A"]


@pytest.mark.parametrize("read_model_url", ["sqlite", "postgresql", "redis"], indirect=True)
def test_what_is_no_read_model_survives_all_of_them(model):
    writer = store(model)

    with writer.write() as rows:
        rows.open_session("t")
    namespace = model.create("log")
    model.switch(namespace)
    model.drop(namespace)

    assert writer.sessions() == ["t"]


def test_rows_can_be_read_outside_of_a_worker(model):
    model.switch(model.project(model.create("log"), [recorded(1, "A")], 1, add))

    with model.reading() as rows:
        assert rows.texts() == ["A"]


def test_a_snapshot_has_each_row_as_at_its_page_while_the_read_model_goes_on(model):
    many = [recorded(position, f"event {position}") for position in range(1, 701)]
    namespace = model.project(model.create("log"), many, 700, add)
    model.switch(namespace)

    with model.snapshot() as shown:
        pages = shown.pages("notes")
        first = next(pages)
        model.project(namespace, [recorded(701, "late")], 701, add)
        rest = list(pages)

    rows = {key: row["text"] for page in (first, *rest) for key, row in page.rows.items()}
    assert {str(one.position): one.type for one in many}.items() <= rows.items()
    assert first.position == 700
    assert {page.position for page in rest} <= {700, 701}
    late = [page for page in rest if "701" in page.rows]
    assert all(page.position == 701 for page in late)


def test_a_snapshot_of_nothing_has_one_empty_page_of_every_table(model):
    model.switch(model.create("log"))

    with model.snapshot() as shown:
        pages = {table: list(shown.pages(table)) for table in shown.tables}

    assert "notes" in pages
    assert all([(page.position, len(page.rows)) for page in found] == [(0, 0)] for found in pages.values())


def test_a_trial_to_write_changes_nothing_that_anybody_reads(model, open_model):
    model.try_to_write()
    namespace = model.create("log")
    namespace = model.project(namespace, [recorded(1, "A")], 1, add)
    model.switch(namespace)

    for _ in range(2):
        model.try_to_write()

    again = open_model()
    assert store(again).texts() == ["A"]
    assert again.project(again.namespaces()[0], [recorded(2, "B")], 2, add).position == 2
    with again.snapshot() as shown:
        assert [len(page.rows) for page in shown.pages("notes")] == [2]
