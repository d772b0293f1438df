"""A rebuild requests no more events than the outbox of a service can hold."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from practio_contracts.client import Client
from practio_operator.console.errors import OperatorError
from practio_operator.rebuild.rebuild import LONG_OUTBOX, ROOMS_AT_ONCE, rebuild
from practio_operator.rebuild.schemas import AllSchemas

PAGES = 4
A_PAGE_OF_EVENTS = 300


class RoomsStub:
    """A service as the rebuild sees it: its commands, and an outbox from which ``leaves`` events disappear per look."""

    def __init__(self, leaves: int) -> None:
        self.leaves = leaves
        self.waiting = 0
        self.found_waiting: list[int] = []

    async def send(self, _command: object, **_attributes: object) -> Any:
        """Answer, as Client does; the events go to the outbox."""
        self.found_waiting.append(self.waiting)
        self.waiting += A_PAGE_OF_EVENTS
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

    async def outdated_rooms(self) -> int:
        return 0


async def rebuilt(rooms: RoomsStub, wait_seconds: float) -> int:
    done = await rebuild(cast(Client, rooms), cast(AllSchemas, rooms), ["rooms"], wait_seconds=wait_seconds)
    return done.rooms


async def test_no_page_is_requested_while_the_outbox_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module(rebuild.__module__), "OUTBOX_PAUSE_SECONDS", 0)
    rooms = RoomsStub(leaves=50)
    assert await rebuilt(rooms, wait_seconds=5) == PAGES * ROOMS_AT_ONCE
    assert len(rooms.found_waiting) == PAGES
    assert max(rooms.found_waiting) <= LONG_OUTBOX


async def test_a_stuck_outbox_ends_a_rebuild_with_one_sentence() -> None:
    with pytest.raises(OperatorError, match="wait in the outbox of rooms, and none is published"):
        await rebuilt(RoomsStub(leaves=0), wait_seconds=0.02)
