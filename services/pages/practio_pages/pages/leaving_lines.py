"""What a person is in, and the command by which they leave each of it. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.answers import Refusal
from practio_contracts.membership import Membership, Withdraw
from practio_contracts.rooms import DeclineHandOver, Dismiss, Office, OwnOffice, OwnRoom, ProposedHandOver, RoomStatus

LeavingCommand = Withdraw | Dismiss | DeclineHandOver
_FIELD = "leave"
_MEMBERSHIP = "membership"
_HAND_OVER = "hand-over"


@dataclass(frozen=True, slots=True)
class LeavingLine:
    """One thing to leave in a room: the membership with its status, an office, or a proposal to become the host."""

    room_id: UUID
    held_as: str
    title: str | None

    @property
    def field(self) -> str:
        """Return the name of the form's field that stands for the line."""
        kind = self.held_as if self.held_as in (*Office, _HAND_OVER) else _MEMBERSHIP
        return f"{_FIELD}.{self.room_id}.{kind}"


@dataclass(frozen=True, slots=True)
class HostedRoom:
    """A room that stays, since a room is never without a host; ``desk`` is the path of its desk."""

    title: str
    is_draft: bool
    desk: str


@dataclass(frozen=True, slots=True)
class LeavingOutcome:
    """What came of a line; ``held_as`` is the membership's status, ``refusal`` why it was refused."""

    title: str | None
    office: str | None
    held_as: str
    refusal: Refusal | None


def lines_of(
    hand_overs: Iterable[ProposedHandOver],
    own: Sequence[OwnRoom],
    memberships: Iterable[Membership],
    titles: Mapping[UUID, str],
) -> list[LeavingLine]:
    """Return what there is to leave: proposals to become the host first, then offices under it, then memberships.

    ``titles`` are those of the memberships' rooms.
    """
    proposals = [LeavingLine(each.room_id, _HAND_OVER, each.title) for each in hand_overs]
    offices = [
        LeavingLine(each.room.room_id, each.office, each.room.title)
        for each in own
        if each.office in (OwnOffice.FACILITATOR, OwnOffice.STEWARD)
    ]
    return [
        *proposals,
        *offices,
        *(LeavingLine(each.room_id, each.status, titles.get(each.room_id)) for each in memberships),
    ]


def hosted_in(own: Iterable[OwnRoom], desk_of: Callable[[UUID], str]) -> list[HostedRoom]:
    """Return the rooms that the person hosts; ``desk_of`` returns the path of a room's desk."""
    return [
        HostedRoom(each.room.title, each.room.status is RoomStatus.DRAFT, desk_of(each.room.room_id))
        for each in own
        if each.office is OwnOffice.HOST
    ]


def commands_in(fields: Mapping[str, str], person_id: UUID) -> list[tuple[LeavingCommand, str]]:
    """Return the command of each line among the fields of a form, by their names, with what the field says they are."""
    return [(command, held_as) for name, held_as in fields.items() if (command := _command(name, person_id))]


def _command(name: str, person_id: UUID) -> LeavingCommand | None:
    match name.split("."):
        case [field, room, what] if field == _FIELD:
            return _command_about({"room_id": room, "person_id": person_id}, what)
        case _:
            return None


def _command_about(about: Mapping[str, object], what: str) -> LeavingCommand | None:
    try:
        if what == _MEMBERSHIP:
            return Withdraw.model_validate(about)
        if what == _HAND_OVER:
            return DeclineHandOver.model_validate(about)
        return Dismiss.model_validate({**about, "office": what})
    except ValidationError:
        return None
