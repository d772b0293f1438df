"""The changed rows of a batch, written with one statement per table: one by one would cost as much as all the rest."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.bulk import insert_rows, update_rows
from practio_contracts.membership import AcceptInvitation, RequestToJoin
from practio_membership.domain.changes import Transition
from practio_membership.domain.membership_state import MembershipState
from practio_membership.domain.room import RoomState
from practio_membership.store.rows import counts_columns, member_columns, rules_columns
from practio_membership.tables import metadata

NO_TEXTS: dict[str, Any] = {"answers": {}, "message": None}

_ROOM = metadata.tables["room"]
_MEMBERSHIP = metadata.tables["membership"]


@dataclass(slots=True)
class ChangedRows:
    """Rooms and members that are not written yet, each in its latest state; ``texts`` are what people wrote."""

    rooms: dict[UUID, RoomState] = field(default_factory=dict)
    new_rooms: set[UUID] = field(default_factory=set)
    edited_rooms: set[UUID] = field(default_factory=set)
    members: dict[UUID, MembershipState] = field(default_factory=dict)
    new_members: set[UUID] = field(default_factory=set)
    texts: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    def add_room(self, state: RoomState, before: RoomState | None) -> None:
        """Add a room to be written; ``before`` is its former state, None for a new one."""
        room_id = state.room.room_id
        self.rooms[room_id] = state
        if before is None:
            self.new_rooms.add(room_id)
        elif before.room is not state.room:
            self.edited_rooms.add(room_id)

    def add_membership(self, transition: Transition, asked: RequestToJoin | AcceptInvitation | None) -> None:
        """Add a member to be written; ``asked`` is the person's command, if they asked to join."""
        membership_id = transition.after.snapshot.membership_id
        self.members[membership_id] = transition.after
        if transition.before.status is None:
            self.new_members.add(membership_id)
        if asked:
            self.texts[membership_id] = {"answers": asked.answers or {}, "message": asked.message}

    async def write(self, session: AsyncSession) -> None:
        """Write everything that was noted since the last time."""
        await self._write_rooms(session)
        await self._write_memberships(session)
        for noted in (self.rooms, self.new_rooms, self.edited_rooms, self.members, self.new_members, self.texts):
            noted.clear()

    async def _write_rooms(self, session: AsyncSession) -> None:
        new = [state for room_id, state in self.rooms.items() if room_id in self.new_rooms]
        old = [state for room_id, state in self.rooms.items() if room_id not in self.new_rooms]
        edited = [state for state in old if state.room.room_id in self.edited_rooms]
        await insert_rows(session, _ROOM, [_id(each) | _rules(each) | counts_columns(each) for each in new])
        await update_rows(session, _ROOM, [_id(each) | _rules(each) for each in edited], key="room_id")
        await update_rows(session, _ROOM, [_id(each) | counts_columns(each) for each in old], key="room_id")

    async def _write_memberships(self, session: AsyncSession) -> None:
        """Write old rows first: a person who left and requested again in one batch has one live row at any moment."""
        new, old = self.new_members, self.members.keys() - self.new_members
        changed = [{"membership_id": each} | member_columns(self.members[each]) for each in old]
        asked = [{"membership_id": each} | self.texts[each] for each in old & self.texts.keys()]
        await update_rows(session, _MEMBERSHIP, changed, key="membership_id")
        await update_rows(session, _MEMBERSHIP, asked, key="membership_id")
        added = [_new_row(self.members[each], self.texts.get(each, NO_TEXTS)) for each in new]
        await insert_rows(session, _MEMBERSHIP, added)


def _id(state: RoomState) -> dict[str, Any]:
    return {"room_id": state.room.room_id}


def _rules(state: RoomState) -> dict[str, Any]:
    return rules_columns(state.room)


def _new_row(member: MembershipState, texts: dict[str, Any]) -> dict[str, Any]:
    snapshot = member.snapshot
    about = {"membership_id": snapshot.membership_id, "room_id": snapshot.room_id, "person_id": snapshot.person_id}
    return about | member_columns(member) | texts
