"""Messages that move to another queue: which of them expire."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from pamqp.commands import Basic

from practio_chassis.outbound import redirects as module
from practio_chassis.outbound.redirects import Redirect, Redirects

TO = Redirect("", "rooms.commands.shard.0", {})
EXPIRING = Basic.Properties(message_id="asked", expiration="60000")


class Channel:
    """Confirms what is published, and records its properties."""

    def __init__(self) -> None:
        self.published: list[Basic.Properties] = []

    async def basic_publish(self, body: bytes, *, properties: Basic.Properties, **options: object) -> Basic.Ack:
        self.published.append(properties)
        return Basic.Ack()


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    opened = Channel()

    async def at_once(_: object) -> Channel:
        return opened

    monkeypatch.setattr(module, "unblocked", at_once)
    monkeypatch.setattr(module, "open_plain_channel", at_once)
    return opened


async def test_a_forwarded_command_expires_as_its_publisher_wanted_and_a_retried_or_dead_one_does_not(
    channel: Channel,
) -> None:
    redirects = Redirects("rooms", cast(Any, None), cast(Any, None))
    await redirects.send_in_order([(cast(Any, SimpleNamespace(body=b"", properties=EXPIRING)), TO), (None, TO)])
    await redirects.send(b"", EXPIRING, TO)
    assert [each.expiration for each in channel.published] == ["60000", None, None]
