"""The message of a command without servers in the environment."""

from pathlib import Path

import pytest

from practio_operator.console.errors import OperatorError
from practio_operator.targets.addresses import administrator_target, publisher_url


@pytest.fixture
def no_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACTIO_HOME", str(tmp_path))
    for name in ("BROKER_URL", "DATABASE_URL", "PUBLISHER_URL"):
        monkeypatch.delenv(f"PRACTIO_{name}", raising=False)


@pytest.mark.usefixtures("no_variables")
def test_the_variables_for_remote_servers_are_named() -> None:
    with pytest.raises(OperatorError, match="PRACTIO_BROKER_URL, PRACTIO_DATABASE_URL and PRACTIO_PUBLISHER_URL"):
        administrator_target()
    with pytest.raises(OperatorError, match="PRACTIO_PUBLISHER_URL"):
        publisher_url()
