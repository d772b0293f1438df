"""A rebuild says no more than the outbox of who speaks can carry."""

from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from practio_contracts.client import Client
from practio_operator.errors import OperatorError
from practio_operator.rebuild.reading import Known
from practio_operator.rebuild.rebuild import LONG_OUTBOX, ROOMS_AT_ONCE, rebuild

PAGES = 4
A_PAGE_OF_FACTS = 300


class Rooms:
    """A service as the course sees it: what it was asked, and an outbox that ``leaves`` so many events a look."""

    def __init__(self, leaves: int) -> None:
        self.leaves = leaves
        self.waiting = 0
        self.found_waiting: list[int] = []

    async def send(self, _command: object, **_told: object) -> Any:
        """Answer, as Client does; what is said goes to the outbox."""
        self.found_waiting.append(self.waiting)
        self.waiting += A_PAGE_OF_FACTS
        return SimpleNamespace(state={})

    async def outbox(self, service: str, *, most: int) -> int:
        assert service == "rooms"
        before, self.waiting = self.waiting, max(0, self.waiting - self.leaves)
        return min(before, most)

    async def rooms(self, *, after: UUID, most: int) -> list[UUID]:
        ids = range(after.int + 1, min(after.int + most, PAGES * ROOMS_AT_ONCE) + 1)
        return [UUID(int=each) for each in ids]

    async def nothing(self, **_where: object) -> list[UUID]:
        return []

    perhaps_erased = erased = lost_rooms = nothing

    async def unheard_rooms(self) -> int:
        return 0


async def rebuilt(rooms: Rooms, wait_seconds: float) -> int:
    done = await rebuild(cast(Client, rooms), cast(Known, rooms), ["rooms"], wait_seconds=wait_seconds)
    return done.rooms


async def test_no_page_is_asked_for_while_the_outbox_is_long() -> None:
    rooms = Rooms(leaves=50)
    assert await rebuilt(rooms, wait_seconds=5) == PAGES * ROOMS_AT_ONCE
    assert len(rooms.found_waiting) == PAGES
    assert max(rooms.found_waiting) <= LONG_OUTBOX


async def test_an_outbox_that_nothing_leaves_ends_a_rebuild_with_a_sentence() -> None:
    with pytest.raises(OperatorError, match="wait in the outbox of rooms, and none leaves"):
        await rebuilt(Rooms(leaves=0), wait_seconds=0.2)
