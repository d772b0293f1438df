"""The table from fact to letter: one row a kind (notifications.md, From fact to letter)."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from practio_contracts.membership import (
    Declined,
    Joined,
    Membership,
    MembershipFact,
    Requested,
    SeatOffered,
    Status,
    Waitlisted,
    Withdrawn,
)
from practio_contracts.rooms import Room


class Category(StrEnum):
    """What a person may decide about a letter: transactional ones always come."""

    TRANSACTIONAL = "transactional"
    DIGEST = "digest"


def host_and_offices(room: Room) -> list[UUID]:
    """Give who decides on a room's requests: host, facilitators and stewards, each once."""
    return list(dict.fromkeys([room.host_id, *room.facilitator_ids, *room.steward_ids]))


def _person(_room: Room, membership: Membership) -> list[UUID]:
    return [membership.person_id]


def _deciders(room: Room, _membership: Membership) -> list[UUID]:
    return host_and_offices(room)


Recipients = Callable[[Room, Membership], list[UUID]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of letter; its template has its name.

    What it says is true while the membership is ``true_while``. ``confirms`` tells people what they did themselves;
    without it, whoever did it gets no letter.
    """

    name: str
    fact: type[MembershipFact]
    recipients: Recipients
    category: Category
    true_while: Status
    confirms: bool = False


_TO_PERSON = (_person, Category.TRANSACTIONAL)

KINDS = (
    Kind("requested", Requested, *_TO_PERSON, Status.REQUESTED, confirms=True),
    Kind("request-to-decide", Requested, _deciders, Category.DIGEST, Status.REQUESTED),
    Kind("joined", Joined, *_TO_PERSON, Status.JOINED, confirms=True),
    Kind("waitlisted", Waitlisted, *_TO_PERSON, Status.WAITLISTED, confirms=True),
    Kind("seat-offered", SeatOffered, *_TO_PERSON, Status.OFFERED, confirms=True),
    Kind("declined", Declined, *_TO_PERSON, Status.DECLINED, confirms=True),
    Kind("withdrawn", Withdrawn, *_TO_PERSON, Status.WITHDRAWN, confirms=True),
)

KIND = {kind.name: kind for kind in KINDS}
