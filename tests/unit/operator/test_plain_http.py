"""Over plain HTTP nobody reads the machine's authorities: it takes longer than the request."""

import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.operator.test_broker_limits import a_private_broker

from practio_operator.provisioning.broker import management
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.stack import services

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object, **__: object) -> None:
        raise AssertionError("authorities are read")

    monkeypatch.setattr(ssl, "create_default_context", read)


async def test_a_private_broker_and_services_are_looked_at_without_authorities(tmp_path: Path) -> None:
    assert not await a_private_broker(tmp_path).is_ready()
    assert not await services.is_ready(NOWHERE)


async def test_the_management_interface_is_used_without_authorities_unless_over_tls() -> None:
    target = ProvisionTarget(
        broker_url="amqp://nowhere/practio",
        management_url=NOWHERE,
        database_url="postgresql://nowhere/practio",
        passwords={},
    )
    async with management(target) as broker:
        assert broker.vhost == "practio"
    with pytest.raises(AssertionError, match="authorities are read"):
        await management(replace(target, management_url="https://127.0.0.1:1")).__aenter__()
