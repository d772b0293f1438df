"""What a command says where it is told of no servers."""

from pathlib import Path

import pytest

from practio_operator.errors import OperatorError
from practio_operator.targets import administered, publisher_url


@pytest.fixture
def nothing_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACTIO_HOME", str(tmp_path))
    for name in ("BROKER_URL", "DATABASE_URL", "PUBLISHER_URL"):
        monkeypatch.delenv(f"PRACTIO_{name}", raising=False)


@pytest.mark.usefixtures("nothing_told")
def test_who_has_servers_elsewhere_receives_what_names_them() -> None:
    with pytest.raises(OperatorError, match="PRACTIO_BROKER_URL, PRACTIO_DATABASE_URL and PRACTIO_PUBLISHER_URL"):
        administered()
    with pytest.raises(OperatorError, match="PRACTIO_PUBLISHER_URL"):
        publisher_url()
