"""Truth at send time: what is known when a letter is about to leave, and whether it still says what is so."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from practio_contracts.membership import Membership, OccupancyChanged, Status
from practio_contracts.rooms import Room
from practio_notifications.letters.kinds import Kind


class SkipReason(StrEnum):
    """Why a letter does not leave."""

    NO_ADDRESS = "no-address"
    PERSON_ERASED = "person-erased"
    ROOM_UNKNOWN = "room-unknown"
    MOVED_ON = "moved-on"
    OFFER_OVER = "offer-over"
    OFFICE_LEFT = "office-left"


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a person, and in which language and time zone to speak of time."""

    display_name: str
    email: str
    locale: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Erased:
    """A person who is to be forgotten."""


Person = Contact | Erased | None
"""None: nobody has told us of this person yet."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a membership stands by the newest fact heard of it."""

    status: Status
    offer_expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known of a letter's reader, of whose way it is, and of the room."""

    reader: Person
    member: Person
    host: Person
    room: Room | None
    standing: Standing | None
    occupancy: OccupancyChanged | None


def skip_reason(
    kind: Kind, told: Membership, reader_id: UUID, situation: Situation, now: datetime
) -> SkipReason | None:
    """Say why a letter of ``kind``, caused by a fact that ``told`` this membership, is not sent; None: it is."""
    if isinstance(situation.reader, Erased) or isinstance(situation.member, Erased):
        return SkipReason.PERSON_ERASED
    if situation.reader is None:
        return SkipReason.NO_ADDRESS
    if situation.room is None:
        return SkipReason.ROOM_UNKNOWN
    if reader_id not in kind.recipients(situation.room, told):
        return SkipReason.OFFICE_LEFT
    return _untrue(kind, told, situation.standing, now)


def _untrue(kind: Kind, told: Membership, standing: Standing | None, now: datetime) -> SkipReason | None:
    offer = kind.true_while is Status.OFFERED
    if standing is None or standing.status is not kind.true_while:
        return SkipReason.OFFER_OVER if offer else SkipReason.MOVED_ON
    if offer and (standing.offer_expires_at != told.offer_expires_at or _is_over(told.offer_expires_at, now)):
        return SkipReason.OFFER_OVER
    return None


def _is_over(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is not None and expires_at <= now
