"""`practio provision` without a server."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from practio_operator.commands.provision import provision_command
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.database import sql_file
from practio_operator.provisioning.definitions import definitions_file


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
