"""The guards of the log-in: hashes, tokens, and the count of failures."""

import time
from datetime import UTC, datetime

import eventlet
import pytest
from argon2 import PasswordHasher, extract_parameters
from eventlet.patcher import original

from customer_svc.credentials import KIBIBYTES, LANES, PASSES, Passwords
from customer_svc.throttle import BUCKETS, Throttle, network_of
from customer_svc.tokens import Token, digest_of
from shop.contracts.errors import TooManyTries
from tests.support.clock import FakeClock
from tests.support.waiting import LIMIT, SOON

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords()


def test_a_hash_fits_its_password_only(passwords):
    hashed = passwords.hash("correct horse")

    assert hashed.startswith(f"$argon2id$v=19$m={KIBIBYTES},t=2,p=1$")
    assert passwords.matches(hashed, "correct horse")
    assert not passwords.matches(hashed, "Correct horse")
    assert passwords.hash("correct horse") != hashed


def test_nobody_has_no_password_and_it_takes_as_long_to_find_out(passwords, monkeypatch):
    verified = []

    class Watched(PasswordHasher):
        def verify(self, hash, password):
            verified.append(hash)
            return super().verify(hash, password)

    hashed = passwords.hash("correct horse")
    monkeypatch.setattr(passwords, "_hasher", Watched())

    assert not passwords.matches(hashed, "wrong")
    assert not passwords.matches(None, "wrong")

    somebodys, nobodys = map(extract_parameters, verified)
    assert somebodys == nobodys


def test_a_damaged_hash_fits_nothing(passwords):
    assert not passwords.matches("not a hash", "not a hash")


def test_a_fingerprint_is_the_same_for_the_same_password_of_the_same_request(passwords):
    fingerprint = passwords.fingerprint("correct horse", "ann\nkey")

    assert passwords.fingerprint("correct horse", "ann\nkey") == fingerprint
    assert passwords.fingerprint("correct horse", "ann\nother key") != fingerprint
    assert passwords.fingerprint("another", "ann\nkey") != fingerprint


def test_everything_else_goes_on_while_passwords_are_hashed(passwords, monkeypatch):
    gone_on = original("threading").Event()

    class Slow(PasswordHasher):
        def hash(self, password):
            assert gone_on.wait(timeout=LIMIT)
            return super().hash(password)

    monkeypatch.setattr(passwords, "_hasher", Slow(PASSES, KIBIBYTES, LANES))
    hashes = eventlet.GreenPool().imap(passwords.hash, ["one", "two", "three"])

    eventlet.spawn_after(SOON, gone_on.set)

    assert len(list(hashes)) == 3


def test_tokens_are_new_each_time_and_only_their_digest_is_kept():
    first, second = Token.new(NINE, hours=24), Token.new(NINE, hours=24)

    assert first.text != second.text
    assert len(first.text) == 43
    assert first.expires_at == "2026-11-24T09:00:00.000Z"
    assert first.digest == digest_of(first.text)
    assert first.text not in first.digest


def fail(throttle: Throttle, username: str, times: int, *, exists: bool = True, client: str | None = None) -> None:
    for _ in range(times):
        throttle.require_tries(username, exists=exists, client=client)
        throttle.failed(username, exists=exists, client=client)


def test_a_user_has_so_many_failures_in_any_spelling():
    throttle = Throttle(tries=3)
    fail(throttle, "ann", 2)
    fail(throttle, "ANN", 1)

    with pytest.raises(TooManyTries) as refusal:
        throttle.require_tries("Ann", exists=True, client=None)

    assert 0 < refusal.value.retry_after <= 15 * 60
    throttle.require_tries("bob", exists=True, client=None)


def test_a_log_in_that_succeeds_makes_the_failures_forgotten():
    throttle = Throttle(tries=3)
    fail(throttle, "ann", 3)

    throttle.succeeded("ANN")

    fail(throttle, "ann", 3)


def test_failures_are_forgotten_after_a_quarter_of_an_hour(monkeypatch):
    clock = FakeClock()
    monkeypatch.setattr(time, "time", clock.time)
    throttle = Throttle(tries=3)
    fail(throttle, "ann", 3)

    clock.turn(15 * 60 - 5)
    with pytest.raises(TooManyTries) as refusal:
        throttle.require_tries("ann", exists=True, client=None)
    assert refusal.value.retry_after <= 10

    clock.turn(6)
    fail(throttle, "ann", 3)


def test_a_client_that_tries_many_users_is_stopped_too():
    throttle = Throttle(tries=3)
    for number in range(30):
        fail(throttle, f"user-{number}", 1, client="192.0.2.1")

    with pytest.raises(TooManyTries):
        throttle.require_tries("ann", exists=True, client="192.0.2.1")

    throttle.require_tries("ann", exists=True, client="192.0.2.2")


def test_a_success_does_not_clear_the_client_that_guesses_at_others():
    throttle = Throttle(tries=1)
    for number in range(10):
        fail(throttle, f"user-{number}", 1, client="192.0.2.1")

    throttle.succeeded("mallory")

    with pytest.raises(TooManyTries):
        throttle.require_tries("ann", exists=True, client="192.0.2.1")


def test_unknown_names_are_counted_like_known_ones():
    throttle = Throttle(tries=3)
    fail(throttle, "nobody", 3, exists=False)

    with pytest.raises(TooManyTries):
        throttle.require_tries("nobody", exists=False, client=None)


def test_made_up_names_and_addresses_cannot_fill_the_memory():
    throttle = Throttle(tries=10)

    for number in range(2 * BUCKETS):
        throttle.failed(f"nobody-{number}", exists=False, client=f"2001:db8:{number % 65_536:x}::1")

    kept = throttle._limiter.storage.events
    assert BUCKETS < len(kept) <= 2 * BUCKETS


def test_one_network_is_one_client():
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::1")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("192.0.2.1") != network_of("192.0.2.2")
    assert network_of("not an address") == "not an address"
