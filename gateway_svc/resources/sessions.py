"""/v1/sessions"""

from gateway_svc import schemas, shapes
from gateway_svc.calls import Call
from gateway_svc.identity import Callers, RequestCaller
from gateway_svc.routes import Access, Answer, route
from shop.contracts.api import CustomersApi
from shop.contracts.errors import LogInFailed, TooManyTries
from shop.contracts.views import SessionView
from shop.contracts.wire import Wire
from shop.messaging.rpc_client import rpc_client


class SessionRoutes:
    customers: CustomersApi = rpc_client(CustomersApi)
    caller: RequestCaller = Callers()

    @route(
        "POST",
        "/v1/sessions",
        access=Access.ANYONE,
        body=schemas.LogIn,
        answer=Answer(status=201, shape=shapes.Session, location="/v1/sessions/current"),
        refusals=[LogInFailed, TooManyTries],
    )
    def log_in(self, call: Call) -> SessionView:
        """Log in and receive a bearer token."""
        return self.customers.log_in(**call.body, client=call.client_address)

    @route("GET", "/v1/sessions/current", access=Access.USER, answer=Answer(shape=shapes.SessionOwner))
    def get_session(self, call: Call) -> Wire:
        """Get the current user."""
        return {**call.actor.dump(), "expires_at": call.identity.expires_at}

    @route("DELETE", "/v1/sessions/current", access=Access.USER, answer=Answer(status=204))
    def log_out(self, call: Call) -> None:
        """Log out and revoke the token."""
        try:
            self.customers.log_out(call.token)
        finally:  # a call that was not answered may have been carried out
            self.caller.forget(call.actor.username)
