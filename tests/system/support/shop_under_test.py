"""A running shop with the people who use it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from shop_cli.demo.accounts import CUSTOMER_PASSWORD, CUSTOMERS, MANAGER, MANAGER_PASSWORD
from tests.system.support.clients import Client
from tests.system.support.in_one_process import InOneProcess
from tests.system.support.on_rabbitmq import OnRabbitMQ

PASSWORD = "correct horse battery"
"""Of everybody whom tests register."""


class ShopUnderTest:
    """A shop that tests talk to as its users do. How it runs is the installation's affair.

    Args:
        manager: name and password of somebody who manages it.
    """

    def __init__(
        self, installation: InOneProcess | OnRabbitMQ, manager: tuple[str, str] = (MANAGER.username, MANAGER_PASSWORD)
    ) -> None:
        self.installation = installation
        self._manager = manager
        self._sessions: dict[str, Client] = {}

    @classmethod
    def in_one_process(
        cls, folder: Path, env: Mapping[str, str] | None = None, arguments: Sequence[str] = ()
    ) -> "ShopUnderTest":
        """`shop run` on this folder, not started yet."""
        return cls(InOneProcess(folder, env, arguments))

    # Running

    def start(self) -> "ShopUnderTest":
        self.installation.start()
        return self

    @contextmanager
    def running(self) -> Iterator["ShopUnderTest"]:
        """Started; killed with the context, also where it does not get ready."""
        try:
            yield self.start()
        finally:
            if self.installation.is_running:
                self.kill_9()

    def stop(self) -> int:
        return self.installation.stop()

    def kill_9(self) -> None:
        self.installation.kill_9()

    def restart(self) -> None:
        """Start again after `stop` or `kill_9`, on the same data and address. Sessions go on."""
        self.installation.start()

    @property
    def url(self) -> str:
        return self.installation.url

    def call(self, service: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a service as an operator."""
        return self.installation.call(service, method, *args, **kwargs)

    # People

    def visitor(self) -> Client:
        """A client that has not logged in."""
        return Client(self.url)

    def as_manager(self) -> Client:
        return self._logged_in(*self._manager)

    def as_customer(self, name: str) -> Client:
        """A customer of the demo, or one that `new_customer` made."""
        demo = name in {customer.username for customer in CUSTOMERS}
        return self._logged_in(name, CUSTOMER_PASSWORD if demo else PASSWORD)

    def new_customer(self, credit: str | None = None, name: str = "") -> Client:
        """A new customer who has logged in; with this credit instead of the usual one."""
        username = name or f"buyer-{uuid4().hex[:12]}"
        self.visitor().register(username, PASSWORD)
        if credit is not None:
            self.as_manager().set_credit(username, credit)
        return self._logged_in(username, PASSWORD)

    def forget_sessions(self) -> None:
        """They have been lost: each user logs in again when asked for the next time."""
        self._sessions.clear()

    def _logged_in(self, username: str, password: str) -> Client:
        if username not in self._sessions:
            self._sessions[username] = self.visitor().log_in(username, password)
        return self._sessions[username]
