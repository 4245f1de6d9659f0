"""Who manages a new shop, as the environment says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from customer_svc.schemas import RegistrationFields
from shop.contracts.errors import InvalidRequest
from shop.service.settings import ConfigError
from shop.service.validation import check

MANAGER_VARIABLES = {"username": "SHOP_MANAGER_USERNAME", "password": "SHOP_MANAGER_PASSWORD"}


@dataclass(frozen=True)
class Login:
    """A name and its password."""

    username: str
    password: str = field(repr=False)


def first_manager(environ: Mapping[str, str]) -> Login | None:
    """Who the environment says is the first manager.

    Raises:
        ConfigError: only one of the two variables is set, or they are not valid.
    """
    given = {field: environ[name] for field, name in MANAGER_VARIABLES.items() if environ.get(name)}
    if not given:
        return None
    try:
        return Login(**check(RegistrationFields(only=tuple(MANAGER_VARIABLES)), given))
    except InvalidRequest as error:
        problems = (f"{MANAGER_VARIABLES[field]}: {' '.join(found)}" for field, found in error.errors.items())
        raise ConfigError(*problems) from error
