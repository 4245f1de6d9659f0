"""Selects the database of a service's read model by the URL in the configuration.

store = ReadModelStore(SqlReadModel(CustomerRows), RedisReadModel(CustomerKeys))

DB_URIS: {"customers:ReadModel": "redis://127.0.0.1:6379/0"}
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar, cast

import structlog
from nameko.containers import ServiceContainer
from nameko.extensions import DependencyProvider

from shop.contracts.errors import ServiceUnavailable
from shop.read_models.read_model import ReadModel
from shop.service.settings import ConfigError, required

SECONDS_BETWEEN_COMPLAINTS = 10.0

log = structlog.get_logger(__name__)


class Adapter(DependencyProvider):
    """A read model in one kind of database, as a dependency provider. Base of all implementations of `ReadModel`."""

    schemes: ClassVar[tuple[str, ...]]
    """URL schemes of the adapter's databases without the driver: `postgresql` for `postgresql+psycopg2://…`."""

    _silent_until = 0.0

    def setup(self) -> None:
        """The service starts even if its database is down; the runner keeps retrying.

        Raises:
            ConfigError: the read model is from a later version of the shop.
        """
        model = cast(ReadModel, self)
        with suppress(ServiceUnavailable):
            newest = max((namespace.schema_version for namespace in model.namespaces()), default=0)
            if newest > model.schema_version:
                raise ConfigError(
                    f"{_key(self.container)} is a read model of a later version of the shop (number {newest}; this one "
                    f"knows numbers up to {model.schema_version}): run that version, or delete this database, which is "
                    "made anew from the log."
                )

    def open(self) -> None:
        """Prepare for calls of the database without calling it: the container is being built.

        Raises:
            ConfigError: the URL is not valid.
        """
        raise NotImplementedError

    @property
    def url(self) -> str:
        return _url(self.container)

    def wrong_url(self, reason: object) -> ConfigError:
        """The error to raise in `open` for an invalid URL."""
        return ConfigError(f"{_key(self.container)} cannot be used: {_sentence(reason)}.")

    def unavailable(self, reason: object) -> ServiceUnavailable:
        """The error to raise while the database does not answer.

        The reason is logged for operators, at intervals; callers do not get it.
        """
        if time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + SECONDS_BETWEEN_COMPLAINTS
            told = f"The database of {_key(self.container)} cannot be reached: {_sentence(reason)}. Trying again."
            log.warning(told, service=self.container.service_name)
        return ServiceUnavailable(self.container.service_name)


class ReadModelStore(DependencyProvider):
    """A placeholder that one of the adapters replaces as the service's dependency.

    Args:
        adapters: one for each kind of database that the service supports.
    """

    def __init__(self, *adapters: Adapter) -> None:
        self._adapters = adapters

    def bind(self, container: ServiceContainer, attr_name: str) -> Any:
        """Raises: ConfigError."""
        scheme = _url(container).partition(":")[0].partition("+")[0]
        for adapter in self._adapters:
            if scheme in adapter.schemes:
                bound = adapter.bind(container, attr_name)
                bound.open()
                return bound
        known = " or ".join(f"{scheme}://" for adapter in self._adapters for scheme in adapter.schemes)
        raise ConfigError(f"{_key(container)} must be a URL that begins with {known}.")


def read_models_of(container: ServiceContainer) -> Sequence[ReadModel]:
    """The service's read model, if any."""
    return [cast(ReadModel, found) for found in container.dependencies if isinstance(found, Adapter)]


def _url(container: ServiceContainer) -> str:
    return required(container.config, "DB_URIS", f"{container.service_name}:ReadModel")


def _key(container: ServiceContainer) -> str:
    return f"DB_URIS / {container.service_name}:ReadModel"


def _sentence(reason: object) -> str:
    """First line of a driver's message, without the full stop."""
    return str(reason).strip().split("\n")[0].rstrip(".")
