"""Memberships by their newest events: loaded for a batch, and written at its end in one statement."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.bulk import Given, upsert_rows
from practio_chassis.database.sql import among
from practio_contracts.membership import MembershipEvent, Status
from practio_notifications.store.seats import SEATED, WAITING, has_seat, waits_for_seat
from practio_notifications.tables import MembershipRow, metadata

_TABLE: Table = metadata.tables[MembershipRow.__tablename__]


@dataclass(slots=True)
class MembershipColumns:
    """The columns of a ``MembershipRow``."""

    membership_id: UUID
    room_id: UUID
    person_id: UUID
    status: str
    role: str | None = None
    offer_expires_at: datetime | None = None
    was_joined: bool = False
    is_named: bool = False


_NAMES = tuple(MembershipColumns.__dataclass_fields__)
_ALL = select(*(_TABLE.c[name] for name in _NAMES))
_BY_ID = _ALL.where(among(_TABLE.c.membership_id, "keys"))
_SEATED_IN = _ALL.where(among(_TABLE.c.room_id, "keys"), SEATED)
_WAITING_IN = _ALL.where(among(_TABLE.c.room_id, "keys"), WAITING)


@dataclass(slots=True)
class MembershipBatch:
    """The memberships that concern a batch; those of all people with a seat in a room whose people receive letters."""

    known: dict[UUID, MembershipColumns] = field(default_factory=dict)
    _by_room: defaultdict[UUID, list[MembershipColumns]] = field(default_factory=lambda: defaultdict(list))
    _changed: dict[UUID, MembershipColumns] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sort the memberships by their room: each event about one asks for those of its own."""
        for each in self.known.values():
            self._by_room[each.room_id].append(each)

    def record(self, event: ReceivedMessage[MembershipEvent]) -> None:
        """Record the state in an event; of an older event only whether the person had joined, and is named."""
        membership = event.message.membership
        known = self.known.get(membership.membership_id)
        if known is None:
            known = MembershipColumns(
                membership.membership_id, membership.room_id, membership.person_id, membership.status
            )
            self.known[membership.membership_id] = known
            self._by_room[membership.room_id].append(known)
        known.was_joined = known.was_joined or membership.status is Status.JOINED
        known.is_named = known.is_named or bool(membership.requested_at or membership.from_room_id)
        if event.newest:
            known.status, known.role = membership.status, membership.role
            known.offer_expires_at = membership.offer_expires_at
        self._changed[known.membership_id] = known

    def seated_in(self, room_id: UUID) -> frozenset[UUID]:
        """Return the people who have a seat in a room."""
        return frozenset(each.person_id for each in self._by_room.get(room_id, ()) if has_seat(each))

    def waiting_in(self, room_id: UUID) -> frozenset[UUID]:
        """Return the people who wait for a seat in a room."""
        return frozenset(each.person_id for each in self._by_room.get(room_id, ()) if waits_for_seat(each))

    async def write(self, session: AsyncSession) -> None:
        """Write what was recorded."""
        rows: list[dict[str, Any]] = [{name: getattr(each, name) for name in _NAMES} for each in self._changed.values()]
        await upsert_rows(session, _TABLE, rows, key=["membership_id"], change=_newer)
        self._changed.clear()


def _newer(given: Given) -> Mapping[str, Any]:
    newest = {name: given[name] for name in ("status", "role", "offer_expires_at")}
    once = {name: _TABLE.c[name] | given[name] for name in ("was_joined", "is_named")}
    return {**newest, **once}


async def load_memberships(
    session: AsyncSession, ids: Collection[UUID], *, seated_in: Iterable[UUID], waiting_in: Iterable[UUID]
) -> MembershipBatch:
    """Load memberships by their ids, of all people with a seat in some rooms, and of all who wait for one."""
    found: dict[UUID, MembershipColumns] = {}
    for query, keys in ((_BY_ID, ids), (_WAITING_IN, set(waiting_in)), (_SEATED_IN, set(seated_in))):
        if keys:
            rows = await session.execute(query, {"keys": list(keys)})
            found |= {each.membership_id: each for each in (MembershipColumns(*row) for row in rows)}
    return MembershipBatch(found)
