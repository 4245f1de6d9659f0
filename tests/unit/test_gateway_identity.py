"""The identity of callers: tokens, and how long an answer about one is believed."""

from types import SimpleNamespace

import pytest

from gateway_svc.identity import IdentityCache, RequestCaller, bearer_token
from shop.contracts.errors import ServiceUnavailable, Unauthenticated

ANNA = {"username": "Anna", "role": "customer", "address": None, "expires_at": "2026-11-23T09:30:00.123Z"}


class Sessions:
    """customer_svc, as far as it identifies."""

    def __init__(self, **tokens):
        self.tokens, self.asked, self.meanwhile = tokens, [], lambda: None

    def identify(self, token):
        self.asked.append(token)
        if token not in self.tokens:
            raise Unauthenticated
        found = self.tokens[token]
        self.meanwhile()
        return found


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def cache(clock):
    return IdentityCache(clock=clock)


def caller(sessions, cache):
    context = SimpleNamespace(service=SimpleNamespace(customers=sessions), data={"actor": None})
    return RequestCaller(context, cache), context


def test_a_visitor_is_a_visitor_without_asking(cache):
    sessions = Sessions()
    visitor, context = caller(sessions, cache)

    identity = visitor.identify(None, fresh=True)

    assert (identity.actor.username, identity.actor.role) == ("anonymous", "anonymous")
    assert context.data["actor"] == {"username": "anonymous", "role": "anonymous"}
    assert sessions.asked == []


def test_every_call_is_made_in_the_name_of_the_one_who_asks(cache):
    anna, context = caller(Sessions(token=ANNA), cache)

    anna.identify("token", fresh=True)

    assert context.data["actor"] == {"username": "Anna", "role": "customer"}


def test_reads_believe_an_answer_for_two_seconds(cache, clock):
    sessions = Sessions(token=ANNA)
    anna, _ = caller(sessions, cache)

    anna.identify("token", fresh=False)
    clock.now = 1.9
    anna.identify("token", fresh=False)
    assert len(sessions.asked) == 1

    clock.now = 2.1
    anna.identify("token", fresh=False)
    assert len(sessions.asked) == 2


def test_writes_always_ask(cache):
    sessions = Sessions(token=ANNA)
    anna, _ = caller(sessions, cache)

    anna.identify("token", fresh=True)
    anna.identify("token", fresh=True)

    assert len(sessions.asked) == 2


def test_all_sessions_of_a_user_are_forgotten_at_once(cache):
    sessions = Sessions(one=ANNA, two=ANNA, other={**ANNA, "username": "bob"})
    anna, _ = caller(sessions, cache)
    for token in ("one", "two", "other"):
        anna.identify(token, fresh=False)

    anna.forget("ANNA")

    assert (cache.get("one"), cache.get("two")) == (None, None)
    assert cache.get("other").actor.username == "bob"


def test_an_answer_that_was_under_way_during_a_log_out_is_not_kept(cache):
    sessions = Sessions(token=ANNA)
    anna, _ = caller(sessions, cache)
    sessions.meanwhile = lambda: anna.forget("Anna")

    anna.identify("token", fresh=False)

    assert cache.get("token") is None


def test_a_token_that_is_not_one_is_asked_about_each_time(cache):
    sessions = Sessions()
    nobody, _ = caller(sessions, cache)

    for _ in range(2):
        with pytest.raises(Unauthenticated):
            nobody.identify("token", fresh=False)

    assert len(sessions.asked) == 2


def test_when_sessions_cannot_be_asked_no_one_gets_in(cache):
    sessions = Sessions(token=ANNA)
    anna, context = caller(sessions, cache)

    def fail():
        raise ServiceUnavailable("customers")

    sessions.meanwhile = fail
    with pytest.raises(ServiceUnavailable):
        anna.identify("token", fresh=False)

    assert context.data["actor"] is None


def test_the_cache_does_not_grow_without_limit(clock):
    cache = IdentityCache(clock=clock, most=3)
    sessions = Sessions(**{f"t{number}": ANNA for number in range(10)})
    anna, _ = caller(sessions, cache)

    for token in sessions.tokens:
        anna.identify(token, fresh=False)

    assert [bool(cache.get(token)) for token in sessions.tokens] == [False] * 7 + [True] * 3


def test_no_token_lies_around_in_memory(cache):
    anna, _ = caller(Sessions(token=ANNA), cache)

    anna.identify("token", fresh=False)

    assert "token" not in repr(cache)


@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc", "BEARER   abc", " Bearer abc "])
def test_the_scheme_is_known_in_any_case(header):
    assert bearer_token(header) == "abc"


def test_no_header_is_no_token():
    assert bearer_token(None) == ""


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "abc", "Bearer a b", "Bearer é", "Bearer " + "a" * 600]
)
def test_another_header_is_no_session(header):
    with pytest.raises(Unauthenticated):
        bearer_token(header)
