"""Who is in which room, and who was in it when it ended, as membership tells."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_contracts.membership import Membership, Status
from practio_contracts.message import Message
from practio_rooms.tables import EndingRow, PresenceRow


@dataclass(slots=True)
class People:
    """What a batch has in hand, by the id of the membership: who is there, and what ended with the room."""

    session: AsyncSession
    presences: dict[UUID, PresenceRow] = field(default_factory=dict)
    endings: dict[UUID, EndingRow] = field(default_factory=dict)
    _erased: set[UUID] = field(default_factory=set)

    async def tell(self, membership: Membership) -> None:
        """Note what a membership has come to."""
        match membership.status:
            case Status.JOINED:
                self._come(membership)
            case Status.ENDED:
                self._end(membership, was_in_it=membership.membership_id in self.presences)
                await self._go(membership.membership_id)
            case _:
                await self._go(membership.membership_id)

    def tell_late(self, membership: Membership) -> None:
        """Note what a membership was before: who ever was in a room left it with its end, where it ended by that."""
        if membership.status is Status.JOINED and (row := self.endings.get(membership.membership_id)):
            row.was_in_it = True

    def forget(self, person_id: UUID) -> None:
        """Forget where a person is and was."""
        self._erased.add(person_id)

    async def write(self) -> None:
        """Write what was forgotten, over what was told in the same batch."""
        if not self._erased:
            return
        await self.session.flush()
        for table in (PresenceRow, EndingRow):
            await self.session.execute(delete(table).where(one_of(table.person_id, self._erased)))

    def _come(self, membership: Membership) -> None:
        if membership.membership_id not in self.presences:
            row = PresenceRow(
                membership_id=membership.membership_id, room_id=membership.room_id, person_id=membership.person_id
            )
            self.presences[membership.membership_id] = row
            self.session.add(row)

    def _end(self, membership: Membership, *, was_in_it: bool) -> None:
        if membership.membership_id not in self.endings:
            row = EndingRow(
                membership_id=membership.membership_id,
                room_id=membership.room_id,
                person_id=membership.person_id,
                was_in_it=was_in_it,
            )
            self.endings[membership.membership_id] = row
            self.session.add(row)

    async def _go(self, membership_id: UUID) -> None:
        row = self.presences.pop(membership_id, None)
        if row in self.session.new:
            self.session.expunge(row)
        elif row:
            await self.session.delete(row)


async def load_people(session: AsyncSession, messages: Sequence[Message]) -> People:
    """Load what is known of the memberships that events are about, a query a table."""
    people = People(session)
    told = {message.membership.membership_id for message in messages if hasattr(message, "membership")}
    if told:
        there = await session.scalars(select(PresenceRow).where(one_of(PresenceRow.membership_id, told)))
        ended = await session.scalars(select(EndingRow).where(one_of(EndingRow.membership_id, told)))
        people.presences = {row.membership_id: row for row in there}
        people.endings = {row.membership_id: row for row in ended}
    return people
