"""How people pass through rooms, as membership's events tell it, late, doubled or shuffled as they may come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_contracts.membership import (
    Declined,
    Joined,
    Membership,
    MembershipEvent,
    MembershipReplayed,
    Requested,
    SeatOffered,
    Status,
    Waitlisted,
)
from practio_contracts.message import Message
from practio_rooms.tables import ForgottenRow, PassageRow

_STEPS: dict[type[Message], str] = {
    Requested: "requested_at",
    Waitlisted: "waitlisted_at",
    SeatOffered: "offered_at",
    Joined: "joined_at",
    Declined: "declined_at",
}
_LEFT = "left_at"
"""What all other events that are heard tell: that the membership ended."""

_STANDS: dict[Status, str | None] = {
    Status.INVITED: None,
    Status.REQUESTED: "requested_at",
    Status.WAITLISTED: "waitlisted_at",
    Status.OFFERED: "offered_at",
    Status.JOINED: "joined_at",
    Status.DECLINED: "declined_at",
}
"""The step by which a membership came to where it stands, as far as that can be told; all others ended it."""

_COLUMNS = (*_STEPS.values(), _LEFT)


@dataclass(slots=True)
class Passages:
    """What a batch heard of people's ways; ``forgotten`` are those of whom nothing is kept."""

    forgotten: set[UUID]
    _received: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    _erased: set[UUID] = field(default_factory=set)

    def note(self, event: MembershipEvent) -> None:
        """Note when a step was taken; of several tellings the earliest counts, so their order does not."""
        membership = event.membership
        row = self._received.setdefault(membership.membership_id, _unheard(membership))
        if step := _step_of(event):
            row[step] = min(row[step] or membership.since, membership.since)

    def forget(self, person_id: UUID) -> None:
        """Keep nothing of a person, nor of what is told of them from now on."""
        self._erased.add(person_id)

    async def write(self, session: AsyncSession) -> None:
        """Write what was heard, and erase who is to be forgotten."""
        if self._erased:
            await session.execute(delete(PassageRow).where(one_of(PassageRow.person_id, self._erased)))
            gone = [{"person_id": person_id} for person_id in sorted(self._erased)]
            await session.execute(insert(ForgottenRow).on_conflict_do_nothing(), gone)
        nobody = self._erased | self.forgotten
        rows = [row for _, row in sorted(self._received.items()) if row["person_id"] not in nobody]
        if rows:
            put = insert(PassageRow)
            earliest = {name: func.least(getattr(PassageRow, name), put.excluded[name]) for name in _COLUMNS}
            await session.execute(put.on_conflict_do_update(index_elements=["membership_id"], set_=earliest), rows)


def _step_of(event: MembershipEvent) -> str | None:
    if isinstance(event, MembershipReplayed):
        return _STANDS.get(event.membership.status, _LEFT)
    return _STEPS.get(type(event), _LEFT)


async def load_passages(session: AsyncSession, messages: Sequence[Message]) -> Passages:
    """Load who of the people that events tell of is to be forgotten."""
    people = {message.membership.person_id for message in messages if isinstance(message, MembershipEvent)}
    return Passages(await _forgotten(session, people))


async def _forgotten(session: AsyncSession, people: Collection[UUID]) -> set[UUID]:
    if not people:
        return set()
    return set(await session.scalars(select(ForgottenRow.person_id).where(one_of(ForgottenRow.person_id, people))))


def _unheard(membership: Membership) -> dict[str, Any]:
    steps: dict[str, datetime | None] = dict.fromkeys(_COLUMNS)
    return {
        "membership_id": membership.membership_id,
        "room_id": membership.room_id,
        "person_id": membership.person_id,
        **steps,
    }
