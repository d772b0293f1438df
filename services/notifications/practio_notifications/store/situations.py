"""Situations: the state, at the moment of sending, of everything that letters are about."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.reading import UNREADABLE, readable
from practio_chassis.telemetry.log import failure, logger
from practio_contracts.membership import BuddyAssigned, InvitationDeclined, Status
from practio_contracts.rooms import Announced, Coming, Room, RoomQuiet, SessionOver, SessionScheduled
from practio_notifications.letters.dates import AnnouncedSession
from practio_notifications.letters.kinds import KIND, SESSION_REMINDER, SPONSOR_REPORT, LetterKind
from practio_notifications.letters.quiet_rooms import Quiet
from practio_notifications.letters.relevance import Contact, NewestMembership, Person, Situation
from practio_notifications.letters.session_plans import PlanOfDate, of_people, people_in
from practio_notifications.letters.sponsors import KnownSponsor
from practio_notifications.store.calendar_entries import first_letters
from practio_notifications.store.care import quiet_rooms
from practio_notifications.store.names import named_among
from practio_notifications.store.people import people_of
from practio_notifications.store.projections import rows_of
from practio_notifications.store.room_states import KnownRoom, room_states_of
from practio_notifications.store.seats import seated_among, waiting_among
from practio_notifications.store.session_participation import answers_of, plans_of
from practio_notifications.store.sponsors import known_sponsors
from practio_notifications.tables import LetterRow, MembershipRow

K = TypeVar("K")
V = TypeVar("V")

InRoom = tuple[UUID, UUID]
"""A room and a person."""

AtSession = tuple[UUID, UUID]
"""A session and a person."""

_log = logger(__name__)


async def situations(session: AsyncSession, letters: Sequence[LetterRow], now: datetime) -> list[Situation | None]:
    """Return each letter's situation, in order, with one query per table; None if this release cannot read it.

    A digest's own situation is that of its reader alone: its letters bring their rooms.
    """
    if not letters:
        return []
    abouts = [_about(letter) for letter in letters]
    known = await _load(session, [each for each in abouts if each], now)
    return [known.situation_of(each) if each else None for each in abouts]


@dataclass(frozen=True, slots=True)
class _About:
    """What a letter is about."""

    letter: LetterRow

    @property
    def kind(self) -> LetterKind:
        return KIND[self.letter.kind]

    @property
    def room_id(self) -> UUID | None:
        """Return the room whose state the letter states; a digest states none."""
        return None if self.kind.is_digest else self.letter.room_id

    @property
    def reader(self) -> InRoom | None:
        """Return the reader in the letter's room."""
        return (self.letter.room_id, self.letter.person_id) if self.letter.room_id else None

    @property
    def session_id(self) -> UUID | None:
        """Return the session to which the reader answers: a reminder's, or one that is over."""
        data = self.letter.cause_data or {}
        if self.kind is SESSION_REMINDER:
            return UUID(data["session"]["session_id"]) if "session" in data else None
        return UUID(data["session_id"]) if self.kind.event is SessionOver and "session_id" in data else None

    @property
    def answer(self) -> AtSession | None:
        """Return the session to which the reader answers, with the reader."""
        return (self.session_id, self.letter.person_id) if self.session_id else None

    @property
    def sponsor_id(self) -> UUID | None:
        data = self.letter.cause_data or {}
        return UUID(data["sponsor_id"]) if self.kind is SPONSOR_REPORT and "sponsor_id" in data else None

    def check(self) -> None:
        """Raise one of ``UNREADABLE`` if this release cannot read what the letter is about."""
        _ = (*self.needed, self.sponsor_id, self.is_helper)

    @property
    def needed(self) -> Iterator[Hashable]:
        """Yield the ids of rows without which nothing can be decided about the letter, besides that of its room."""
        yield self.letter.membership_id
        yield self.answer
        if self.kind.event is RoomQuiet:
            yield self.letter.room_id

    @property
    def member(self) -> InRoom | None:
        """Return the member in the letter's room."""
        return (self.letter.room_id, self.letter.member_id) if self.letter.room_id else None

    @property
    def member_may_be_merely_invited(self) -> bool:
        return self.kind.event is InvitationDeclined

    @property
    def is_helper(self) -> bool:
        """Return whether the letter says to its reader that they are the buddy of somebody."""
        buddy_id = (self.letter.cause_data or {}).get("buddy_id")
        return self.kind.event is BuddyAssigned and buddy_id == str(self.letter.person_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Everything that is known for a batch of letters.

    ``unread`` are the ids of memberships, answers and signs that cannot be read.
    """

    rooms: Mapping[UUID, KnownRoom | None]
    people: Mapping[UUID, Person]
    memberships: Mapping[UUID, NewestMembership]
    unread: Collection[Hashable]
    plans: Mapping[UUID, PlanOfDate]
    answers: Mapping[AtSession, Coming]
    seated: Collection[InRoom]
    waiting: Collection[InRoom]
    named: Collection[InRoom]
    entered: Mapping[tuple[UUID, UUID], UUID | None]
    quiet: Mapping[UUID, Quiet]
    sponsors: Mapping[UUID, KnownSponsor]

    def situation_of(self, about: _About) -> Situation | None:
        """Return a letter's situation; None if its room, or another row that decides about it, cannot be read."""
        letter, room_id = about.letter, about.room_id
        state = _in(self.rooms, room_id)
        if (room_id in self.rooms and state is None) or any(each in self.unread for each in about.needed):
            return None
        room = state.room if state else None
        return Situation(
            reader=self.people.get(letter.person_id),
            member=self.people.get(letter.member_id),
            host=self.people.get(room.host_id) if room else None,
            room=room,
            member_state=_in(self.memberships, letter.membership_id),
            occupancy=state.occupancy if state else None,
            seated=room_id is not None and about.reader in self.seated,
            proposed_host_id=state.proposed_host_id if state else None,
            sessions=self._sessions(state, letter),
            unread_sessions=state.unread_sessions if state else (),
            waiting=room_id is not None and about.reader in self.waiting,
            answer=_in(self.answers, about.answer),
            leads=room is not None and letter.person_id in room.leading_ids,
            quiet=_in(self.quiet, room_id),
            sponsor=_in(self.sponsors, about.sponsor_id),
            helps=about.is_helper,
            is_member_named=not about.member_may_be_merely_invited or about.member in self.named,
            plan=self._plan(room, about.session_id),
        )

    def _sessions(self, state: KnownRoom | None, letter: LetterRow) -> tuple[AnnouncedSession, ...]:
        """Return a room's sessions for a letter's reader: a new attempt brings again what only it has brought."""
        if state is None:
            return ()
        before = {
            session_id
            for (person_id, session_id), first in self.entered.items()
            if person_id == letter.person_id and first != letter.letter_id
        }
        return tuple(
            replace(each, is_entered=True) if each.session.session_id in before else each for each in state.sessions
        )

    def _plan(self, room: Room | None, session_id: UUID | None) -> PlanOfDate | None:
        """Return a plan without those who have left the room, or said that they do not come.

        It names its people, but those whom somebody else introduced.
        """
        if room is None or session_id is None or (plan := self.plans.get(session_id)) is None:
            return None
        in_room = {each for each in people_in(plan) if (room.room_id, each) in self.seated} | {*room.office_ids}
        present = of_people(plan, {each for each in in_room if self.answers.get((session_id, each)) is not Coming.NO})
        people = {each: self.people.get(each) for each in people_in(present)}
        shown = {each: who for each, who in people.items() if isinstance(who, Contact) and not who.introduced}
        return replace(present, names=tuple((each, who.display_name) for each, who in shown.items()))


async def _load(session: AsyncSession, letters: Sequence[_About], now: datetime) -> _Known:
    """Return what is known of everything that letters are about, with one query per table; none for no rows."""
    rooms = await room_states_of(session, _given(each.room_id for each in letters), now)
    unread: set[UUID] = set()
    unread_answers: set[AtSession] = set()
    unread_signs: set[UUID] = set()
    ids = _given(each.letter.membership_id for each in letters)
    memberships = readable(
        await rows_of(session, MembershipRow.membership_id, ids), _membership, unread, table="standing"
    )
    plans = await plans_of(session, _given(each.session_id for each in letters))
    parts = [
        (room_id, session_id, person_id)
        for each in letters
        if (room_id := each.letter.room_id) and (session_id := each.session_id) and session_id in plans
        for person_id in people_in(plans[session_id])
    ]
    seated = _given(each.reader for each in letters) | {(room_id, person_id) for room_id, _, person_id in parts}
    asked = _given(each.answer for each in letters) | {(session_id, person_id) for _, session_id, person_id in parts}
    answers = await answers_of(session, asked, unread_answers)
    signs_of = _given(each.room_id for each in letters if each.kind.event is RoomQuiet)
    quiet = await quiet_rooms(session, signs_of, unread_signs)
    return _Known(
        rooms=rooms,
        people=await people_of(session, _people(letters, rooms.values(), plans.values())),
        memberships=memberships,
        unread={*unread, *unread_answers, *unread_signs},
        plans=plans,
        answers=answers,
        seated=await seated_among(session, seated),
        waiting=await waiting_among(session, _given(each.reader for each in letters if each.kind.event is Announced)),
        named=await named_among(session, _given(each.member for each in letters if each.member_may_be_merely_invited)),
        entered=await _entered(session, letters, rooms.values()),
        quiet=quiet,
        sponsors=await known_sponsors(session, _given(each.sponsor_id for each in letters)),
    )


def _about(letter: LetterRow) -> _About | None:
    """Return what a letter is about; None if this release cannot read it."""
    about = _About(letter)
    try:
        about.check()
    except UNREADABLE as error:
        _log.warning("letter not read", letter=str(letter.letter_id), kind=letter.kind, **failure(error))
        return None
    return about


def _people(letters: Sequence[_About], rooms: Iterable[KnownRoom | None], plans: Iterable[PlanOfDate]) -> set[UUID]:
    """Return readers and members of letters, hosts of rooms and people in plans."""
    people = {person_id for each in letters for person_id in (each.letter.person_id, each.letter.member_id)}
    people |= {state.room.host_id for state in rooms if state and state.room}
    return people | {person_id for plan in plans for person_id in people_in(plan)}


async def _entered(
    session: AsyncSession, letters: Sequence[_About], rooms: Iterable[KnownRoom | None]
) -> dict[tuple[UUID, UUID], UUID | None]:
    """Return which letter first brought the readers of letters about scheduled sessions the entry of an added date."""
    readers = {each.letter.person_id for each in letters if each.kind.event is SessionScheduled}
    added = {each.session.session_id for state in rooms if state for each in state.sessions if each.was_added}
    return await first_letters(session, readers, added)


def _membership(row: MembershipRow) -> NewestMembership:
    return NewestMembership(Status(row.status), row.offer_expires_at, row.role, row.was_joined)


def _given(values: Iterable[V | None]) -> set[V]:
    """Return those of ``values`` that are not None."""
    return {each for each in values if each is not None}


def _in(found: Mapping[K, V], key: K | None) -> V | None:
    return None if key is None else found.get(key)
