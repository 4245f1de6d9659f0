"""Concurrency that only a log on a database server has: other processes write while this one reads."""

from event_store_svc.sql import commits
from tests.contract.support.log_builders import commit, running_log
from tests.contract.support.log_databases import on_postgresql


def test_a_command_that_another_process_records_meanwhile_is_a_duplicate(request, monkeypatch):
    database = on_postgresql(request)
    sent = commit({"stream-1": 0})
    read = commits._versions

    def record_first(connection, names):
        monkeypatch.setattr(commits, "_versions", read)
        with running_log(database.store()) as elsewhere:
            elsewhere.append(sent)
        return read(connection, names)

    with running_log(database.store()) as log:
        monkeypatch.setattr(commits, "_versions", record_first)
        answer = log.append(sent)

    assert answer["duplicate"]
