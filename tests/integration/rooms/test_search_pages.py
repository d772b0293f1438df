"""Pages while rooms change: an unchanged room is seen exactly once, in every order."""

import random
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.rooms.catalogue import Catalogue, occupancy
from tests.support.clients.commands import a_room
from tests.support.seeds import a_chance
from tests.support.thorough import times

from practio_contracts.rooms import CloseRoom, ReopenRoom, ReviseRoom, ScheduleSession
from practio_rooms.queries import ranking

TOPICS = ("juggling", "mediation", "circle")


class Crowd:
    """Rooms of one domain that change while they are paged through; ``touched`` are those that did."""

    def __init__(self, catalogue: Catalogue, chance: random.Random) -> None:
        self.catalogue = catalogue
        self.chance = chance
        self.domain, self.host = f"{uuid4().int}", uuid4()
        self.rooms: list[UUID] = []
        self.touched: set[UUID] = set()

    async def begin(self) -> None:
        """Publish some rooms, some with a session; close a few, so that they can be opened again."""
        for _ in range(5):
            self.rooms += await self.catalogue.publish(*(self._room() for _ in range(5)), host=self.host)
        for room_id in self.chance.sample(self.rooms, 10):
            await self._meet(room_id)

    async def change(self) -> None:
        """Change a room or two."""
        for _ in range(self.chance.randrange(3)):
            room_id = self.chance.choice(self.rooms)
            self.touched.add(room_id)
            match self.chance.randrange(6):
                case 0:
                    self.touched.update(await self.catalogue.publish(self._room(), host=self.host))
                case 1:
                    await self.catalogue.send(CloseRoom(room_id=room_id), self.host)
                case 2:
                    await self.catalogue.send(ReopenRoom(room_id=room_id), self.host)
                case 3:
                    title = self.chance.choice(TOPICS)
                    await self.catalogue.send(ReviseRoom(room_id=room_id, title=title), self.host)
                case 4:
                    await self.catalogue.handle(occupancy(room_id, taken=self.chance.randrange(4), sequence=99))
                case 5:
                    await self._meet(room_id)

    def _room(self) -> dict[str, Any]:
        title, purpose = self.chance.choice(TOPICS), " ".join(self.chance.choices(TOPICS, k=3))
        return a_room(domain=self.domain, title=title, purpose=f"juggling {purpose}", time_zone="UTC")

    async def _meet(self, room_id: UUID) -> None:
        day = self.chance.randrange(1, 29)
        planned = {"starts_at": f"2035-02-{day:02d}T18:00:00", "duration_minutes": 60}
        command = {"room_id": room_id, "session_id": uuid4(), **planned}
        await self.catalogue.send(ScheduleSession.model_validate(command), self.host)


@pytest.fixture
def chance() -> random.Random:
    return a_chance()


@pytest.mark.parametrize(
    "asked", [{}, {"order": "soonest"}, {"text": "juggl"}, {"text": "juggling", "order": "soonest"}], ids=str
)
async def test_unchanged_rooms_are_seen_exactly_once(
    catalogue: Catalogue, asked: dict[str, Any], chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "BLOCK", 8)
    for _ in times(1, thoroughly=3):
        crowd = Crowd(catalogue, chance)
        await crowd.begin()
        seen: list[UUID] = []
        after: str | None = None
        while True:
            page = await catalogue.search(domain=crowd.domain, limit=chance.randrange(1, 6), after=after, **asked)
            seen += [room.room_id for room in page.rooms]
            if not (after := page.after):
                break
            await crowd.change()
        alone = set(crowd.rooms) - crowd.touched
        assert sorted(room_id for room_id in seen if room_id in alone) == sorted(alone)
