"""Locking and loading what a batch of messages concerns, with one query per table."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.sql import one_of
from practio_contracts.message import Message
from practio_contracts.people import PersonErased
from practio_contracts.rooms import CopyRoom, CreateRoom, RoomStatus
from practio_rooms.store.agendas import load_agendas
from practio_rooms.store.attending import EndedAnswers
from practio_rooms.store.feedback import load_feedback
from practio_rooms.store.loaded import Loaded
from practio_rooms.store.membership_timeline import TimelineBatch
from practio_rooms.store.notes import load_notes, rooms_of_notes
from practio_rooms.store.people import load_people
from practio_rooms.store.sponsors import load_sponsors, rooms_that_follow
from practio_rooms.tables import DiscardedDraftRow, RoomRow


async def load(session: AsyncSession, batch: Sequence[ReceivedMessage[Any]], now: datetime) -> Loaded:
    """Lock in the order of ids, and load, what the messages concern, with one query per table."""
    messages = [received.message for received in batch]
    rooms = await _rooms(session, messages)
    created = {room_id for message in messages if (room_id := _created_by(message))} - rooms.keys()
    return Loaded(
        session,
        rooms,
        await _discarded(session, created),
        await load_agendas(session, messages, besides=_of_erased(rooms, messages)),
        TimelineBatch(),
        await load_feedback(session, batch),
        await load_notes(session, batch),
        await load_people(session, messages),
        EndedAnswers(),
        await load_sponsors(session, messages),
    )


def _created_by(message: Message) -> UUID | None:
    match message:
        case CreateRoom():
            return message.room_id
        case CopyRoom():
            return message.new_room_id
        case _:
            return None


async def _rooms(session: AsyncSession, messages: Sequence[Message]) -> dict[UUID, RoomRow]:
    room_ids = {room_id for message in messages if (room_id := getattr(message, "room_id", None))}
    room_ids |= {message.new_room_id for message in messages if isinstance(message, CopyRoom)}
    room_ids |= await rooms_of_notes(session, messages)
    room_ids |= await rooms_that_follow(session, messages)
    erased = {message.person_id for message in messages if isinstance(message, PersonErased)}
    wanted: list[ColumnElement[bool]] = []
    if room_ids:
        wanted.append(one_of(RoomRow.room_id, room_ids))
    if erased:
        wanted += [RoomRow.office_ids.overlap(erased), one_of(RoomRow.proposed_host_id, erased)]
    if not wanted:
        return {}
    rows = await session.scalars(select(RoomRow).where(or_(*wanted)).order_by(RoomRow.room_id).with_for_update())
    return {row.room_id: row for row in rows}


def _of_erased(rooms: Mapping[UUID, RoomRow], messages: Sequence[Message]) -> Set[UUID]:
    """Return the drafts of people who are erased: they may be discarded."""
    erased = {message.person_id for message in messages if isinstance(message, PersonErased)}
    return {
        each.room_id for each in rooms.values() if each.status == RoomStatus.DRAFT and erased & set(each.office_ids)
    }


async def _discarded(session: AsyncSession, room_ids: Set[UUID]) -> dict[UUID, str]:
    if not room_ids:
        return {}
    rows = await session.scalars(select(DiscardedDraftRow).where(one_of(DiscardedDraftRow.room_id, room_ids)))
    return {row.room_id: row.asked for row in rows}
