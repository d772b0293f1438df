"""The context of a decision, and the checks that many commands share."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import MembershipEvent
from practio_contracts.rooms import RoomStatus
from practio_membership.domain import refusals
from practio_membership.domain.membership_state import MembershipState
from practio_membership.domain.room import Actor, Place, RoomState, decides

Decision = MembershipEvent | Refusal | None
"""The result of a command: an event, a refusal, or None if nothing has to change."""

NOBODY = UUID(int=0)
"""The person of a context that is about nobody, until each of several people takes their turn."""


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """A room, a person, the actor of the command, and the time (UTC).

    ``member`` is the person's latest membership. ``contested`` are the places that somebody on the waitlist would take;
    ``ahead`` is how many people would be ahead of the person on the waitlist.
    """

    state: RoomState
    person_id: UUID
    member: MembershipState | None
    actor: Actor
    now: datetime
    contested: frozenset[Place] = frozenset()
    ahead: int = 0

    @property
    def by(self) -> str:
        """Return the actor as snapshots have it."""
        return str(self.actor or SYSTEM)


def only_the_person(context: DecisionContext) -> Refusal | None:
    """Refuse an actor who acts for another person."""
    return None if context.actor in (context.person_id, SYSTEM) else refusals.NOT_THE_PERSON


def only_offices(context: DecisionContext) -> Refusal | None:
    """Refuse an actor who holds no office in the room."""
    return None if decides(context.state.room, context.actor) else refusals.NO_OFFICE


def only_the_host(context: DecisionContext) -> Refusal | None:
    """Refuse an actor who is not the room's host."""
    return None if context.actor in (context.state.room.host_id, SYSTEM) else refusals.NOT_THE_HOST


def only_host_or_facilitator(context: DecisionContext) -> Refusal | None:
    """Refuse an actor who is neither host nor facilitator of the room."""
    room = context.state.room
    return None if context.actor in (*room.leading_ids, SYSTEM) else refusals.NOT_LEADING


def only_before_the_end(context: DecisionContext) -> Refusal | None:
    """Refuse commands after the room ended."""
    return None if context.state.has_not_ended else refusals.room_not_open(context.state.room)


def only_if_open(context: DecisionContext) -> Refusal | None:
    """Refuse new requests and invitations to a room that accepts none."""
    room = context.state.room
    return None if room.status is RoomStatus.PUBLISHED else refusals.room_not_open(room)
