"""The websites: all in the process of `shop run`, or each in one of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import eventlet
from flask import Flask

from backoffice_web.app import create_app as create_backoffice
from shop.http.endpoint import Endpoint
from shop.service.settings import Settings
from shop.web.server import SiteServer
from shop.web.settings import SiteSettings, kept_key
from shop_cli.endpoints import reachable
from shop_cli.folder import DataFolder
from shop_cli.refusal import Refusal
from shop_cli.signals import StopSignal
from storefront_web.app import create_app as create_storefront

SECONDS_TO_STOP = 1.5


@dataclass(frozen=True, kw_only=True)
class Website:
    """A website, its address, and the environment variable for the address."""

    title: str
    create: Callable[[SiteSettings], Flask]
    endpoint: Endpoint
    variable: str

    @property
    def name(self) -> str:
        """The website's name on the command line."""
        return self.title.lower().replace(" ", "-")


def websites(settings: Settings) -> Sequence[Website]:
    """The shop's websites."""
    return (
        Website(
            title="Storefront",
            create=create_storefront,
            endpoint=settings.storefront,
            variable="STOREFRONT_ADDRESS",
        ),
        Website(
            title="Back office",
            create=create_backoffice,
            endpoint=settings.backoffice,
            variable="BACKOFFICE_ADDRESS",
        ),
    )


class Websites:
    """Sites, each with a server of its own. They call the gateway over HTTP, as from another machine.

    Args:
        only: names of the websites to run; all if not given.
    """

    def __init__(self, settings: Settings, folder: DataFolder, only: Sequence[str] = ()) -> None:
        self._settings, self._folder = settings, folder
        self._sites = [site for site in websites(settings) if site.name in only or not only]
        self._servers: list[SiteServer] = []

    def start(self, stop: StopSignal) -> None:
        """Serve. A website that ends unexpectedly later makes `stop` fail. Raises: Refusal, if one cannot listen."""
        gateway = self._settings.gateway
        url = Endpoint(reachable(gateway.host), gateway.port).url
        try:
            key = kept_key(self._folder.path)
        except ValueError as error:
            raise Refusal(str(error)) from error
        given = SiteSettings(gateway_url=url, secret_key=key, proxies=self._settings.proxies)
        for site in self._sites:
            server = SiteServer(site.create(given), site.endpoint.host, site.endpoint.port)
            try:
                server.start()
            except OSError as error:
                raise Refusal(f"The {site.name} cannot listen on {site.endpoint}: {error.strerror}.") from error
            self._servers.append(server)
            eventlet.spawn(_watch, server, stop)

    def stop(self) -> None:
        """Finish requests in progress, and accept no more."""
        stopping = [eventlet.spawn(server.stop, SECONDS_TO_STOP) for server in self._servers]
        for thread in stopping:
            thread.wait()


def _watch(server: SiteServer, stop: StopSignal) -> None:
    try:
        server.wait()
    except Exception as error:  # noqa: BLE001 - any error ends the process with a message
        stop.fail(error)
