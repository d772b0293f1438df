"""The backing of a stack, and the message if a choice is impossible."""

from pathlib import Path

import pytest

from practio_operator.console.errors import OperatorError
from practio_operator.stack import binaries
from practio_operator.stack.backing import choose_backing
from practio_operator.stack.external import external_servers
from practio_operator.stack.stack import Backing


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("BACKING", "BROKER_URL", "DATABASE_URL", "MANAGEMENT_URL"):
        monkeypatch.delenv(f"PRACTIO_{name}", raising=False)
    return monkeypatch


@pytest.mark.parametrize("backing", list(Backing))
def test_the_operator_decides_by_hand(environment: pytest.MonkeyPatch, backing: Backing) -> None:
    environment.setenv("PRACTIO_BACKING", backing)
    assert choose_backing()[0] is backing


def test_an_unknown_backing_is_refused_with_the_known_ones(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PRACTIO_BACKING", "kubernetes")
    with pytest.raises(OperatorError, match=r"kubernetes.*external, docker, native"):
        choose_backing()


def test_servers_named_in_the_environment_come_first(environment: pytest.MonkeyPatch) -> None:
    name_servers(environment)
    assert choose_backing()[0] is Backing.EXTERNAL


def test_without_docker_the_native_programs_are_used_and_the_reason_is_printed(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("PATH", str(tmp_path))
    assert choose_backing() == (Backing.NATIVE, "Docker is not installed")


def test_on_shared_servers_everything_is_in_its_own_vhost_and_database(
    environment: pytest.MonkeyPatch,
) -> None:
    name_servers(environment)
    servers = external_servers()
    assert servers.broker_url == "amqp://admin:secret@broker:5673/practio"
    assert servers.database_url == "postgresql://postgres:secret@database/practio"
    assert servers.management_url == "http://broker:15672"


@pytest.mark.parametrize("value", ["broker:5672", "http://broker", "amqp://", "amqp://broker:port"])
def test_an_invalid_url_is_named(environment: pytest.MonkeyPatch, value: str) -> None:
    name_servers(environment)
    environment.setenv("PRACTIO_BROKER_URL", value)
    with pytest.raises(OperatorError, match="PRACTIO_BROKER_URL is not a valid amqp:// URL"):
        external_servers()


def test_shared_servers_need_both_urls(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(OperatorError, match="PRACTIO_BROKER_URL and PRACTIO_DATABASE_URL"):
        external_servers()


def test_missing_programs_are_reported_with_their_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    on_a_machine_without_servers(monkeypatch, tmp_path)
    with pytest.raises(OperatorError, match="install the packages postgresql and rabbitmq-server"):
        binaries.find_binaries()


def test_the_newest_postgresql_is_used_and_one_that_is_too_old_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    on_a_machine_without_servers(monkeypatch, tmp_path)
    assert binaries.find_postgres() is None
    a_postgresql(tmp_path, "14.9")
    assert binaries.find_postgres() is None
    a_postgresql(tmp_path, "15.3")
    newest = a_postgresql(tmp_path, "17.1 (Debian 17.1-1)")
    assert binaries.find_postgres() == newest


@pytest.mark.parametrize(("version", "fits"), [("3.9.27", False), ("3.10.8", True), ("4.0.5", True)])
def test_a_rabbitmq_that_is_too_old_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, *, fits: bool
) -> None:
    on_a_machine_without_servers(monkeypatch, tmp_path)
    scripts = a_rabbitmq(tmp_path, version)
    assert binaries.find_rabbitmq() == (scripts if fits else None)


def name_servers(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PRACTIO_BROKER_URL", "amqp://admin:secret@broker:5673")
    environment.setenv("PRACTIO_DATABASE_URL", "postgresql://postgres:secret@database/postgres")


def on_a_machine_without_servers(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(binaries, "DEBIAN_POSTGRES", folder / "postgresql")
    monkeypatch.setattr(binaries, "DEBIAN_RABBITMQ", folder / "rabbitmq" / "bin")


def a_postgresql(folder: Path, version: str) -> Path:
    """Return the folder of programs that call themselves this version."""
    programs = folder / "postgresql" / version.split(".")[0] / "bin"
    programs.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (programs / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (programs / name).chmod(0o755)
    return programs


def a_rabbitmq(folder: Path, version: str) -> Path:
    """Return the folder of the scripts of a release, laid out as Debian does."""
    scripts = folder / "rabbitmq" / "bin"
    scripts.mkdir(parents=True)
    (scripts / "rabbitmq-defaults").touch()
    (folder / "rabbitmq" / "lib" / f"rabbitmq_server-{version}").mkdir(parents=True)
    return scripts
