"""How many seats are in use, and how many people wait: of all rooms together."""

import pytest
from prometheus_client import REGISTRY
from tests.integration.membership.membership_service import MembershipService, people

from practio_membership.gauges import count_once

FULL = [("practio_seats", {"state": "taken"}), ("practio_seats", {"state": "held"})]
WAITING = [("practio_waiting", {"what": "seat"}), ("practio_waiting", {"what": "decision"})]


async def counted(membership: MembershipService) -> list[float]:
    async with membership.transaction.background() as context:
        await count_once(context)
    return [REGISTRY.get_sample_value(name, labels) or 0.0 for name, labels in (*FULL, *WAITING)]


@pytest.mark.parametrize(
    ("policy", "rise"), [("open", [2.0, 0.0, 1.0, 0.0]), ("approval", [0.0, 0.0, 0.0, 3.0])], ids=["open", "approval"]
)
async def test_people_who_join_and_people_who_wait_are_counted(
    membership: MembershipService, policy: str, rise: list[float]
) -> None:
    before = await counted(membership)
    room = await membership.publish(capacity=2, access={"policy": policy})
    await membership.join(room, *people(3))
    assert [now - then for now, then in zip(await counted(membership), before, strict=True)] == rise
