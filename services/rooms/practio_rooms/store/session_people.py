"""The people of a session: those in the room, or once it has begun, those who were there at some time of it.

There may be thousands: PostgreSQL counts them, and those are read whom an answer names.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Integer, Select, Uuid, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_contracts.rooms import Session
from practio_rooms.store.attending import memberships_of, seated_at
from practio_rooms.tables import PresenceRow, TimelineRow

_ROOM, _MOST = bindparam("room", type_=Uuid), bindparam("most", type_=Integer)
_STARTS_AT, _ENDS_AT = (bindparam(name, type_=DateTime(timezone=True)) for name in ("starts_at", "ends_at"))


@dataclass(frozen=True, slots=True)
class SessionPeople:
    """How many people a session has, and the first of them in the order of their ids."""

    count: int
    first: Sequence[UUID]


async def people_of(session: AsyncSession, about: Session, *, has_begun: bool, most: int) -> SessionPeople:
    """Return the number of a session's people, and the first ``most`` of them."""
    values = {"room": about.room_id, "starts_at": about.starts_at, "ends_at": about.ends_at, "most": most}
    row = (await session.execute(_WERE_THERE if has_begun else _ARE_THERE, values)).one()
    return SessionPeople(row[0], row[1])


async def seats_of(
    session: AsyncSession, about: Session, people: Collection[UUID], *, has_begun: bool
) -> dict[UUID, UUID]:
    """Return the memberships of those of ``people`` whom a session has, by person."""
    return await (seated_at(session, about, people) if has_begun else memberships_of(session, about.room_id, people))


def _listing(person_id: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the statement, made once: to put it together takes as long as to run it."""
    there = select(person_id.label("person_id")).distinct().where(*conditions).subquery("there")
    count = select(func.count()).select_from(there).scalar_subquery()
    first = select(there.c.person_id).order_by(there.c.person_id).limit(_MOST)
    return select(count, func.array(first.scalar_subquery()))


_ARE_THERE = _listing(PresenceRow.person_id, PresenceRow.room_id == _ROOM)
_WERE_THERE = _listing(
    TimelineRow.person_id,
    TimelineRow.room_id == _ROOM,
    TimelineRow.joined_at < _ENDS_AT,
    or_(TimelineRow.left_at.is_(None), TimelineRow.left_at > _STARTS_AT),
)
