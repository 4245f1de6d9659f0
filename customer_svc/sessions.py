"""Logins and passwords: the part of the service `customers` that handles secrets."""

from datetime import UTC, datetime
from functools import partial

from customer_svc import decisions
from customer_svc.credentials import Hashing, Passwords
from customer_svc.schemas import LogInFields, NewPasswordFields, ResetPasswordFields, existing_name
from customer_svc.store import Customers
from customer_svc.throttle import LogInThrottle, Throttle
from customer_svc.tokens import Token, digest_of
from shop.contracts import names
from shop.contracts.actors import Actor, require_operator
from shop.contracts.codec import dump_time
from shop.contracts.errors import InvalidRequest, LogInFailed, NotReady, Unauthenticated
from shop.contracts.events import PasswordSet
from shop.contracts.views import SessionOwnerView, SessionView
from shop.contracts.wire import Wire
from shop.event_sourcing.log import EventLog, Log
from shop.messaging.rpc import rpc
from shop.service.identity import CallingActor
from shop.service.settings import Settings, ShopSettings
from shop.service.validation import check, checked_key


class Sessions:
    """Sessions are in the read model's database alone, as hashes of their tokens; they survive its rebuilds."""

    actor: Actor = CallingActor()
    log: Log = EventLog()
    store: Customers
    """Gives the rows of the service's read model."""
    settings: Settings = ShopSettings()
    passwords: Passwords = Hashing()
    throttle: Throttle = LogInThrottle()

    @rpc
    def log_in(self, username: str, password: str, client: str | None = None) -> SessionView:
        """Open a session: `{token, expires_at, username, role}`. Raises: LogInFailed, TooManyTries.

        `client`: the client's address, to count its failures.
        """
        asked = check(LogInFields(), {"username": username, "password": password, "client": client})
        name, credential = asked["username"], self.log.credentials(asked["username"])
        counted = {"exists": credential is not None, "client": asked["client"]}
        self.throttle.require_tries(name, **counted)
        if not self.passwords.matches(_hash_in(credential), asked["password"]):
            self.throttle.failed(name, **counted)
            raise LogInFailed
        self.throttle.succeeded(name)
        session = self._open_session(name)
        # A concurrent change of the password has ended existing sessions; this one may be later.
        if self.log.credentials(name) != credential:
            self._close_session(session["token"])
            raise LogInFailed
        return session

    @rpc
    def identify(self, token: str) -> SessionOwnerView:
        """The user of this token, in the present state: `{username, role, address, expires_at}`.

        The delivery address is included to save the order a call; None if it is not set.

        Raises: Unauthenticated.
        """
        session = self.store.session(digest_of(token), dump_time(datetime.now(UTC)))
        if session is None:
            raise Unauthenticated
        return session

    @rpc
    def log_out(self, token: str) -> None:
        """End the session at once. Idempotent."""
        self._close_session(token)

    @rpc
    def change_password(self, token: str, current_password: str, new_password: str, key: str | None = None) -> None:
        """Change the password of the token's user, and end all other sessions of the user.

        Raises: Unauthenticated, InvalidRequest (also for a wrong current password), TooManyTries.
        """
        name = self.identify(token)["username"]
        values = check(NewPasswordFields(), {"current_password": current_password, "new_password": new_password})
        self.throttle.require_tries(name, exists=True, client=None)
        seen = self.log.version(names.credential_stream(name))
        credential = self.log.credentials(name)
        allowed = self.passwords.matches(_hash_in(credential), values["current_password"])
        new = PasswordSet(username=name, password_hash=self.passwords.hash(values["new_password"]))
        request = {"username": name} | {field: self.seal(values[field], name, key) for field in values}
        try:
            decision = partial(decisions.change_password, new, seen=seen if allowed else None)
            self.log.execute(decision, key=checked_key(key), method="change_password", request=request)
        except InvalidRequest:
            self.throttle.failed(name, exists=True, client=None)
            raise
        self._close_sessions_of(name, but=token)

    @rpc
    def reset_password(self, username: str, password: str) -> None:
        """Set a user's password and end the user's sessions. Operators only. Raises: UnknownCustomer."""
        require_operator(self.actor)
        name, values = existing_name(username), check(ResetPasswordFields(), {"password": password})
        new = PasswordSet(username=name, password_hash=self.passwords.hash(values["password"]))
        self.log.execute(partial(decisions.reset_password, new))
        self.throttle.succeeded(name)
        self._close_sessions_of(name)

    # Private

    def seal(self, password: str, name: str, key: str | None) -> str:
        """Replaces a password in the fingerprint of a request; needed only with a key."""
        return self.passwords.fingerprint(password, f"{name.casefold()}\n{key}") if key else ""

    def _open_session(self, name: str) -> SessionView:
        token = Token.new(datetime.now(UTC), self.settings.session_hours)
        if self.store.registered_at(name) is None:
            self.log.catch_up()
        since = self.store.registered_at(name)
        if since is None:
            raise NotReady("customers")
        with self.store.write() as rows:
            rows.forget_expired_sessions(dump_time(datetime.now(UTC)))
            rows.open_session(token_hash=token.digest, username=name, registered_at=since, expires_at=token.expires_at)
        shown = self.identify(token.text)
        return {
            "token": token.text,
            "username": shown["username"],
            "role": shown["role"],
            "expires_at": shown["expires_at"],
        }

    def _close_session(self, token: str) -> None:
        with self.store.write() as rows:
            rows.close_session(digest_of(token))

    def _close_sessions_of(self, name: str, *, but: str = "") -> None:
        with self.store.write() as rows:
            rows.close_sessions_of(name, but=digest_of(but))


def _hash_in(credential: Wire | None) -> str | None:
    """The password's hash in the last PasswordSet; None where there is none."""
    return credential["password_hash"] if credential else None
