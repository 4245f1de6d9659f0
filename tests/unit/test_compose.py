"""The promises of compose.yaml, the Dockerfile and the files that belong to them."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from shop.contracts.names import Service
from shop.service.registry import MODULES
from tests.servers import docker_compose

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
DATABASE_OF = {"event_store": "mongodb", "customers": "redis", "orders": "postgresql", "accounting": "couchdb"}
FRONT = {"nginx", "storefront", "back-office", "gateway"}
ONE_SHOT = {"seed", "shop"}
LASTING = sorted(SERVICES.keys() - ONE_SHOT)
SCRATCH = "/var/tmp"
"""A folder without a name, on the disk."""
PINNED = re.compile(r"[a-z-]+:\d+\.\d+\.?\d*[\w.-]*")


def networks_of(name):
    return set(SERVICES[name]["networks"])


def members_of(network):
    return {name for name in SERVICES if network in networks_of(name)}


def secrets_of(name):
    secrets = SERVICES[name].get("secrets", [])
    return {secret if isinstance(secret, str) else secret["source"] for secret in secrets}


@pytest.fixture
def secrets(tmp_path):
    """A folder with the secrets that the script makes."""
    folder = tmp_path / "secrets"
    subprocess.run([ROOT / "deploy/make-secrets.sh", folder], check=True, capture_output=True)
    return folder


def test_every_service_has_a_container():
    commands = [" ".join(SERVICES[name].get("command", [])) for name in LASTING]

    for module in MODULES.values():
        assert any(command.endswith(module) for command in commands), module
    assert {"python -m storefront_web", "python -m backoffice_web"} <= set(commands)


def test_only_the_front_door_can_be_reached_from_outside():
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["nginx"]
    assert SERVICES["nginx"]["ports"] == ["${SHOP_ADDRESS:-127.0.0.1:8080}:8080"]
    assert members_of("outside") == {"nginx"}
    assert [name for name, network in COMPOSE["networks"].items() if not (network or {}).get("internal")] == ["outside"]
    assert not any("network_mode" in service for service in SERVICES.values())


def test_each_service_shares_a_network_with_its_database_and_with_nobody_else():
    for service, database in DATABASE_OF.items():
        assert members_of(service) == {service, database}
        assert networks_of(database) == {service}


def test_who_is_in_front_sees_no_bus_but_for_the_gateway():
    assert members_of("front") == FRONT
    assert members_of("bus") == {*map(str, Service), "rabbitmq", *ONE_SHOT}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_may_do_no_more_than_it_must(name):
    service = SERVICES[name]

    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert "privileged" not in service
    assert PINNED.fullmatch(service["image"]), service["image"]


@pytest.mark.parametrize("name", LASTING)
def test_a_container_that_lasts_is_watched_and_started_again(name):
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"]


def test_everybody_waits_for_those_whom_they_need():
    conditions = {
        (name, needed): how["condition"]
        for name, service in SERVICES.items()
        for needed, how in service.get("depends_on", {}).items()
    }

    assert {how for (_, needed), how in conditions.items() if needed != "seed"} == {"service_healthy"}
    assert conditions["nginx", "seed"] == "service_completed_successfully"
    for service, database in DATABASE_OF.items():
        assert {(service, database), (service, "rabbitmq")} <= conditions.keys()


def test_the_gateway_awaits_the_seed_and_the_seed_waits_for_the_event_store_alone():
    assert SERVICES["gateway"]["environment"]["SHOP_AWAIT_SEED"] == "yes"
    assert list(SERVICES["seed"]["depends_on"]) == ["event_store"]
    assert {"seed", "gateway"} <= SERVICES["nginx"]["depends_on"].keys()


def test_the_only_folders_that_last_are_named_volumes():
    volumes = [volume for service in SERVICES.values() for volume in service.get("volumes", [])]
    mounted = [volume for volume in volumes if volume != SCRATCH]

    written = [volume.partition(":")[0] for volume in mounted if not volume.endswith(":ro")]
    assert sorted(written) == sorted(COMPOSE["volumes"])
    assert all((ROOT / volume.partition(":")[0]).exists() for volume in mounted if volume.endswith(":ro"))


@pytest.mark.parametrize("name", ["customers", "products", "orders", "accounting"])
def test_an_audit_spills_to_the_disk_and_not_to_memory(name):
    assert SCRATCH in SERVICES[name]["volumes"]


def test_every_secret_is_made_by_the_script_and_read_by_those_it_is_for(secrets):
    named = {name: Path(secret["file"]) for name, secret in COMPOSE["secrets"].items()}

    assert {path.parent for path in named.values()} == {Path("deploy/secrets")}
    assert {path.name for path in secrets.iterdir()} == {path.name for path in named.values()}
    assert set().union(*map(secrets_of, SERVICES)) == named.keys()
    for name in map(str, Service):
        assert [secret for secret in secrets_of(name) if secret.endswith("amqp_uri")] == [f"{name}_amqp_uri"]


def test_no_password_is_written_down():
    text = (ROOT / "compose.yaml").read_text()

    assert re.findall(r"(?i)password(?!_FILE|_password|\b.*(?:target|file|source)).*[:=]\s*\S+", text) == []
    assert "guest" not in text


def test_secrets_are_for_the_owner_and_differ(secrets):
    texts = [path.read_text() for path in secrets.iterdir()]
    passwords = [urlsplit(path.read_text().strip()).password for path in secrets.glob("*_uri")]

    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert len(set(texts)) == len(texts)
    assert len(set(passwords)) == len(passwords) == 10
    assert all(re.fullmatch("[0-9a-f]{48}", password) for password in passwords)


def test_secrets_that_are_there_stay(secrets):
    before = {path.name: path.read_text() for path in secrets.iterdir()}

    subprocess.run([ROOT / "deploy/make-secrets.sh", secrets], check=True, capture_output=True)

    assert {path.name: path.read_text() for path in secrets.iterdir()} == before


def test_the_brokers_users_have_the_passwords_of_the_services(secrets):
    users = {user["name"]: user for user in json.loads((secrets / "definitions.json").read_text())["users"]}

    assert users.keys() == {*map(str, Service), "operator"}
    for name, user in users.items():
        uri = urlsplit((secrets / f"{name}_amqp_uri").read_text().strip())
        assert (uri.username, uri.password, uri.hostname) == (name, user["password"], "rabbitmq")


def test_a_command_finds_each_secret_in_the_environment(tmp_path):
    (tmp_path / "AMQP_URI").write_text("amqp://orders:a b'\"$c@rabbitmq/shop\n")
    (tmp_path / "LOG_URL").write_text("mongodb://x")
    told = "import os; print(os.environ['AMQP_URI'], os.environ['LOG_URL'])"

    done = subprocess.run(
        [ROOT / "deploy/with-secrets.sh", sys.executable, "-c", told],
        env={"SECRETS": str(tmp_path), "PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout == "amqp://orders:a b'\"$c@rabbitmq/shop mongodb://x\n"


def test_a_command_without_secrets_runs_as_it_is_and_ends_as_it_ends(tmp_path):
    done = subprocess.run(
        [ROOT / "deploy/with-secrets.sh", "sh", "-c", "exit 3"],
        env={"SECRETS": str(tmp_path / "none"), "PATH": os.environ["PATH"]}, check=False,
    )  # fmt: skip

    assert done.returncode == 3


@pytest.mark.parametrize("file", ["Dockerfile", *sorted(map(str, ROOT.glob("deploy/proof/stand_ins/*/Dockerfile")))])
def test_the_linter_has_nothing_to_say_about_dockerfiles(file):
    linter = Path(sys.executable).with_name("hadolint")

    done = subprocess.run([linter, ROOT / file], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_has_what_its_containers_start_and_nothing_of_the_tests():
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]

    assert all((ROOT / path).exists() for path in kept)
    assert {path.name for path in ROOT.glob("*_svc")} | {path.name for path in ROOT.glob("*_web")} <= set(kept)
    assert not {"tests", "docs", "deploy", ".git"} & set(kept)


def test_docker_compose_understands_the_file():
    done = subprocess.run(
        [*docker_compose.command(), "--profile", "tools", "config", "--quiet"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
