"""A dead letter's error, as managers read it."""

import pytest

from gateway_svc.resources.dead_letters import error_text


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        (repr(LookupError("the order has no invoice")), "the order has no invoice"),
        (repr(KeyError("username")), "username"),
        (repr(ValueError("it's 5", 7)), "it's 5, 7"),
        ("waits behind an earlier event of the same saga", "waits behind an earlier event of the same saga"),
        (repr(RuntimeError()), "No error message."),
        ("IntegrityError('(sqlite3.IntegrityError) UNIQUE failed: t.a\\n[SQL: INSERT INTO t]')", "UNIQUE failed: t.a"),
        ("IntegrityError('(psycopg2.errors.UniqueViolation) no [SQL: INSERT INTO t]')", "no"),
        ("Odd(<object at 0x7f43b6c5ec80>)", "No error message."),
        (repr(ValueError("first line\nTraceback of another")), "first line"),
        (repr(ValueError("x" * 1000)), "x" * 500),
    ],
)
def test_an_error_is_told_in_its_own_words(kept, shown):
    assert error_text(kept) == shown
