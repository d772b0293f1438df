"""What a batch changed, written with a statement a table: object by object would cost as much as all the rest."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import UpdateBase, bindparam, insert, update
from sqlalchemy.orm import Session

from practio_contracts.membership import RequestToJoin
from practio_membership.domain.room import RoomState
from practio_membership.domain.standing import Standing
from practio_membership.store.rows import counts_columns, rules_columns, standing_columns
from practio_membership.tables import metadata

Rows = list[dict[str, Any]]

_ROOM = metadata.tables["room"]
_MEMBERSHIP = metadata.tables["membership"]

_NEW_ROOM = insert(_ROOM)
_OLD_ROOM = update(_ROOM).where(_ROOM.c.room_id == bindparam("which"))
_NEW_MEMBERSHIP = insert(_MEMBERSHIP)
_OLD_MEMBERSHIP = update(_MEMBERSHIP).where(_MEMBERSHIP.c.membership_id == bindparam("which"))


@dataclass(slots=True)
class Changes:
    """Rooms and standings that are not written yet, each as it is by now; ``asked`` are the wishes of new ones."""

    rooms: dict[UUID, RoomState] = field(default_factory=dict)
    new_rooms: set[UUID] = field(default_factory=set)
    edited_rooms: set[UUID] = field(default_factory=set)
    standings: dict[UUID, Standing] = field(default_factory=dict)
    asked: dict[UUID, RequestToJoin] = field(default_factory=dict)

    def note_room(self, state: RoomState, before: RoomState | None) -> None:
        """Have a room written; ``before`` is how it was, None for one that is new."""
        room_id = state.room.room_id
        self.rooms[room_id] = state
        if before is None:
            self.new_rooms.add(room_id)
        elif before.room is not state.room:
            self.edited_rooms.add(room_id)

    def note_standing(self, standing: Standing, asked: RequestToJoin | None) -> None:
        """Have a standing written; ``asked`` is the wish that a new one begins with."""
        self.standings[standing.shown.membership_id] = standing
        if asked:
            self.asked[standing.shown.membership_id] = asked

    def write(self, session: Session) -> None:
        """Write everything that was noted since the last time."""
        for statement, rows in (*self._rooms(), *self._standings()):
            if rows:
                session.execute(statement, rows)
        for noted in (self.rooms, self.new_rooms, self.edited_rooms, self.standings, self.asked):
            noted.clear()

    def _rooms(self) -> Iterator[tuple[UpdateBase, Rows]]:
        new = [state for room_id, state in self.rooms.items() if room_id in self.new_rooms]
        old = [state for room_id, state in self.rooms.items() if room_id not in self.new_rooms]
        edited = [state for state in old if state.room.room_id in self.edited_rooms]
        yield _NEW_ROOM, [{"room_id": each.room.room_id} | _rules(each) | counts_columns(each) for each in new]
        yield _OLD_ROOM, [{"which": each.room.room_id} | _rules(each) for each in edited]
        yield _OLD_ROOM, [{"which": each.room.room_id} | counts_columns(each) for each in old]

    def _standings(self) -> Iterator[tuple[UpdateBase, Rows]]:
        moved = [each for each_id, each in self.standings.items() if each_id not in self.asked]
        yield _NEW_MEMBERSHIP, [_new_row(self.standings[each_id], asked) for each_id, asked in self.asked.items()]
        yield _OLD_MEMBERSHIP, [{"which": each.shown.membership_id} | standing_columns(each) for each in moved]


def _rules(state: RoomState) -> dict[str, Any]:
    return rules_columns(state.room)


def _new_row(standing: Standing, asked: RequestToJoin) -> dict[str, Any]:
    shown = standing.shown
    about = {"membership_id": shown.membership_id, "room_id": shown.room_id, "person_id": shown.person_id}
    return about | standing_columns(standing) | {"answers": asked.answers or {}, "message": asked.message}
