"""The people in each room, and those who were in it when it ended, from membership's events."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_contracts.membership import Membership, Status
from practio_contracts.message import Message
from practio_rooms.tables import EndingRow, PresenceRow


@dataclass(slots=True)
class LoadedPeople:
    """The people that a batch has loaded, by membership id: who is in a room, and whose membership ended with it."""

    session: AsyncSession
    presences: dict[UUID, PresenceRow] = field(default_factory=dict)
    endings: dict[UUID, EndingRow] = field(default_factory=dict)

    async def update(self, membership: Membership) -> None:
        """Record the newest status of a membership."""
        match membership.status:
            case Status.JOINED:
                self._add_presence(membership)
            case Status.ENDED:
                self._add_ending(membership, was_in_it=membership.membership_id in self.presences)
                await self._remove_presence(membership.membership_id)
            case _:
                await self._remove_presence(membership.membership_id)

    def update_from_older(self, membership: Membership) -> None:
        """Record an older status: a person who had joined was in the room if their membership ended with it."""
        if membership.status is Status.JOINED and (row := self.endings.get(membership.membership_id)):
            row.was_in_it = True

    def _add_presence(self, membership: Membership) -> None:
        if membership.membership_id not in self.presences:
            row = PresenceRow(
                membership_id=membership.membership_id, room_id=membership.room_id, person_id=membership.person_id
            )
            self.presences[membership.membership_id] = row
            self.session.add(row)

    def _add_ending(self, membership: Membership, *, was_in_it: bool) -> None:
        if membership.membership_id not in self.endings:
            row = EndingRow(
                membership_id=membership.membership_id,
                room_id=membership.room_id,
                person_id=membership.person_id,
                was_in_it=was_in_it,
            )
            self.endings[membership.membership_id] = row
            self.session.add(row)

    async def _remove_presence(self, membership_id: UUID) -> None:
        row = self.presences.pop(membership_id, None)
        if row in self.session.new:
            self.session.expunge(row)
        elif row:
            await self.session.delete(row)


async def load_people(session: AsyncSession, messages: Sequence[Message]) -> LoadedPeople:
    """Load the rows of the memberships in the events, with one query per table."""
    people = LoadedPeople(session)
    membership_ids = {message.membership.membership_id for message in messages if hasattr(message, "membership")}
    if membership_ids:
        there = await session.scalars(select(PresenceRow).where(one_of(PresenceRow.membership_id, membership_ids)))
        ended = await session.scalars(select(EndingRow).where(one_of(EndingRow.membership_id, membership_ids)))
        people.presences = {row.membership_id: row for row in there}
        people.endings = {row.membership_id: row for row in ended}
    return people
