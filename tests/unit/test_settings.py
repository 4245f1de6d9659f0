"""The configuration: defaults, checks, and what the environment sets."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import yaml

from shop.contracts.money import Money
from shop.http.endpoint import Endpoint
from shop.http.proxies import Proxies
from shop.service.settings import DEFAULTS, ConfigError, Settings, ShopSettings, from_environment, required

CONFIG_YAML = Path(__file__).parents[2] / "config.yaml"


@pytest.fixture
def config_yaml(monkeypatch):
    for name in ("GATEWAY_ADDRESS", "STOREFRONT_ADDRESS", "BACKOFFICE_ADDRESS", "AMQP_URI", "LOG_URL"):
        monkeypatch.delenv(name, raising=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of pkg_resources, which Nameko's command line imports
        from nameko.cli.main import setup_yaml_parser
    setup_yaml_parser()
    return lambda: yaml.safe_load(CONFIG_YAML.read_text())


def test_an_empty_configuration_gives_the_defaults():
    settings = Settings.of({})

    assert settings.currency == "EUR"
    assert settings.opening_credit == Money(10_000, "EUR")
    assert (settings.order_timeout, settings.rpc_timeout, settings.session_hours) == (30.0, 5.0, 24)
    assert settings.gateway == Endpoint("127.0.0.1", 8000)


def test_config_yaml_repeats_the_defaults_and_nothing_else(config_yaml):
    config = config_yaml()

    assert {key: config[key] for key in DEFAULTS} == DEFAULTS
    assert set(config) - set(DEFAULTS) == {"AMQP_URI", "LOG_URL", "DB_URIS", "LIVENESS_FILE", "LOGGING"}
    Settings.of(config)


def test_config_yaml_takes_each_setting_from_the_environment(config_yaml, monkeypatch):
    monkeypatch.setenv("GATEWAY_ADDRESS", "0.0.0.0:9000")
    monkeypatch.setenv("SHOP_OPENING_CREDIT", "7.50")
    monkeypatch.setenv("SHOP_ORDER_TIMEOUT_SECONDS", "1.5")
    monkeypatch.setenv("SHOP_SELLER_NAME", "Nine: Lives")
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8 fc00::/7")

    settings = Settings.of(config_yaml())

    assert str(settings.gateway) == "0.0.0.0:9000"
    assert settings.opening_credit == Money(750, "EUR")
    assert settings.order_timeout == 1.5
    assert settings.seller.name == "Nine: Lives"
    assert settings.proxies == Proxies.parse("10.0.0.0/8 fc00::/7")


def test_config_yaml_has_services_write_structured_logs(config_yaml):
    program = (
        "import json, logging.config, sys; logging.config.dictConfig(json.load(sys.stdin));"
        "import structlog; structlog.get_logger('orders').info('placed'); logging.getLogger('kombu').info('chatter')"
    )
    logging = json.dumps(config_yaml()["LOGGING"])

    done = subprocess.run([sys.executable, "-c", program], input=logging, capture_output=True, text=True)

    assert json.loads(done.stderr.splitlines()[-1])["event"] == "placed"


def test_the_environment_sets_every_key_by_its_name():
    environ = {
        "SHOP_SESSION_HOURS": "2",
        "SHOP_SELLER_TAX_ID": "X1",
        "BACKOFFICE_ADDRESS": "[::1]:80",
        "MAX_WORKERS": "",
    }

    config = from_environment(environ)

    assert config == {"SHOP": {"session_hours": "2", "seller": {"tax_id": "X1"}}, "BACKOFFICE_ADDRESS": "[::1]:80"}
    assert Settings.of(config).session_hours == 2


def test_all_problems_are_told_at_once_by_key():
    config = {
        "GATEWAY_ADDRESS": "8000",
        "max_workers": 0,
        "SHOP": {
            "currency": "XXX",
            "opening_credit": "-1",
            "order_timeout_seconds": "soon",
            "session_hours": 1.5,
            "tax_percent": 101,
            "ordr_timeout_seconds": 3,
            "seller": {"name": ""},
        },
    }

    with pytest.raises(ConfigError) as raised:
        Settings.of(config)

    assert set(str(raised.value).split("\n")) == {
        "GATEWAY_ADDRESS must be host:port, such as 127.0.0.1:8000, not '8000'.",
        "max_workers must be a whole number from 1 to 1,000, not 0.",
        "SHOP.currency must be one of EUR, USD, GBP, CHF, SEK, NOK, DKK, PLN, CZK, JPY, not 'XXX'.",
        "SHOP.opening_credit must be an amount such as 100.00, not '-1'.",
        "SHOP.order_timeout_seconds must be a number from 0.1 to 86,400, not 'soon'.",
        "SHOP.session_hours must be a whole number from 1 to 8,760, not 1.5.",
        "SHOP.tax_percent must be a number from 0 to 100, such as 19 or 7.7, not 101.",
        "SHOP.ordr_timeout_seconds is not a setting. Did you mean order_timeout_seconds?",
        "SHOP.seller.name must be a text of 1 to 200 characters, not ''.",
    }


@pytest.mark.parametrize("value", [True, [], {}, "1e3", "\u0661", "nan", "inf", "", 10**12, "1" * 5000])
def test_odd_values_are_refused_with_a_sentence(value):
    for key in ("opening_credit", "session_hours", "rpc_timeout_seconds", "currency"):
        with pytest.raises(ConfigError, match=rf"SHOP\.{key} must be "):
            Settings.of({"SHOP": {key: value}})


@pytest.mark.parametrize("part", ["text", ["list"], 3])
def test_a_group_that_is_none_is_refused(part):
    with pytest.raises(ConfigError, match="SHOP must be a group of settings"):
        Settings.of({"SHOP": part})


@pytest.mark.parametrize("text", ["127.0.0.1:8000", "[::1]:80", "shop.example:65535"])
def test_an_endpoint_reads_what_it_writes(text):
    assert str(Endpoint.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", ":8000", "host", "host:", "host:0", "host:65536", "host:-1", "host:x", "::1:80", "h:\u00b2"]
)
def test_what_is_no_endpoint_is_refused(text):
    with pytest.raises(ValueError, match="is not host:port"):
        Endpoint.parse(text)


def test_an_amount_has_the_decimals_of_its_currency():
    settings = Settings.of({"SHOP": {"currency": "JPY", "opening_credit": "5000"}})

    assert settings.opening_credit == Money(5000, "JPY")
    with pytest.raises(ConfigError, match="such as 10000"):
        Settings.of({"SHOP": {"currency": "JPY", "opening_credit": "5000.5"}})


def test_what_has_no_default_is_asked_for_by_key():
    config = {"DB_URIS": {"products:ReadModel": "sqlite://"}, "LOG_URL": None}

    assert required(config, "DB_URIS", "products:ReadModel") == "sqlite://"
    with pytest.raises(ConfigError, match="DB_URIS / orders:ReadModel is missing"):
        required(config, "DB_URIS", "orders:ReadModel")
    with pytest.raises(ConfigError, match="LOG_URL is missing"):
        required(config, "LOG_URL")


def test_a_service_gets_the_settings_as_a_dependency(container_factory):
    class Asking:
        name = "asking"
        settings = ShopSettings()

    container = container_factory(Asking, {"SHOP": {"currency": "CHF"}})
    (provider,) = container.dependencies
    provider.setup()

    assert provider.get_dependency(None).currency == "CHF"


# Whether the shop waits for its seed


@pytest.mark.parametrize(
    ("value", "awaited"),
    [(True, True), ("yes", True), ("Yes ", True), ("1", True), (1, True), (False, False), ("no", False), (None, False)],
)
def test_a_seed_is_awaited_where_it_says_so(value, awaited):
    assert Settings.of({"SHOP": {"await_seed": value}}).await_seed is awaited


@pytest.mark.parametrize("value", ["maybe", "", 2, 1.0, [], {}])
def test_what_is_neither_yes_nor_no_is_refused(value):
    with pytest.raises(ConfigError, match=r"SHOP\.await_seed must be yes or no, not "):
        Settings.of({"SHOP": {"await_seed": value}})


@pytest.mark.parametrize(
    ("environ", "awaited"),
    [
        ({}, False),
        ({"SHOP_MANAGER_USERNAME": ""}, False),
        ({"SHOP_MANAGER_USERNAME": "no"}, True),
        ({"SHOP_AWAIT_SEED": "yes"}, True),
        ({"SHOP_AWAIT_SEED": "no", "SHOP_MANAGER_USERNAME": "123"}, True),
    ],
)
def test_a_first_manager_in_the_environment_is_awaited_as_well(config_yaml, monkeypatch, environ, awaited):
    for name in ("SHOP_AWAIT_SEED", "SHOP_MANAGER_USERNAME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    assert Settings.of(config_yaml()).await_seed is awaited
    assert Settings.of(from_environment(environ)).await_seed is awaited


def test_a_configuration_of_an_earlier_version_awaits_no_seed(config_yaml):
    earlier = config_yaml()
    del earlier["SHOP"]["await_seed"], earlier["SHOP"]["manager_username"]

    assert Settings.of(earlier).await_seed is False
