"""The buddies of the rooms of a batch: loaded once, if anybody needs them, and written with all other changes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from practio_chassis.database.sql import among, one_of
from practio_membership.tables import BuddyRow, metadata

_BUDDY = metadata.tables["buddy"]
_INSERT = insert(_BUDDY)
_GIVEN = _INSERT.on_conflict_do_update(
    index_elements=["room_id", "person_id"],
    set_={name: _INSERT.excluded[name] for name in ("buddy_id", "assigned_at")},
)
_ENDED = delete(_BUDDY).where(_BUDDY.c.room_id == bindparam("room"), _BUDDY.c.person_id == bindparam("person"))

_PAIRS = select(_BUDDY.c.person_id, _BUDDY.c.buddy_id).where(_BUDDY.c.room_id == bindparam("room"))
_OF_PEOPLE = _PAIRS.where(among(_BUDDY.c.person_id, "people"))
_AROUND = _PAIRS.where(
    or_(_BUDDY.c.person_id == bindparam("person"), _BUDDY.c.buddy_id == bindparam("person"))
).order_by(_BUDDY.c.person_id)


@dataclass(slots=True)
class BuddyBatch:
    """The pairs of rooms by room and person, and those that the batch changed."""

    loaded: dict[UUID, dict[UUID, UUID]] | None = None
    changed: dict[tuple[UUID, UUID], dict[str, Any] | None] = field(default_factory=dict)

    async def of(self, session: AsyncSession, room_id: UUID, rooms: Collection[UUID]) -> Mapping[UUID, UUID]:
        """Return the pairs of a room; the first time, those of all ``rooms`` of the batch are loaded."""
        if self.loaded is None:
            self.loaded = {}
            rows = await session.execute(
                select(BuddyRow.room_id, BuddyRow.person_id, BuddyRow.buddy_id).where(one_of(BuddyRow.room_id, rooms))
            )
            for row in rows:
                self.loaded.setdefault(row.room_id, {})[row.person_id] = row.buddy_id
        return self.loaded.setdefault(room_id, {})

    def assign(self, room_id: UUID, person_id: UUID, buddy_id: UUID | None, *, at: datetime) -> None:
        """Note the buddy of a person, None for none any more."""
        assert self.loaded is not None, "pairs are read before they are changed"
        pairs, key = self.loaded.setdefault(room_id, {}), (room_id, person_id)
        if buddy_id is None:
            pairs.pop(person_id, None)
            self.changed[key] = None
        else:
            pairs[person_id] = buddy_id
            self.changed[key] = {"room_id": room_id, "person_id": person_id, "buddy_id": buddy_id, "assigned_at": at}

    def write(self, session: Session) -> None:
        """Write the pairs that changed since the last time."""
        ended = [{"room": room, "person": person} for (room, person), row in self.changed.items() if row is None]
        given = [row for row in self.changed.values() if row]
        if ended:
            session.execute(_ENDED, ended)
        if given:
            session.execute(_GIVEN, given)
        self.changed.clear()


async def buddies_of(session: AsyncSession, room_id: UUID, person_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the buddies of people in a room, by person."""
    rows = await session.execute(_OF_PEOPLE, {"room": room_id, "people": list(person_ids)})
    return {row.person_id: row.buddy_id for row in rows}


async def buddies_around(session: AsyncSession, room_id: UUID, person_id: UUID) -> tuple[UUID | None, list[UUID]]:
    """Return the buddy of a person in a room, and whose buddy they are, in the order of ids."""
    rows = (await session.execute(_AROUND, {"room": room_id, "person": person_id})).all()
    own = next((row.buddy_id for row in rows if row.person_id == person_id), None)
    return own, [row.person_id for row in rows if row.buddy_id == person_id]
