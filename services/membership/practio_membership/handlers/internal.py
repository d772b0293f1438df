"""Handlers of internal commands: due timers, and seats still to be given."""

from collections.abc import Callable
from typing import Any

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal, room_unknown
from practio_contracts.membership import (
    LIVE,
    EndMemberships,
    FillSeats,
    GiveUpPlace,
    LapseInvitation,
    LapseOffer,
    LapseRequest,
    MembershipEvent,
    RemindOfRequest,
)
from practio_membership.domain import invitations, invitations_from, leaving, requests
from practio_membership.domain.changes import Changes
from practio_membership.domain.membership_state import MembershipState
from practio_membership.domain.room import RoomState, occupancy
from practio_membership.handlers.steps import apply, lapse_overdue
from practio_membership.store import Loaded

MOST_ENDED_AT_ONCE = 200
"""How many memberships end in one batch, whatever rooms it is about; the rest follows at once, in the next."""


async def lapse_offer(command: ReceivedMessage[LapseOffer], context: MessageContext[Loaded]) -> Done | Refusal:
    """End the offers of the room that are over, the one that was meant among them; one that was answered stays."""
    return await _filled(command, context)


async def fill_seats(command: ReceivedMessage[FillSeats], context: MessageContext[Loaded]) -> Done | Refusal:
    """Continue to give free seats to the waitlist; a late command finds nothing to do."""
    return await _filled(command, context)


async def lapse_request(command: ReceivedMessage[LapseRequest], context: MessageContext[Loaded]) -> Done | Refusal:
    """Let go of a request that nobody answered; one that was decided, or made again, stays."""
    return await _applied(command, context, lambda member: requests.lapse_request(member, now=context.now))


async def remind_of_request(
    command: ReceivedMessage[RemindOfRequest], context: MessageContext[Loaded]
) -> Done | Refusal:
    """Publish that a request still waits; a request that was decided meanwhile does not."""
    return await _applied(
        command, context, lambda member: requests.remind_of_request(member, days=command.message.days)
    )


async def lapse_invitation(
    command: ReceivedMessage[LapseInvitation], context: MessageContext[Loaded]
) -> Done | Refusal:
    """End an invitation that nobody answered in time; one that was answered stays so."""
    return await _applied(command, context, lambda member: invitations.lapse_invitation(member, now=context.now))


async def give_up_place(command: ReceivedMessage[GiveUpPlace], context: MessageContext[Loaded]) -> Done | Refusal:
    """End a place on the waitlist of a person who has a seat elsewhere; a late command finds nothing to do."""
    seated_at, now = command.message.seated_at, context.now
    return await _applied(
        command, context, lambda member: invitations_from.give_up_place(member, seated_at=seated_at, now=now)
    )


async def continue_ending(command: ReceivedMessage[EndMemberships], context: MessageContext[Loaded]) -> Done | Refusal:
    """Continue to end the live memberships of a room that has ended."""
    known = context.loaded.state(command.message.room_id)
    if known is None:
        return room_unknown(context.now)
    state = await end_memberships(known, command, context, by=command.message.by, reason=command.message.reason)
    return Done(occupancy(state), changed=state != known)


async def end_memberships(
    state: RoomState, received: ReceivedMessage[Any], context: MessageContext[Loaded], *, by: str, reason: str | None
) -> RoomState:
    """End the live memberships of a room that has ended, in waitlist order, and continue later if there are many."""
    room_id, left = state.room.room_id, MOST_ENDED_AT_ONCE - context.loaded.ended
    people = await context.loaded.people(room_id, LIVE, most=left + 1)
    now_ended = people[:left]
    context.loaded.ended += len(now_ended)
    if len(people) > len(now_ended):
        context.send_internal(EndMemberships(room_id=room_id, by=by, reason=reason), subject=room_id)
    return await apply(leaving.end(state, now_ended, by=by, now=context.now, reason=reason), received, context)


OfOne = LapseRequest | RemindOfRequest | LapseInvitation | GiveUpPlace


async def _applied(
    command: ReceivedMessage[OfOne],
    context: MessageContext[Loaded],
    decide: Callable[[MembershipState], MembershipEvent | None],
) -> Done | Refusal:
    """Publish what the time has brought to the membership that was meant; a later one of the same person stays."""
    known = context.loaded.state(command.message.room_id)
    if known is None:
        return room_unknown(context.now)
    changes = Changes(await lapse_overdue(known, command, context))
    member = context.loaded.member(command.message.room_id, command.message.person_id)
    meant = member if member and _is_meant(member, command.message) else None
    if meant and changes.state.has_not_ended and (event := decide(meant)):
        changes = changes.with_event(meant, event)
    state = await apply(changes, command, context)
    return Done(occupancy(state), changed=state != known)


def _is_meant(member: MembershipState, command: OfOne) -> bool:
    """Return whether a command is about this membership; giving up a place is about the person's latest one."""
    return isinstance(command, GiveUpPlace) or member.snapshot.membership_id == command.membership_id


async def _filled(
    command: ReceivedMessage[LapseOffer] | ReceivedMessage[FillSeats], context: MessageContext[Loaded]
) -> Done | Refusal:
    known = context.loaded.state(command.message.room_id)
    if known is None:
        return room_unknown(context.now)
    state = await apply(Changes(await lapse_overdue(known, command, context)), command, context)
    return Done(occupancy(state), changed=state != known)
