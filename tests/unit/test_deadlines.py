"""Each deadline on a request's way is shorter than its caller's, so that the caller gets the reason, not a time-out."""

from event_store_svc.patience import PATIENCE
from event_store_svc.store import TRIAL_SECONDS
from gateway_svc import routes
from gateway_svc.resources import health
from shop.contracts import deadlines
from shop.database import engines
from shop.event_sourcing import log
from shop.http import client
from shop.read_models.couchdb import server as couchdb
from shop.read_models.redis import model as redis
from shop.service.settings import Settings
from shop.service.trials import SECONDS_OF_A_TRIAL
from shop.web.calls import SECONDS_FOR_A_PAGE

RPC = Settings.of({}).rpc_timeout


def test_from_the_visitor_to_the_database_each_deadline_is_shorter_than_the_one_before():
    chain = [client.SECONDS_TO_ANSWER, SECONDS_FOR_A_PAGE, routes.SECONDS_TO_ANSWER, RPC, deadlines.DATABASE]

    assert chain == sorted(chain, reverse=True)
    assert len(set(chain)) == len(chain)


def test_every_database_answers_before_its_callers_time_out():
    retried_once = 2 * redis.SECONDS_TO_ANSWER

    assert {engines.SECONDS_TO_ANSWER, couchdb.SECONDS_TO_ANSWER, retried_once, PATIENCE} == {deadlines.DATABASE}


def test_a_command_that_waits_for_the_read_model_answers_in_time():
    assert deadlines.DATABASE + log.SECONDS_TO_SHOW <= RPC
    assert log.SECONDS_TO_CATCH_UP < RPC


def test_the_queue_leaves_time_for_a_call():
    assert routes.WAIT_FOR_WORKER + RPC < routes.SECONDS_TO_ANSWER


def test_a_readiness_check_waits_for_the_write_that_it_asks_for():
    assert TRIAL_SECONDS < SECONDS_OF_A_TRIAL < health.SECONDS_TO_ANSWER
