"""How every message begins and ends: offers that are over, the change itself, ``fill``; and how a batch ends."""

from typing import Any
from uuid import UUID

from practio_chassis.context import MessageContext
from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.membership import AcceptInvitation, FillSeats, RequestToJoin
from practio_membership.domain.changes import Changes, Transition, with_each
from practio_membership.domain.offers import lapse_offer
from practio_membership.domain.room import RoomState, occupancy, open_places
from practio_membership.domain.waitlist import fill
from practio_membership.handlers.clock import schedule_timers
from practio_membership.store import Loaded
from practio_membership.tables import HISTORY

Asked = RequestToJoin | AcceptInvitation
"""The commands with which a person asks to join."""

MOST_AT_ONCE = 200
"""How many people are given a seat in one batch, whatever rooms it is about; the rest follows at once, in the next."""


async def publish_occupancy(context: MessageContext[Loaded]) -> None:
    """End a batch: publish the occupancy of each room in which it has changed, and write all changes."""
    for state, cause in context.loaded.occupancies_to_publish():
        context.publish(
            occupancy(state),
            subject=state.room.room_id,
            sequence=state.occupancy_sequence,
            correlationid=cause.envelope.correlationid or str(cause.envelope.id),
            causationid=str(cause.envelope.id),
        )
    await context.loaded.write()


async def lapse_overdue(state: RoomState, received: ReceivedMessage[Any], context: MessageContext[Loaded]) -> RoomState:
    """Lapse the room's overdue offers and give their seats on: correctness never waits for a timer.

    If the room has ended, no seat is given on; its offers end with everything else.
    """
    if not state.has_not_ended:
        return state
    after_lapse = state.room.access.waitlist.after_lapse
    over = context.loaded.over(state.room.room_id)
    changes = with_each(Changes(state), over, lambda _, each: lapse_offer(each, after_lapse, now=context.now))
    return await apply(changes, received, context) if changes.transitions else state


async def apply(
    changes: Changes, received: ReceivedMessage[Any], context: MessageContext[Loaded], asked: Asked | None = None
) -> RoomState:
    """Record and publish changes, and give free seats to the waitlist; return the room after it.

    ``asked`` is the command of the one person whom the changes are about, if they asked to join.
    """
    _keep(changes, received, context, asked)
    state = changes.state
    while state.waiting and state.serves_its_waitlist and open_places(state):
        left = MOST_AT_ONCE - context.loaded.given
        if not left:
            _fill_later(state.room.room_id, context)
            break
        front = await context.loaded.front(state, most=min(left, state.free))
        changes = fill(state, front, now=context.now)
        if not changes.transitions:
            break
        _keep(changes, received, context)
        context.loaded.given += len(changes.transitions)
        state = changes.state
    return state


def _fill_later(room_id: UUID, context: MessageContext[Loaded]) -> None:
    """Send a command to give the room's free seats in the next batch; once, however many messages leave some."""
    if room_id not in context.loaded.unfilled:
        context.loaded.unfilled.add(room_id)
        context.send_internal(FillSeats(room_id=room_id), subject=room_id)


def _keep(
    changes: Changes, received: ReceivedMessage[Any], context: MessageContext[Loaded], asked: Asked | None = None
) -> None:
    context.loaded.record(changes, received, asked)
    for transition in changes.transitions:
        snapshot = transition.after.snapshot
        context.publish(transition.event, subject=snapshot.membership_id, sequence=snapshot.version)
        context.add_row(HISTORY, _history(transition, received))
        schedule_timers(transition, changes.state.room.access, context)


def _history(transition: Transition, received: ReceivedMessage[Any]) -> dict[str, Any]:
    snapshot = transition.after.snapshot
    return {
        "membership_id": snapshot.membership_id,
        "room_id": snapshot.room_id,
        "person_id": snapshot.person_id,
        "at": snapshot.since,
        "by": snapshot.by,
        "account": received.account,
        "from_status": transition.before.status and transition.before.status.value,
        "to_status": snapshot.status.value,
        "fact": transition.event.routing_key,
        "reason": snapshot.reason,
        "message_id": str(received.envelope.id),
    }
