"""Relevance: whether a letter that is about to leave is still true, by the state that is known then."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from practio_contracts.membership import (
    BuddyAssigned,
    Ended,
    Invited,
    MembershipEvent,
    OccupancyChanged,
    RoleChanged,
    SeatOffered,
    Status,
)
from practio_contracts.rooms import (
    ENDED_ROOM,
    Coming,
    HandOverProposed,
    HostChanged,
    Office,
    OfficeChanged,
    Room,
    RoomEvent,
    RoomQuiet,
    RoomRevised,
    RoomStatus,
    SessionAtRisk,
    SessionCancelled,
    SessionEvent,
    SessionOver,
    SessionRescheduled,
    SessionRevised,
    SessionScheduled,
    SessionStatus,
    Sign,
    SponsorReported,
)
from practio_notifications.letters.calendar_changes import renames_room, still_holds
from practio_notifications.letters.dates import AnnouncedSession, session_with_id, sessions_of
from practio_notifications.letters.kinds import SESSION_REMINDER, LetterKind
from practio_notifications.letters.links import LinkCause
from practio_notifications.letters.quiet_rooms import Quiet, still_seen
from practio_notifications.letters.recipients import TO_MANY, Audience, BareEvent, Cause
from practio_notifications.letters.session_plans import PlanOfDate
from practio_notifications.letters.sponsors import KnownSponsor
from practio_notifications.letters.unread_sessions import UnreadSession

LOOKED_BACK_FOR = timedelta(days=7)
"""How long after a session its letters still leave: after that, nobody remembers what to write down."""


class SkipReason(StrEnum):
    """Why a letter does not leave."""

    NO_ADDRESS = "no-address"
    PERSON_ERASED = "person-erased"
    ROOM_UNKNOWN = "room-unknown"
    MOVED_ON = "moved-on"
    OFFER_OVER = "offer-over"
    INVITATION_OVER = "invitation-over"
    OFFICE_LEFT = "office-left"
    ROOM_LEFT = "room-left"
    SESSION_OVER = "session-over"
    TOLD_WITH_THE_ROOM = "told-with-the-room"
    NOTHING_LEFT = "nothing-left"
    SAID_NO = "said-no"
    ROOM_AWAKE = "room-awake"
    NO_DELEGATE = "no-delegate"


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a person, in which language and time zone to speak of time, and the version of their links.

    ``introduced``: by somebody else, so that their name is shown to nobody but themselves. It may be empty.
    """

    display_name: str
    email: str
    locale: str
    time_zone: str
    link_version: int = 0
    introduced: bool = False


@dataclass(frozen=True, slots=True)
class Erased:
    """A person who has been erased."""


Person = Contact | Erased | None
"""None: the directory has not published this person yet."""


@dataclass(frozen=True, slots=True)
class NewestMembership:
    """A membership's state by its newest event; ``was_joined``: it had a seat at some time."""

    status: Status
    offer_expires_at: datetime | None = None
    role: str | None = None
    was_joined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The state of a letter's reader, of the member it is about, and of the room.

    ``room`` is None if it is not known, or if the letter is about no room. ``seated``: the reader has a seat in the
    room, or had one until it ended. ``proposed_host_id`` may accept to become the host. ``sessions`` are the room's
    that are not over, ``unread_sessions`` those of them that this release cannot read. ``waiting``: the reader has an
    offer, or is on the waitlist. ``answer`` is whether the reader comes to the session that the letter is about,
    ``plan`` what is planned for it. ``leads``: the reader is the host or a facilitator, who plan sessions. ``quiet``
    are the signs that the room is, if it is. ``sponsor`` is the one that the letter is about. ``helps``: the reader is
    the buddy of the other person, not the one who has a buddy. ``is_member_named``: the reader may learn the name of
    the member that the letter is about.
    """

    reader: Person
    member: Person
    host: Person
    room: Room | None
    member_state: NewestMembership | None
    occupancy: OccupancyChanged | None
    seated: bool = False
    proposed_host_id: UUID | None = None
    sessions: tuple[AnnouncedSession, ...] = ()
    unread_sessions: tuple[UnreadSession, ...] = ()
    waiting: bool = False
    answer: Coming | None = None
    plan: PlanOfDate | None = None
    leads: bool = False
    quiet: Quiet | None = None
    sponsor: KnownSponsor | None = None
    helps: bool = False
    is_member_named: bool = True

    @property
    def signs(self) -> tuple[Sign, ...]:
        """Return the signs that the room is quiet which are still true; a session that is not read may come."""
        coming = bool(self.unread_sessions) or any(
            each.session.status is SessionStatus.SCHEDULED for each in self.sessions
        )
        pending = self.occupancy.pending if self.occupancy else None
        has_host = not isinstance(self.host, Erased)
        return still_seen(self.quiet, has_coming=coming, pending=pending, has_host=has_host)


def skip_reason(
    kind: LetterKind, event: Cause, cause_id: UUID, reader_id: UUID, situation: Situation, now: datetime
) -> SkipReason | None:
    """Return why a letter of ``kind``, caused by ``event``, is not sent; None: it is sent."""
    if isinstance(situation.reader, Erased) or isinstance(situation.member, Erased):
        return SkipReason.PERSON_ERASED
    if situation.reader is None:
        return SkipReason.NO_ADDRESS
    if isinstance(event, LinkCause | SponsorReported):
        return _outdated_without_room(event, reader_id, situation)
    if situation.room is None:
        return SkipReason.ROOM_UNKNOWN
    own = frozenset({reader_id})
    nobody: frozenset[UUID] = frozenset()
    audience = Audience(situation.room, own if situation.seated else nobody, own if situation.waiting else nobody)
    if reader_id not in kind.recipients(audience, event):
        return _addressed_no_longer(kind, event)
    if isinstance(event, MembershipEvent):
        return _outdated_for_person(event, situation.member_state, now)
    if kind is SESSION_REMINDER and isinstance(event, SessionEvent):
        if not _is_coming(event.session.session_id, event.session.starts_at, situation, now):
            return SkipReason.SESSION_OVER
        return SkipReason.SAID_NO if situation.answer is Coming.NO else None
    if isinstance(event, BareEvent):
        return _outdated_in_room(event, reader_id, situation, now)
    return _outdated_for_room(event, cause_id, reader_id, situation, now)


def _addressed_no_longer(kind: LetterKind, event: Cause) -> SkipReason:
    if isinstance(event, BuddyAssigned):  # the pair is over, or another one
        return SkipReason.MOVED_ON
    return SkipReason.ROOM_LEFT if kind.recipients in TO_MANY else SkipReason.OFFICE_LEFT


def _outdated_without_room(
    event: LinkCause | SponsorReported, reader_id: UUID, situation: Situation
) -> SkipReason | None:
    """Return why a letter about no room is not sent: a report is for the sponsor's delegates."""
    if isinstance(event, LinkCause):
        return None
    is_delegate = situation.sponsor is not None and reader_id in situation.sponsor.delegate_ids
    return None if is_delegate else SkipReason.NO_DELEGATE


