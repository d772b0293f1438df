"""How many seats are in use, and who waits: of all rooms together."""

import pytest
from prometheus_client import REGISTRY
from tests.integration.membership.house import House, people

from practio_membership.gauges import count_once

FULL = [("practio_seats", {"state": "taken"}), ("practio_seats", {"state": "held"})]
WAITING = [("practio_waiting", {"what": "seat"}), ("practio_waiting", {"what": "decision"})]


async def counted(house: House) -> list[float]:
    async with house.transaction.background() as context:
        await count_once(context)
    return [REGISTRY.get_sample_value(name, labels) or 0.0 for name, labels in (*FULL, *WAITING)]


@pytest.mark.parametrize(
    ("policy", "rise"), [("open", [2.0, 0.0, 1.0, 0.0]), ("approval", [0.0, 0.0, 0.0, 3.0])], ids=["open", "approval"]
)
async def test_who_comes_in_and_who_waits_is_counted(house: House, policy: str, rise: list[float]) -> None:
    before = await counted(house)
    room = await house.publish(capacity=2, access={"policy": policy})
    await house.join(room, *people(3))
    assert [now - then for now, then in zip(await counted(house), before, strict=True)] == rise
