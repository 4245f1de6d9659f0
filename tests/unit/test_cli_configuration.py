"""The configuration of `shop run`."""

import warnings

import pytest

from shop.service.settings import ConfigError, Settings
from shop_cli.configuration import configuration
from shop_cli.folder import DataFolder


@pytest.fixture
def folder(tmp_path):
    return DataFolder.at(tmp_path)


@pytest.fixture
def file(tmp_path):
    # pkg_resources, which Nameko's command line imports, tells that it will go.
    warnings.simplefilter("ignore", DeprecationWarning)
    return tmp_path / "config.yaml"


def test_without_anything_set_all_is_embedded_in_the_folder(folder, tmp_path):
    config = configuration(folder, None, {})

    assert config["AMQP_URI"] == "embedded://"
    assert config["LOG_URL"] == f"sqlite:///{tmp_path}/log.db"
    assert config["DB_URIS"]["orders:ReadModel"] == f"sqlite:///{tmp_path}/orders.db"


def test_the_environment_wins_over_the_file_and_the_file_over_what_is_embedded(folder, file):
    file.write_text(
        "GATEWAY_ADDRESS: 127.0.0.1:1\nSHOP: {session_hours: 2, tax_percent: 7}\nDB_URIS: {'orders:ReadModel': x}"
    )

    config = configuration(folder, file, {"SHOP_TAX_PERCENT": "8"})

    settings = Settings.of(config)
    assert (settings.session_hours, settings.tax_percent, settings.gateway.port) == (2, "8", 1)
    assert config["DB_URIS"]["orders:ReadModel"] == "x"
    assert config["DB_URIS"]["products:ReadModel"].startswith("sqlite:")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"- a\n- b", "is not a YAML mapping"),
        (b"a: [", "is not YAML: "),
        (b"\xff", "is not UTF-8 text"),
        (b"SHOP: {session_hours: never}", r"SHOP\.session_hours must be a whole number from 1 to 8,760, not 'never'\."),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_a_sentence(folder, file, text, problem):
    file.write_bytes(text)

    with pytest.raises(ConfigError, match=problem) as raised:
        configuration(folder, file, {})

    assert "\n" not in str(raised.value)


def test_a_missing_file_is_told_in_a_sentence(folder, file):
    with pytest.raises(ConfigError, match=r"cannot be read: No such file or directory\."):
        configuration(folder, file, {})


def test_an_empty_file_sets_nothing(folder, file):
    file.write_text("")

    assert configuration(folder, file, {})["AMQP_URI"] == "embedded://"
