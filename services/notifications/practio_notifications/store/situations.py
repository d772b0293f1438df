"""Situations: the state, at the moment of sending, of everything that letters are about."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_contracts.membership import BuddyAssigned, InvitationDeclined, OccupancyChanged, Status
from practio_contracts.rooms import Announced, Coming, Room, RoomQuiet, Session, SessionOver, SessionScheduled
from practio_notifications.letters.dates import AnnouncedSession
from practio_notifications.letters.kinds import KIND, SESSION_REMINDER, SPONSOR_REPORT
from practio_notifications.letters.recipients import offices
from practio_notifications.letters.relevance import Contact, Erased, MembershipState, Person, Situation
from practio_notifications.letters.session_plans import PlanOfDate, of_people, people_in
from practio_notifications.store.calendar_entries import first_letters
from practio_notifications.store.care import quiet_rooms
from practio_notifications.store.erased import erased_people
from practio_notifications.store.lived_sessions import answers_of, plans_of
from practio_notifications.store.names import named_among
from practio_notifications.store.projections import rows_of
from practio_notifications.store.reading import readable
from practio_notifications.store.seats import seated_among, waiting_among
from practio_notifications.store.sponsors import known_sponsors
from practio_notifications.tables import ContactRow, LetterRow, MembershipRow, OccupancyRow, RoomRow, SessionRow

V = TypeVar("V")


async def situations(session: AsyncSession, letters: Sequence[LetterRow], now: datetime) -> list[Situation | None]:
    """Return each letter's situation, in order, with one query per table; None if this release cannot read it.

    A digest's own situation is that of its reader alone: its letters bring their rooms.
    """
    if not letters:
        return []
    unread: set[UUID] = set()
    room_of = {each.letter_id: None if KIND[each.kind].is_digest else each.room_id for each in letters}
    room_ids = {room_id for room_id in room_of.values() if room_id}
    found = await rows_of(session, RoomRow.room_id, room_ids)
    rooms = readable(found, lambda row: Room.model_validate(row.snapshot), unread)
    sponsors = await known_sponsors(session, {each for letter in letters if (each := _sponsor_of(letter))})
    about = {each.letter_id: session_id for each in letters if (session_id := _session_of(each))}
    plans = await plans_of(session, about.values())
    planned = {person_id for plan in plans.values() for person_id in people_in(plan)}
    hosts = {room.host_id for room in rooms.values()}
    readers = {person_id for letter in letters for person_id in (letter.person_id, letter.member_id)}
    contacts = await rows_of(session, ContactRow.person_id, readers | hosts | planned)
    erased = await erased_people(session, readers | hosts | planned)
    ways = {letter.membership_id for letter in letters if letter.membership_id}
    memberships = readable(await rows_of(session, MembershipRow.membership_id, ways), _membership, unread)
    occupancies = readable(await rows_of(session, OccupancyRow.room_id, room_ids), _occupancy, unread)
    parts = {
        (letter.room_id, session_id, person_id)
        for letter in letters
        if letter.room_id and (session_id := about.get(letter.letter_id)) and session_id in plans
        for person_id in people_in(plans[session_id])
    }
    readers_in = {(each.room_id, each.person_id) for each in letters if each.room_id}
    seated = await seated_among(session, readers_in | {(room_id, person_id) for room_id, _, person_id in parts})
    waiting = await waiting_among(
        session, ((each.room_id, each.person_id) for each in letters if each.room_id and _may_wait(each))
    )
    asked = {(about[each.letter_id], each.person_id) for each in letters if each.letter_id in about}
    answers = await answers_of(session, asked | {(session_id, person_id) for _, session_id, person_id in parts})
    found_sessions = await _sessions(session, room_ids, now)
    sessions = readable(found_sessions, _announced, unread)
    entered = await _entered(session, letters, found_sessions.values())

    named = await named_among(
        session, {(each.room_id, each.member_id) for each in letters if each.room_id and _is_declined_invitation(each)}
    )
    quiet = await quiet_rooms(
        session, {each.room_id for each in letters if each.room_id and KIND[each.kind].event is RoomQuiet}
    )

    def present_plan(room: Room | None, session_id: UUID | None) -> PlanOfDate | None:
        """Return a plan without those who have left the room, or said that they do not come."""
        if room is None or session_id is None or (plan := plans.get(session_id)) is None:
            return None
        in_room = {each for each in people_in(plan) if (room.room_id, each) in seated} | {*offices(room)}
        return of_people(plan, {each for each in in_room if answers.get((session_id, each)) is not Coming.NO})

    def situation(letter: LetterRow) -> Situation | None:
        room_id = room_of[letter.letter_id]
        if unread & {room_id, letter.membership_id}:
            return None
        room = _in(rooms, room_id)
        return Situation(
            reader=_person(letter.person_id, contacts, erased),
            member=_person(letter.member_id, contacts, erased),
            host=_person(room.host_id, contacts, erased) if room else None,
            room=room,
            member_state=_in(memberships, letter.membership_id),
            occupancy=_in(occupancies, room_id),
            seated=(room_id, letter.person_id) in seated,
            proposed_host_id=found[room.room_id].proposed_host_id if room else None,
            sessions=_for_reader(_in(sessions, room_id) or (), letter, entered),
            waiting=(room_id, letter.person_id) in waiting,
            answer=answers.get((about[letter.letter_id], letter.person_id)) if letter.letter_id in about else None,
            leads=room is not None and letter.person_id in (room.host_id, *room.facilitator_ids),
            quiet=_in(quiet, room_id),
            sponsor=_in(sponsors, _sponsor_of(letter)),
            helps=_helps(letter),
            is_member_named=not _is_declined_invitation(letter) or (letter.room_id, letter.member_id) in named,
            plan=_named(present_plan(room, about.get(letter.letter_id)), contacts, erased),
        )

    return [situation(letter) for letter in letters]


def _helps(letter: LetterRow) -> bool:
    """Return whether a letter tells its reader that they are the buddy of somebody."""
    is_about_buddies = KIND[letter.kind].event is BuddyAssigned
    return is_about_buddies and (letter.cause_data or {}).get("buddy_id") == str(letter.person_id)


def _session_of(letter: LetterRow) -> UUID | None:
    """Return the session that a letter is about, if people answer to it: a reminder's, or one that is over."""
    data = letter.cause_data or {}
    if KIND[letter.kind] is SESSION_REMINDER:
        return UUID(data["session"]["session_id"]) if "session" in data else None
    return UUID(data["session_id"]) if KIND[letter.kind].event is SessionOver and "session_id" in data else None


