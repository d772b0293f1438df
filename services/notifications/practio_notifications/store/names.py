"""Names of people, and the members of a room."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of, one_of_rows
from practio_contracts.membership import Status
from practio_notifications.store.seats import SEATED
from practio_notifications.tables import ContactRow, MembershipRow

_NEVER_MERELY_INVITED = (
    Status.REQUESTED,
    Status.WAITLISTED,
    Status.OFFERED,
    Status.JOINED,
    Status.DECLINED,
    Status.REMOVED,
)

NAMED = (
    MembershipRow.is_named
    | MembershipRow.was_joined
    | MembershipRow.status.in_([each.value for each in _NEVER_MERELY_INVITED])
)
"""A membership that shows its person's name to the offices. A host may have guessed the address of a person who was
merely invited: the name would tell whose it is. The status counts for rows older than the column ``is_named``."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person with a membership in a room: whether its offices see their name, and whether they have a seat."""

    is_named: bool
    has_seat: bool


async def members_among(session: AsyncSession, room_id: UUID, people: Collection[UUID]) -> dict[UUID, Member]:
    """Return those of ``people`` who have a membership in a room, in whichever state.

    Each is looked up by the whole key: with the room alone, PostgreSQL reads everybody in it. Who has left and come
    again has several memberships.
    """
    keys = one_of_rows((MembershipRow.room_id, MembershipRow.person_id), [(room_id, each) for each in people])
    in_any = (func.bool_or(NAMED), func.bool_or(SEATED))
    found = await session.execute(
        select(MembershipRow.person_id, *in_any).where(keys).group_by(MembershipRow.person_id)
    )
    return {person_id: Member(is_named, has_seat) for person_id, is_named, has_seat in found}


async def named_among(session: AsyncSession, pairs: Collection[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Return those of ``pairs`` of a room and a person in which the offices of the room see the person's name."""
    if not pairs:
        return set()
    columns = (MembershipRow.room_id, MembershipRow.person_id)
    found = await session.execute(select(*columns).where(one_of_rows(columns, list(pairs)), NAMED))
    return {(room_id, person_id) for room_id, person_id in found}


async def names_of(session: AsyncSession, people: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of those of ``people`` who are known, not erased, and not merely introduced by somebody else.

    An introduction may have had no name.
    """
    columns = (ContactRow.person_id, ContactRow.display_name)
    shown = (one_of(ContactRow.person_id, people), ~ContactRow.introduced)
    found = await session.execute(select(*columns).where(*shown))
    return {person_id: name for person_id, name in found if name}
