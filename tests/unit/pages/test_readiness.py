"""Readiness: pages works while the broker is connected and lets it publish."""

from typing import Any

from tests.support.every_case import every_case
from tests.unit.pages.every_page import with_parts
from tests.unit.pages.sites import a_visit

from practio_pages.gateway import Gateway


class GatewayAt(Gateway):
    """A gateway to a broker in a given state."""

    def __init__(self, *, is_open: bool, is_blocked: bool) -> None:
        super().__init__("amqp://pages:unused@nowhere/practio")
        self._state = is_open, is_blocked

    @property
    def is_open(self) -> bool:
        return self._state[0]

    async def is_blocked(self) -> bool:
        return self._state[1]


@every_case(("is_open", "is_blocked", "status"), [(True, False, 200), (True, True, 503), (False, False, 503)])
async def test_pages_is_ready_while_the_broker_is_connected_and_not_blocked(
    is_open: bool, is_blocked: bool, status: int
) -> None:
    visit = a_visit()
    with_parts(visit, gateway=GatewayAt(is_open=is_open, is_blocked=is_blocked))
    seen = await visit.get("/readyz")
    found: dict[str, Any] = seen.answer.json()
    assert seen.status == status
    assert (found["ready"], found["broker"], found["blocked"]) == (status == 200, is_open, is_blocked)
    assert found["version"]