def is_in(reader_id: UUID, situation: Situation) -> bool:
    """Return whether a letter's reader has a seat or an office in the room."""
    return situation.seated or (situation.room is not None and reader_id in situation.room.office_ids)


def _outdated_for_person(
    event: MembershipEvent, membership: NewestMembership | None, now: datetime
) -> SkipReason | None:
    announced = event.membership
    stands = membership is not None and membership.status is announced.status
    match event:
        case SeatOffered():
            same = membership is not None and membership.offer_expires_at == announced.offer_expires_at
            return None if stands and same and not _is_over(announced.offer_expires_at, now) else SkipReason.OFFER_OVER
        case Invited() if stands and _is_over(announced.invitation_expires_at, now):
            return SkipReason.INVITATION_OVER
        case RoleChanged() if membership is not None and membership.role != announced.role:
            return SkipReason.MOVED_ON
        case Ended() if membership is not None and membership.was_joined:
            return SkipReason.TOLD_WITH_THE_ROOM
        case _:
            return None if stands else SkipReason.MOVED_ON


def _outdated_for_room(
    event: RoomEvent, cause_id: UUID, reader_id: UUID, situation: Situation, now: datetime
) -> SkipReason | None:
    room, in_room = situation.room, is_in(reader_id, situation)
    assert room is not None
    listed = sessions_of(event, cause_id, situation.sessions, in_room=in_room, now=now)
    match event:
        case SessionScheduled() | SessionRescheduled() | SessionRevised() | SessionCancelled():
            true = bool(listed)
        case RoomRevised() if renames_room(event) and not listed:
            return SkipReason.NOTHING_LEFT
        case RoomRevised():
            true = still_holds(event, room) and room.status not in ENDED_ROOM
        case OfficeChanged():
            true = (event.person_id in _holders(room, event.office)) is event.appointed
        case HandOverProposed():
            true = situation.proposed_host_id == event.person_id
        case HostChanged():
            true = room.host_id == event.person_id
        case _:
            true = room.status is event.room.status
    return None if true else SkipReason.MOVED_ON


def _outdated_in_room(event: BareEvent, reader_id: UUID, situation: Situation, now: datetime) -> SkipReason | None:
    """Return why a letter about a session as people live it, a host's word, a quiet room or a buddy is not sent.

    Who said that they do not come has nothing to look back on, and a room that is over takes no feedback; the host
    records the attendance all the same.
    """
    assert situation.room is not None
    match event:
        case SessionAtRisk():
            coming = _is_coming(event.session_id, event.starts_at, situation, now)
            return None if coming else SkipReason.SESSION_OVER
        case RoomQuiet():
            is_open = situation.room.status is RoomStatus.PUBLISHED
            return None if is_open and situation.signs else SkipReason.ROOM_AWAKE
        case BuddyAssigned():
            return None if situation.seated else SkipReason.ROOM_LEFT
        case SessionOver() if event.ended_at + LOOKED_BACK_FOR <= now:
            return SkipReason.MOVED_ON
        case SessionOver() if situation.room.status in ENDED_ROOM and reader_id != situation.room.host_id:
            return SkipReason.MOVED_ON
        case SessionOver() if situation.answer is Coming.NO and reader_id != situation.room.host_id:
            return SkipReason.SAID_NO
        case _:
            return None


def _holders(room: Room, office: Office) -> list[UUID]:
    return room.facilitator_ids if office is Office.FACILITATOR else room.steward_ids


def _is_coming(session_id: UUID, starts_at: datetime, situation: Situation, now: datetime) -> bool:
    """Return whether a session that a letter announces will still begin at that time."""
    return any(
        session.status is SessionStatus.SCHEDULED and session.starts_at == starts_at > now
        for session in session_with_id(session_id, situation.sessions)
    )


def _is_over(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is not None and expires_at <= now
