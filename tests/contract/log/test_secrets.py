"""Password hashes: told by one method only."""

import orjson
import pytest

from tests.contract.support.log_builders import commit


def password_set(version=0, **more):
    sent = commit({"customer-ada": version, "credential-ada": version}, **more)
    sent["events"][1]["data"] = {"password_hash": f"$argon2id${version}"}
    return sent


def test_only_read_credentials_tells_a_password_hash(log):
    assert log.read_credentials("ada") is None

    log.append(password_set(0))
    log.append(password_set(1))

    assert log.read_credentials("ADA") == {"password_hash": "$argon2id$1"}
    assert log.read_credentials("bob") is None


@pytest.mark.parametrize(
    "exit_of",
    [
        lambda log: log.append(password_set(1)),
        lambda log: log.append(password_set(0, command_id="first")),
        lambda log: log.append_many([password_set(1)]),
        lambda log: log.append_many([password_set(0, command_id="first")]),
        lambda log: log.read_all(0),
        lambda log: log.read_streams([("customer-ada", 0), ("credential-ada", 0)]),
        lambda log: log.read_correlations(["correlation"]),
        lambda log: log.find(["first"]),
    ],
    ids=["append", "duplicate", "append_many", "duplicates", "read_all", "read_streams", "read_correlations", "find"],
)
def test_a_password_hash_is_blanked_wherever_the_log_is_read(log, exit_of):
    log.append(password_set(0, command_id="first"))

    answer = orjson.dumps(exit_of(log)).decode()

    assert "credential-ada" in answer
    assert "$argon2id$" not in answer


def test_the_chain_is_made_of_the_true_data(log, database):
    log.append(password_set())

    database.change_body(1, "$argon2id$", "$argon2xx$")

    assert log.verify()["ok"] is False
