"""The first manager of a new shop, from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from customer_svc.schemas import RegistrationFields
from shop.contracts.errors import InvalidRequest
from shop.service.settings import ConfigError
from shop.service.validation import check

MANAGER_VARIABLES = {"username": "SHOP_MANAGER_USERNAME", "password": "SHOP_MANAGER_PASSWORD"}


@dataclass(frozen=True)
class Login:
    """A username and its password."""

    username: str
    password: str = field(repr=False)


def first_manager(environ: Mapping[str, str]) -> Login | None:
    """The first manager's login, from SHOP_MANAGER_USERNAME and SHOP_MANAGER_PASSWORD.

    Raises:
        ConfigError: only one of the two is set, or one is not valid.
    """
    given = {field: environ[name] for field, name in MANAGER_VARIABLES.items() if environ.get(name)}
    if not given:
        return None
    try:
        return Login(**check(RegistrationFields(only=tuple(MANAGER_VARIABLES)), given))
    except InvalidRequest as error:
        problems = (f"{MANAGER_VARIABLES[field]}: {' '.join(found)}" for field, found in error.errors.items())
        raise ConfigError(*problems) from error
