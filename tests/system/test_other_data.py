"""A shop that is started on data of another configuration, or of another version, says so in one sentence."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from event_store_svc.compatibility import FORM
from event_store_svc.sql import SqlStore
from shop.event_sourcing.event_store import EventStoreClient
from shop.service.settings import Settings
from shop_cli.demo.steps import manager_step
from shop_cli.first_manager import Login
from shop_cli.folder import DataFolder
from shop_cli.seeding import seed
from tests.contract.support.earlier_logs import AS_IT_WAS
from tests.contract.support.log_builders import CalledLog, running_log
from tests.system.support.many_processes import ROOT, ManyProcesses

ADA = Login("ada", "countess of lovelace")
IN_FRANCS = {"SHOP_CURRENCY": "CHF"}


@pytest.fixture
def folder(tmp_path):
    """The data folder of a shop in euros that has a manager, and no read model yet."""
    folder = DataFolder.at(tmp_path / "var")
    folder.path.mkdir()
    with running_log(SqlStore(folder.database("log"))) as log:
        seed(EventStoreClient(CalledLog(log)), [manager_step(Settings.of({}), str, ADA)])
    return folder


@pytest.fixture
def make(make_shop, folder):
    """`shop run --no-demo` on it."""

    def make_on_it(env=None):
        shop = make_shop(env, ["--no-demo"])
        assert shop.installation.folder == folder
        return shop

    return make_on_it


def change(folder, name, *statements):
    with create_engine(folder.database(name), poolclass=NullPool).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def refusal(installation):
    """The last line of a shop that does not start; above it are what it began with, and what its processes said."""
    installation.launch()
    code = installation.wait()
    assert code == 2, installation.output
    assert "Traceback" not in installation.output
    return installation.output.splitlines()[-1]


def other_currency(folder):
    return (
        f"SHOP.currency is CHF, but the log in {folder.path / 'log.db'} is that of a shop in EUR: set "
        "SHOP_CURRENCY=EUR, or choose another log for a shop in CHF, with --data or LOG_URL."
    )


# Another configuration


def test_a_shop_does_not_start_in_another_currency(make, folder):
    started = make(IN_FRANCS)

    assert refusal(started.installation) == other_currency(folder)
    assert started.installation.output.count("\n") == 2
    assert shop_is_untouched(folder)


def shop_is_untouched(folder):
    with running_log(SqlStore(folder.database("log"))) as log:
        return log.head()["head"] == 1


def test_a_shop_in_its_own_currency_goes_on(make):
    make().start()


def test_a_shop_of_many_processes_does_not_start_in_another_currency(rabbitmq, folder):
    installation = ManyProcesses(folder.path, rabbitmq.uri_of("another_currency"), IN_FRANCS)

    assert refusal(installation) == other_currency(folder)


def test_an_event_store_that_nameko_starts_does_not_work_in_another_currency(rabbitmq, folder):
    nameko = Path(sys.executable).with_name("nameko")
    env = {"AMQP_URI": rabbitmq.uri_of("nameko_in_francs"), "LOG_URL": folder.database("log"), **IN_FRANCS}
    done = subprocess.run(
        [nameko, "run", "--config", "config.yaml", "event_store_svc.service"],
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
    )

    assert done.stdout.splitlines()[-1] == f"Error: {other_currency(folder)}"
    assert "Traceback" not in done.stdout + done.stderr


# Another version


def test_a_log_of_an_earlier_version_is_brought_up_to_date_and_it_is_said(make, folder):
    change(folder, "log", "DROP TABLE log_form", *AS_IT_WAS, "UPDATE log_commits SET command_id = 'seed:manager'")

    started = make().start()

    told = (
        "The log is of an earlier version, and is brought up to date now: all of it or nothing, so nothing can be lost."
    )
    assert started.installation.output.count(told) == 1
    assert list(started.call("event_store", "find", ["seed:manager"])["seed:manager"]["events"])


def test_a_log_of_a_later_version_is_left_alone(make, folder):
    change(folder, "log", f"UPDATE log_form SET number = {FORM + 1}")

    told = refusal(make().installation)

    assert told == (
        f"The log in {folder.path / 'log.db'} was written by a later version of the shop (form {FORM + 1}; this one "
        f"knows forms up to {FORM}): run that version, or choose another log, with --data or LOG_URL."
    )


@pytest.fixture
def with_read_models(make):
    """The same, after it has run."""
    started = make().start()
    assert started.stop() == 0
    return started


def test_a_read_model_of_an_earlier_version_is_made_anew_and_it_is_said(with_read_models, folder):
    change(folder, "customers", "UPDATE read_models SET schema_version = 0")

    with_read_models.restart()

    told = re.findall(
        r"The read model of \w+ is of an earlier version, [\w :]+\.", with_read_models.installation.output
    )
    assert told == ["The read model of customers is of an earlier version, and is made anew: nothing is lost."]
    assert with_read_models.call("customers", "get_customer", "ada")["role"] == "manager"


def test_a_read_model_of_a_later_version_is_left_alone(with_read_models, folder):
    change(folder, "orders", "UPDATE read_models SET schema_version = 99")

    told = refusal(with_read_models.installation)

    assert told.startswith("DB_URIS / orders:ReadModel is a read model of a later version of the shop (number 99; this")
    assert told.endswith("run that version, or delete this database, which is made anew from the log.")
