"""Every setting with every odd value: the shop works with it, or one sentence names the setting."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from event_store_svc.dependencies import _store
from shop.service.settings import DEFAULTS, ConfigError, Settings, from_environment
from shop.web.settings import SiteSettings, address_of
from shop_cli.configuration import on_broker
from shop_cli.first_manager import first_manager

ODD_TEXTS = [
    *(
        "0",
        "-1",
        "-0",
        "1",
        "01",
        " 5 ",
        "5.",
        ".5",
        "1e3",
        "1_000",
        "1,5",
        "1.5",
        "0.0001",
        "1e400",
        "9" * 12,
        "9" * 400,
    ),
    *("nan", "NaN", "inf", "-Infinity", "\u0663", "\uff15", "\u00bd", "\u00b2", "true", "yes", "null", "[]", "{}"),
    *(" ", "\t", "\x00", "\n", "a\nb", "\u202e", "\ue000", "\ud800", "x" * 201, "x" * 10_000, "host name:80", "a/b:80"),
    *(
        "host:0",
        "host:65535",
        "host:65536",
        ":80",
        "[::1]:80",
        "[::g]:80",
        "\u4f8b:80",
        "0.0.0.0/0",
        "::/129",
        "10.0.0.0/33",
    ),
]
ODD_VALUES = [0, -1, 1, 1.5, float("nan"), float("inf"), 10**400, True, False, [], {}, ["x"], {"x": 1}, b"x"]


def paths(defaults: Mapping[str, Any] = DEFAULTS, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, default in defaults.items():
        if isinstance(default, Mapping):
            yield from paths(default, (*above, key))
        else:
            yield *above, key


PATHS = list(paths())
BOUNDS = {
    "max_workers": (1, 1_000),
    "SHOP.session_hours": (1, 8_760),
    "SHOP.log_in_tries": (1, 1_000),
    "SHOP.order_timeout_seconds": (0.1, 86_400),
    "SHOP.rpc_timeout_seconds": (0.1, 60),
    "SHOP.tax_percent": (0, 100),
    "SHOP.opening_credit": (0, 9_999_999.99),
}


def configured(path: tuple[str, ...], value: object) -> dict[str, Any]:
    for key in reversed(path):
        value = {key: value}
    assert isinstance(value, dict)
    return value


def complaints(config: dict[str, Any]) -> list[str]:
    try:
        Settings.of(config)
    except ConfigError as error:
        return list(error.problems)
    return []


@pytest.mark.parametrize("path", PATHS, ids=".".join)
def test_an_odd_value_works_or_is_refused_in_a_sentence_that_names_its_setting(path):
    for value in (*ODD_TEXTS, *ODD_VALUES):
        for complaint in complaints(configured(path, value)):
            assert complaint.startswith(".".join(path)), ascii(value)
            assert complaint.endswith(".")
            assert len(complaint) < 500
            assert complaint.isprintable()


@pytest.mark.parametrize("path", PATHS, ids=".".join)
def test_the_environment_is_checked_likewise(path):
    name = "_".join(path).upper()
    for text in ODD_TEXTS:
        assert complaints(from_environment({name: text})) == complaints(configured(path, text))
    assert complaints(from_environment({name: ""})) == [], "as if it were not set"


@pytest.mark.parametrize(("name", "bounds"), BOUNDS.items())
@pytest.mark.parametrize("form", [str, lambda value: value], ids=["text", "number"])
def test_a_number_may_be_at_its_bounds_and_not_beyond(name, bounds, form):
    path, (low, high) = tuple(name.split(".")), bounds
    step = 1 if isinstance(low, int) and isinstance(high, int) else 0.01

    assert [complaints(configured(path, form(value))) for value in bounds] == [[], []]
    for beyond in (round(low - step, 2), round(high + step, 2)):
        (complaint,) = complaints(configured(path, form(beyond)))
        assert complaint.startswith(f"{name} must be ")


def test_every_number_has_its_bounds_here():
    numbers = {".".join(path) for path in PATHS if complaints(configured(path, "nan")) and "ADDRESS" not in path[0]}

    assert numbers - {"SHOP.currency", "SHOP.await_seed", "TRUSTED_PROXIES"} == set(BOUNDS)


def told(make: Callable[[], object]) -> str:
    """The error, in a sentence that can be printed; empty where there is none."""
    try:
        make()
    except ValueError as error:
        sentence = str(error)
    else:
        return ""
    assert sentence.isprintable()
    assert len(sentence) < 200
    return sentence


@pytest.mark.parametrize("text", ODD_TEXTS, ids=lambda text: ascii(text[:20]))
def test_the_websites_refuse_what_the_shop_refuses_and_name_it(text):
    key = {"WEB_SECRET_KEY": "k" * 32}
    address = told(lambda: address_of(text, "STOREFRONT_ADDRESS"))
    proxies = told(lambda: SiteSettings.from_environment(key | {"TRUSTED_PROXIES": text}))
    gateway = told(lambda: SiteSettings.from_environment(key | {"GATEWAY_ADDRESS": text}))

    assert bool(address) == bool(complaints({"STOREFRONT_ADDRESS": text}))
    assert bool(proxies) == bool(complaints({"TRUSTED_PROXIES": text}))
    assert bool(gateway) == bool(complaints({"GATEWAY_ADDRESS": text}))
    for sentence, name in ((address, "STOREFRONT_ADDRESS"), (proxies, "TRUSTED_PROXIES"), (gateway, "GATEWAY_ADDRESS")):
        assert not sentence or sentence.startswith(f"{name} must be ")


@pytest.mark.parametrize("text", ["x" * 31, " " * 40, f"  {'x' * 31} "])
def test_a_secret_key_is_long_enough_without_its_blanks(text):
    assert told(lambda: SiteSettings.from_environment({"WEB_SECRET_KEY": text})).startswith("WEB_SECRET_KEY must have")


# What has no default


@pytest.mark.parametrize(
    "url", [None, 5, [], *ODD_TEXTS, "sqlite://", "sqlite://h/x", "postgresql://h:x/d", "mongodb://"]
)
def test_a_log_that_can_never_be_is_refused_in_a_sentence(url):
    with pytest.raises(ConfigError) as refusal:
        _store({"LOG_URL": url})

    (problem,) = refusal.value.problems
    assert problem.startswith("LOG_URL")
    assert "\n" not in problem


@pytest.mark.parametrize(
    "uri", ["x", "amqp:", "amqp://h:x/", "amqp://h:0/", "amqp://h:65536/", "amqp://[::g]/", "http://h/", " "]
)
def test_a_broker_that_can_never_be_is_refused_in_a_sentence(tmp_path, uri):
    # pkg_resources, which Nameko's command line imports, tells that it will go.
    warnings.simplefilter("ignore", DeprecationWarning)
    file = tmp_path / "config.yaml"
    file.write_text(f"AMQP_URI: '{uri}'\n")

    with pytest.raises(ConfigError) as refusal:
        on_broker(file, {})

    (problem,) = refusal.value.problems
    assert problem.startswith("AMQP_URI must be the address of a broker")


@pytest.mark.parametrize("name", ["ab", "x" * 33, " ann ", "\u00e4nn", "operator", "Anonymous", "ann\u202e"])
def test_a_first_manager_has_a_name_that_customers_could_have(name):
    with pytest.raises(ConfigError) as refusal:
        first_manager({"SHOP_MANAGER_USERNAME": name, "SHOP_MANAGER_PASSWORD": "correct horse"})

    (problem,) = refusal.value.problems
    assert problem.startswith("SHOP_MANAGER_USERNAME: ")


@pytest.mark.parametrize("password", ["short", "x" * 129, "x" * 8 + "\x00"])
def test_a_first_manager_has_a_password_that_customers_could_have(password):
    with pytest.raises(ConfigError) as refusal:
        first_manager({"SHOP_MANAGER_USERNAME": "ann", "SHOP_MANAGER_PASSWORD": password})

    (problem,) = refusal.value.problems
    assert problem.startswith("SHOP_MANAGER_PASSWORD: ")
    assert password not in problem
