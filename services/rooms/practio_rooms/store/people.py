"""The people in each room, and those who were in it when it ended, from membership's events.

Both are written for all events of a batch at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.bulk import Given, insert_rows, upsert_rows
from practio_chassis.database.sql import among, one_of
from practio_contracts.membership import Membership, Status
from practio_contracts.message import Message
from practio_rooms.tables import EndingRow, PresenceRow, metadata

_PRESENCE: Table = metadata.tables[PresenceRow.__tablename__]
_ENDING: Table = metadata.tables[EndingRow.__tablename__]

Columns = dict[str, Any]


@dataclass(slots=True)
class LoadedPeople:
    """The people that a batch concerns, by membership id: who is in a room, and whose membership ended with it."""

    presences: dict[UUID, Columns] = field(default_factory=dict)
    endings: dict[UUID, Columns] = field(default_factory=dict)
    _new_presences: dict[UUID, Columns] = field(default_factory=dict)
    _gone_presences: set[UUID] = field(default_factory=set)
    _changed_endings: dict[UUID, Columns] = field(default_factory=dict)

    def update(self, membership: Membership) -> None:
        """Record the newest status of a membership."""
        match membership.status:
            case Status.JOINED:
                self._add_presence(membership)
            case Status.ENDED:
                self._add_ending(membership, was_in_it=membership.membership_id in self.presences)
                self._remove_presence(membership.membership_id)
            case _:
                self._remove_presence(membership.membership_id)

    def update_from_older(self, membership: Membership) -> None:
        """Record an older status: a person who had joined was in the room if their membership ended with it."""
        if membership.status is Status.JOINED and (ending := self.endings.get(membership.membership_id)):
            ending["was_in_it"] = True
            self._changed_endings[membership.membership_id] = ending

    async def write(self, session: AsyncSession) -> None:
        """Write what was recorded since the last time."""
        if self._gone_presences:
            await session.execute(delete(_PRESENCE).where(one_of(_PRESENCE.c.membership_id, self._gone_presences)))
        await insert_rows(session, _PRESENCE, list(self._new_presences.values()))
        await upsert_rows(
            session,
            _ENDING,
            list(self._changed_endings.values()),
            key=["membership_id"],
            change=_newer,
        )
        self._gone_presences.clear()
        self._new_presences.clear()
        self._changed_endings.clear()

    def _add_presence(self, membership: Membership) -> None:
        if membership.membership_id not in self.presences:
            row = _columns(membership)
            self.presences[membership.membership_id] = row
            self._new_presences[membership.membership_id] = row

    def _add_ending(self, membership: Membership, *, was_in_it: bool) -> None:
        if membership.membership_id not in self.endings:
            row = _columns(membership) | {"was_in_it": was_in_it}
            self.endings[membership.membership_id] = row
            self._changed_endings[membership.membership_id] = row

    def _remove_presence(self, membership_id: UUID) -> None:
        if self.presences.pop(membership_id, None) and self._new_presences.pop(membership_id, None) is None:
            self._gone_presences.add(membership_id)


def _newer(given: Given) -> Mapping[str, Any]:
    return {"was_in_it": _ENDING.c.was_in_it | given["was_in_it"]}


def _columns(membership: Membership) -> Columns:
    return {
        "membership_id": membership.membership_id,
        "room_id": membership.room_id,
        "person_id": membership.person_id,
    }


async def load_people(session: AsyncSession, messages: Sequence[Message]) -> LoadedPeople:
    """Load the rows of the memberships in the events, with one query per table."""
    ids = {message.membership.membership_id for message in messages if hasattr(message, "membership")}
    if not ids:
        return LoadedPeople()
    return LoadedPeople(
        {row["membership_id"]: row for row in await _rows(session, _PRESENCE, ids)},
        {row["membership_id"]: row for row in await _rows(session, _ENDING, ids)},
    )


async def _rows(session: AsyncSession, table: Table, ids: set[UUID]) -> list[Columns]:
    found = await session.execute(_those(table), {"ids": list(ids)})
    return [dict(row) for row in found.mappings()]


@lru_cache(maxsize=2)
def _those(table: Table) -> Select[Any]:
    return select(table).where(among(table.c.membership_id, "ids"))