def _sponsor_of(letter: LetterRow) -> UUID | None:
    """Return the sponsor that a letter is about, if it is about one."""
    data = letter.cause_data or {}
    return UUID(data["sponsor_id"]) if KIND[letter.kind] is SPONSOR_REPORT and "sponsor_id" in data else None


def _is_declined_invitation(letter: LetterRow) -> bool:
    """Return whether a letter is about a person who may have been merely invited."""
    return KIND[letter.kind].event is InvitationDeclined


def _may_wait(letter: LetterRow) -> bool:
    return KIND[letter.kind].event is Announced


def _named(plan: PlanOfDate | None, contacts: Mapping[UUID, ContactRow], erased: Collection[UUID]) -> PlanOfDate | None:
    """Return a plan with the names of its people, but those whom somebody else introduced: they are in the room."""
    if plan is None:
        return None
    people = {each: _person(each, contacts, erased) for each in people_in(plan)}
    shown = {each: who for each, who in people.items() if isinstance(who, Contact) and not who.introduced}
    return replace(plan, names=tuple((each, who.display_name) for each, who in shown.items()))


def _in(found: Mapping[UUID, V], identity: UUID | None) -> V | None:
    return found.get(identity) if identity else None


async def _sessions(session: AsyncSession, room_ids: set[UUID], now: datetime) -> dict[UUID, list[SessionRow]]:
    wanted = select(SessionRow).where(one_of(SessionRow.room_id, room_ids), SessionRow.ends_at > now)
    found: dict[UUID, list[SessionRow]] = {}
    for row in await session.scalars(wanted):
        found.setdefault(row.room_id, []).append(row)
    return found


def _announced(rows: Sequence[SessionRow]) -> tuple[AnnouncedSession, ...]:
    return tuple(AnnouncedSession(Session.model_validate(row.snapshot), row.cause_id, row.was_added) for row in rows)


async def _entered(
    session: AsyncSession, letters: Sequence[LetterRow], rooms: Iterable[Sequence[SessionRow]]
) -> dict[tuple[UUID, UUID], UUID | None]:
    """Return which letter first brought the readers of letters about scheduled sessions the entry of an added date."""
    readers = {letter.person_id for letter in letters if KIND[letter.kind].event is SessionScheduled}
    added = {row.session_id for rows in rooms for row in rows if row.was_added}
    return await first_letters(session, readers, added)


def _for_reader(
    sessions: tuple[AnnouncedSession, ...], letter: LetterRow, entered: Mapping[tuple[UUID, UUID], UUID | None]
) -> tuple[AnnouncedSession, ...]:
    """Return a room's sessions as the letter's reader has them: a new attempt brings again what only it has brought."""
    own = ((session_id, first) for (person_id, session_id), first in entered.items() if person_id == letter.person_id)
    before = {session_id for session_id, first in own if first != letter.letter_id}
    return (
        tuple(replace(each, is_entered=each.session.session_id in before) for each in sessions) if before else sessions
    )


def _person(person_id: UUID, contacts: Mapping[UUID, ContactRow], erased: Collection[UUID]) -> Person:
    row = contacts.get(person_id)
    if person_id in erased:
        return Erased()
    if row is None or row.display_name is None or row.email is None or row.locale is None or row.time_zone is None:
        return None
    return Contact(row.display_name, row.email, row.locale, row.time_zone, row.link_version, introduced=row.introduced)


def _membership(row: MembershipRow) -> MembershipState:
    return MembershipState(Status(row.status), row.offer_expires_at, row.role, row.was_joined)


def _occupancy(row: OccupancyRow) -> OccupancyChanged:
    return OccupancyChanged.model_validate(row.event_data)
