"""`practio provision` without a server."""

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from practio_operator.commands import provision as module
from practio_operator.commands.provision import provision_command
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.database import sql_file
from practio_operator.provisioning.definitions import definitions_file
from practio_operator.provisioning.target import ProvisionTarget


@pytest.fixture
def practio() -> typer.Typer:
    app = typer.Typer()
    app.command()(provision_command)
    return app


def test_definitions_and_sql_are_written_without_a_server(practio: typer.Typer, tmp_path: Path) -> None:
    definitions, sql = tmp_path / "definitions.json", tmp_path / "roles.sql"
    result = CliRunner().invoke(practio, ["--definitions", str(definitions), "--sql", str(sql)])
    assert (result.exit_code, definitions.read_text(), sql.read_text()) == (0, definitions_file(), sql_file())


def test_without_servers_the_missing_variable_is_named(practio: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRACTIO_BROKER_URL", raising=False)
    result = CliRunner().invoke(practio, [])
    assert isinstance(result.exception, OperatorError)
    assert "PRACTIO_BROKER_URL" in str(result.exception)


@pytest.mark.parametrize(("written", "wanted"), [(None, None), ("", None), ("6", 6)])
def test_without_a_number_of_shards_commands_are_spread_as_they_are(
    practio: typer.Typer, monkeypatch: pytest.MonkeyPatch, written: str | None, wanted: int | None
) -> None:
    targets: list[ProvisionTarget] = []

    async def record(target: ProvisionTarget) -> list[str]:
        targets.append(target)
        return []

    servers = ProvisionTarget(broker_url="", management_url="", database_url="", passwords={})
    fakes: dict[str, Any] = {"read_servers": lambda delays: servers, "read_passwords": dict, "provision": record}
    for name, fake in (fakes | {"spread_commands": record}).items():
        monkeypatch.setattr(module, name, fake)
    monkeypatch.setenv("PRACTIO_MEMBERSHIP_SHARDS", written or "")
    if written is None:
        monkeypatch.delenv("PRACTIO_MEMBERSHIP_SHARDS")
    assert CliRunner().invoke(practio, []).exit_code == 0
    assert [each.shards for each in targets] == [wanted, wanted]
