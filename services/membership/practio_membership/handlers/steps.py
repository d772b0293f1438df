"""The steps that handlers share: overdue state lapses, a decision is applied, free seats are filled."""

from bisect import bisect_left
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal, room_unknown
from practio_contracts.membership import (
    AcceptInvitation,
    BuddyAssigned,
    FillSeats,
    GiveUpPlace,
    Membership,
    RequestToJoin,
)
from practio_contracts.message import Command
from practio_membership.domain import buddies
from practio_membership.domain.changes import Changes, with_each
from practio_membership.domain.decision_context import NOBODY, Decision, DecisionContext
from practio_membership.domain.invitations import lapse_invitation
from practio_membership.domain.invitations_from import gets_seat
from practio_membership.domain.membership_state import MembershipState
from practio_membership.domain.offers import lapse_offer
from practio_membership.domain.room import RoomState, occupancy, open_places
from practio_membership.domain.waitlist import fill
from practio_membership.handlers.scheduling import schedule_timers
from practio_membership.store import Loaded
from practio_membership.store.rows import history_columns
from practio_membership.tables import HISTORY

C = TypeVar("C", bound=Command)
Handler = Callable[[ReceivedMessage[C], MessageContext[Loaded]], Awaitable[Done | Refusal]]

Asked = RequestToJoin | AcceptInvitation
"""The commands with which a person asks to join."""

MOST_AT_ONCE = 200
"""How many people are given a seat in one batch, whatever rooms it is about; the rest follows at once, in the next."""


def handler_of(decide: Callable[[DecisionContext, C], Decision]) -> Handler[C]:
    """Return the handler of a command that depends on the state of the room and the person alone."""

    async def handle(command: ReceivedMessage[C], context: MessageContext[Loaded]) -> Done | Refusal:
        found = await find(command, context)
        if found is None:
            return room_unknown(context.now)
        return await apply_decision(found, decide(found, command.message), found.member, command, context)

    return handle


async def find(command: ReceivedMessage[Any], context: MessageContext[Loaded]) -> DecisionContext | None:
    """Return the room and the person of a command, after overdue state has lapsed; None if the room is not known."""
    room_id, person_id = command.message.room_id, command.message.person_id
    known = context.loaded.state(room_id)
    if known is None:
        return None
    state = await lapse_overdue(known, command, context)
    member = context.loaded.member(room_id, person_id)
    if member and (lapsed := lapse_invitation(member, now=context.now)):
        state = await apply(Changes(state).with_event(member, lapsed), command, context)
        member = context.loaded.member(room_id, person_id)
    return DecisionContext(state, person_id, member, command.actor, context.now)


async def find_room(
    room_id: UUID, command: ReceivedMessage[Any], context: MessageContext[Loaded]
) -> DecisionContext | None:
    """Return the room of a command about several people, after overdue offers have lapsed, with its contested places.

    The context is about nobody. Return None if the room is not known.
    """
    known = context.loaded.state(room_id)
    if known is None:
        return None
    state = await lapse_overdue(known, command, context)
    contested = await context.loaded.contested(state)
    return DecisionContext(state, NOBODY, None, command.actor, context.now, contested)


async def with_contested(found: DecisionContext, context: MessageContext[Loaded]) -> DecisionContext:
    """Add the open places that somebody on the waitlist would take."""
    return replace(found, contested=await context.loaded.contested(found.state))


async def with_people_ahead(found: DecisionContext, context: MessageContext[Loaded]) -> DecisionContext:
    """Add the contested places, and the number of people ahead of the person on the waitlist."""
    if found.member is None:
        return found
    ahead = bisect_left(await context.loaded.keys(found.state), found.member.key)
    return replace(await with_contested(found, context), ahead=ahead)


async def at_the_end(
    found: DecisionContext, person: MembershipState, context: MessageContext[Loaded]
) -> DecisionContext:
    """Add the contested places, and the number of people ahead of a person who comes last of their priority."""
    last = replace(person, number=found.state.last_number + 1)
    ahead = bisect_left(await context.loaded.keys(found.state), last.key)
    return replace(await with_contested(found, context), ahead=ahead)


async def apply_decision(
    found: DecisionContext,
    decision: Decision,
    member: MembershipState | None,
    command: ReceivedMessage[Any],
    context: MessageContext[Loaded],
    asked: Asked | None = None,
) -> Done | Refusal:
    """Apply the decision about ``member``, and answer with the person's new state."""
    if isinstance(decision, Refusal):
        return decision
    if decision:
        assert member is not None
        await apply(Changes(found.state).with_event(member, decision), command, context, asked)
    latest = context.loaded.member(found.state.room.room_id, found.person_id)
    assert latest is not None
    return Done(latest.snapshot, changed=decision is not None)


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
    _record(changes, received, context, asked)
    await _end_buddies(changes, context)
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
        _record(changes, received, context)
        context.loaded.given += len(changes.transitions)
        state = changes.state
    return state


async def _end_buddies(changes: Changes, context: MessageContext[Loaded]) -> None:
    """End the buddies of people who left, and publish it; no query if nobody left a seat."""
    left = buddies.who_left(changes.transitions)
    if not left:
        return
    room_id = changes.state.room.room_id
    for person_id in buddies.ended_by(left, await context.loaded.buddies(room_id)):
        publish_buddy(BuddyAssigned(room_id=room_id, person_id=person_id, buddy_id=None), context)


def publish_buddy(event: BuddyAssigned, context: MessageContext[Loaded]) -> None:
    """Record and publish who is whose buddy; the room is the subject, so that its events stay in order."""
    context.loaded.assign_buddy(event.room_id, event.person_id, event.buddy_id, at=context.now)
    context.publish(event, subject=event.room_id)


def _fill_later(room_id: UUID, context: MessageContext[Loaded]) -> None:
    """Send a command to give the room's free seats in the next batch; once, however many messages leave some."""
    if room_id not in context.loaded.unfilled:
        context.loaded.unfilled.add(room_id)
        context.send_internal(FillSeats(room_id=room_id), subject=room_id)


def _record(
    changes: Changes, received: ReceivedMessage[Any], context: MessageContext[Loaded], asked: Asked | None = None
) -> None:
    """Record changes, publish their events, write the history, and schedule timers."""
    context.loaded.record(changes, received, asked)
    for transition in changes.transitions:
        snapshot = transition.after.snapshot
        context.publish(transition.event, subject=snapshot.membership_id, sequence=snapshot.version)
        context.add_row(HISTORY, history_columns(transition, received))
        schedule_timers(transition, changes.state.room.access, context)
        if gets_seat(transition):
            _give_up_place(snapshot, context)


def _give_up_place(seat: Membership, context: MessageContext[Loaded]) -> None:
    """Send the other room the command to end what the person seeks there; rooms never change each other directly."""
    assert seat.from_room_id
    command = GiveUpPlace(
        room_id=seat.from_room_id, person_id=seat.person_id, to_room_id=seat.room_id, seated_at=seat.since
    )
    context.send_internal(command, subject=seat.from_room_id)


async def finish_batch(context: MessageContext[Loaded]) -> None:
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
