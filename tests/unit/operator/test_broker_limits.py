"""Every broker that we configure has the limits that the services are built for."""

from pathlib import Path
from typing import Any

import yaml
from tests.support.every_case import every_case

from practio_chassis.broker.policies import MAX_MESSAGE_BYTES
from practio_chassis.settings import Settings
from practio_operator.provisioning.broker import Management
from practio_operator.provisioning.message_size import message_size_faults
from practio_operator.stack.rabbitmq import RabbitMQ

DEPLOY = Path(__file__).parents[3] / "deploy"
LIMITS = "./rabbitmq/limits.conf:/etc/rabbitmq/conf.d/70-limits.conf:ro"
MIB = 1024 * 1024


def settings_in(text: str) -> dict[str, str]:
    """Return the settings of a rabbitmq.conf."""
    lines = [line.split("=", 1) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {name.strip(): value.strip() for name, value in lines}


def brokers(name: str) -> list[dict[str, Any]]:
    services = yaml.load((DEPLOY / name).read_text(), Loader=Tolerant)["services"]
    return [service for called, service in services.items() if called.startswith("broker")]


class Tolerant(yaml.SafeLoader):
    """Reads Compose's own tags as if they were not there."""


Tolerant.add_constructor("!reset", lambda *_: None)
Tolerant.add_constructor("!override", lambda *_: None)


def test_compose_gives_its_broker_the_limits() -> None:
    assert settings_in((DEPLOY / "rabbitmq" / "limits.conf").read_text())["max_message_size"] == str(MAX_MESSAGE_BYTES)
    [broker] = brokers("compose.yaml")
    assert LIMITS in broker["volumes"]


def test_the_other_brokers_of_a_cluster_have_them_too() -> None:
    for broker in brokers("compose.cluster.yaml")[1:]:
        assert broker["extends"] == {"file": "compose.yaml", "service": "broker"}


def test_production_keeps_more_disk_free_and_takes_no_larger_messages() -> None:
    production = settings_in((DEPLOY / "production" / "rabbitmq.conf").read_text())
    assert "max_message_size" not in production
    assert production["disk_free_limit.absolute"] == "2GB"


def a_private_broker(folder: Path) -> RabbitMQ:
    return RabbitMQ(
        binaries=folder,
        data=folder,
        account=None,
        port=1,
        management_port=2,
        distribution_port=3,
        mapper_port=4,
        password="",
    )


def test_the_private_broker_has_them(tmp_path: Path) -> None:
    broker = a_private_broker(tmp_path)
    broker.prepare()
    written = settings_in((tmp_path / "rabbitmq.conf").read_text())
    assert written["max_message_size"] == str(MAX_MESSAGE_BYTES)
    assert written["disk_free_limit.absolute"] == "500MB"


def test_what_a_service_has_in_hand_fits_into_half_of_its_memory_in_production() -> None:
    limits = yaml.load((DEPLOY / "compose.production.yaml").read_text(), Loader=Tolerant)["x-service"]
    assert limits["mem_limit"] == "512m"
    prefetch = Settings.model_fields["prefetch"].default
    assert 2 * prefetch * MAX_MESSAGE_BYTES < 256 * MIB


class LimitedAt(Management):
    """A broker that takes messages up to a size."""

    def __init__(self, limit: int) -> None:
        self._limit = limit

    async def takes_message_of(self, size: int) -> bool:
        return size <= self._limit


@every_case(
    ("limit", "words"),
    [(16 * MIB, "can exhaust the memory of a service"), (256 * 1024, "would never leave their service")],
)
async def test_another_limit_is_said_in_one_sentence_with_what_to_set(limit: int, words: str) -> None:
    [fault] = await message_size_faults(LimitedAt(limit))
    assert words in fault
    assert fault.endswith("set max_message_size = 524288 in its rabbitmq.conf and restart it")
    assert await message_size_faults(LimitedAt(MAX_MESSAGE_BYTES)) == []
