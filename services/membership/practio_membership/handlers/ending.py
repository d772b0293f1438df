"""The end of a room for everybody in it and on the way: a bounded number at a time, so that its lock is short."""

from typing import Any

from practio_chassis.context import MessageContext
from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.membership import LIVE, EndMemberships
from practio_membership.domain import leaving
from practio_membership.domain.room import RoomState
from practio_membership.handlers.apply import apply
from practio_membership.store import Loaded

MOST_ENDED_AT_ONCE = 200
"""How many memberships end in one batch, whatever rooms it is about; the rest follows at once, in the next."""


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
