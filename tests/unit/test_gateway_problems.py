"""Details of an error that clients are told, and those that they are not."""

import inspect

import orjson
import pytest
from nameko.exceptions import RemoteError
from werkzeug.exceptions import MethodNotAllowed, NotFound, RequestEntityTooLarge, ServiceUnavailable

from gateway_svc.problems import BadJson, is_ours, problem_response
from shop.contracts import errors
from shop.contracts.errors import ShopError

ALL = [error for _, error in inspect.getmembers(errors, inspect.isclass) if issubclass(error, ShopError)]


def told(error):
    response = problem_response(error, "trace")
    return orjson.loads(response.get_data()), response


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_every_error_of_the_contracts_becomes_a_problem(error):
    problem, response = told(error())

    assert {"type", "title", "status", "detail", "trace_id"} <= set(problem)
    assert problem["status"] == response.status_code >= 400
    assert response.content_type == "application/problem+json"
    assert response.headers["X-Trace-Id"] == problem["trace_id"] == "trace"
    assert error.__name__ not in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidRequest({"price": ["Too much."]}), 422),
        (errors.CommandReused(), 422),
        (errors.Unauthenticated(), 401),
        (errors.LogInFailed(), 401),
        (errors.TooManyTries(17), 429),
        (errors.Forbidden(), 403),
        (errors.UnknownOrder("1"), 404),
        (errors.UsernameTaken("anna"), 409),
        (errors.EditConflict(), 412),
        (errors.ServiceUnavailable("orders"), 503),
        (errors.NotReady("orders"), 503),
        (errors.WrongExpectedVersion("product-1", 3, 4), 503),
        (errors.InvalidCommit("expects"), 500),
        (errors.CheckpointMoved("orders:reactions", 1, 2), 500),
        (errors.CommitTooLarge(300_000), 500),
        (ShopError("orders"), 500),
        (RemoteError("IntegrityError", "UNIQUE constraint failed: orders.id"), 500),
        (ZeroDivisionError("secret"), 500),
        (BadJson("The request body is not valid JSON."), 400),
        (NotFound(), 404),
        (RequestEntityTooLarge(), 413),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_an_error_has_its_status(error, status):
    assert told(error)[0]["status"] == status
    assert is_ours(error) == (status == 500)


@pytest.mark.parametrize(
    ("error", "secret"),
    [
        (errors.ServiceUnavailable("orders"), b"orders"),
        (errors.WrongExpectedVersion("product-1", 3, 4), b"product-1"),
        (errors.InvalidCommit("stream x is not in expects"), b"expects"),
        (RemoteError("IntegrityError", "UNIQUE constraint failed: orders.id"), b"orders.id"),
        (ZeroDivisionError("secret"), b"secret"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_is_inside_stays_inside(error, secret):
    assert secret not in told(error)[1].get_data()


def test_fields_at_fault_are_named():
    problem, _ = told(errors.InvalidRequest({"lines.0.quantity": ["Must be at least 1."]}))

    assert problem["errors"] == {"lines.0.quantity": ["Must be at least 1."]}
    assert problem["detail"] == "The request contains invalid values."
    assert problem["type"] == "urn:shop:problem:invalid-request"


def test_a_client_learns_which_thing_is_missing():
    problem, _ = told(errors.UnknownCustomer("anna"))

    assert (problem["title"], problem["detail"]) == (
        "Customer not found",
        "Customer not found: anna.",
    )


def test_a_client_that_has_to_wait_learns_how_long():
    assert told(errors.TooManyTries(17))[1].headers["Retry-After"] == "17"
    assert told(errors.ServiceUnavailable())[1].headers["Retry-After"] == "1"
    assert told(ServiceUnavailable(retry_after=3))[1].headers["Retry-After"] == "3"


def test_a_client_that_has_to_log_in_learns_how():
    assert told(errors.Unauthenticated())[1].headers["WWW-Authenticate"] == "Bearer"


def test_a_client_with_the_wrong_method_learns_the_right_ones():
    problem, response = told(MethodNotAllowed(["POST", "GET"]))

    assert response.headers["Allow"] == "GET, OPTIONS, POST"
    assert problem["detail"] == "Allowed methods: GET, OPTIONS, POST."


def test_no_problem_is_kept_by_a_cache():
    assert told(NotFound())[1].headers["Cache-Control"] == "no-store"
