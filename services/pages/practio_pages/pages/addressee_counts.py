"""How many people get a letter that goes to everybody in a room. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.membership import Roster, Status
from practio_contracts.rooms import Addressees, Room


@dataclass(frozen=True, slots=True)
class AddresseeCounts:
    """How many people a letter goes to, by to whom; empty while membership does not know the room."""

    counts: Mapping[Addressees, int] = field(default_factory=dict)

    @classmethod
    def of(cls, roster: Roster | Refusal, room: Room, author: UUID) -> "AddresseeCounts":
        """Return the numbers of a roster, with those who run the room, who need no seat; without the author."""
        if isinstance(roster, Refusal):
            return cls()
        offices = {*room.office_ids} - {author}
        seated, offered, waiting = (
            roster.counts.get(each, 0) for each in (Status.JOINED, Status.OFFERED, Status.WAITLISTED)
        )
        inside = seated + len(offices)
        return cls({Addressees.JOINED: inside, Addressees.EVERYBODY: inside + offered + waiting})
