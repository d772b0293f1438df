"""What membership makes of the events of others: rooms change, people are to be forgotten."""

from dataclasses import replace
from uuid import UUID

from practio_chassis.context import MessageContext
from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.envelope import SYSTEM
from practio_contracts.people import PersonErased
from practio_contracts.rooms import RoomCancelled, RoomEvent, RoomStatus
from practio_membership.domain import leaving
from practio_membership.domain.changes import Turn
from practio_membership.domain.room import RoomState, under
from practio_membership.domain.room_changes import Edit, settle
from practio_membership.handlers.apply import conclude, tidied
from practio_membership.handlers.ending import end_memberships
from practio_membership.store import Loaded


async def room_changed(event: ReceivedMessage[RoomEvent], context: MessageContext[Loaded]) -> None:
    """Know a room's rules, and do what their change means; drafts stay unknown, and older events change nothing."""
    room = event.message.room
    if not event.newest or room.status is RoomStatus.DRAFT:
        return
    known = context.loaded.state(room.room_id)
    if known is None:
        await conclude(Turn(under(RoomState(room), room)), event, context)
        return
    state = under(await tidied(known, event, context), room)
    edit = Edit(known.room, room, event.actor, context.now)
    if edit.ends:
        reason = event.message.reason if isinstance(event.message, RoomCancelled) else None
        await end_memberships(state, event, context, by=edit.by, reason=reason)
    else:
        await conclude(await _edited(Turn(state), edit, context), event, context)


async def _edited(turn: Turn, edit: Edit, context: MessageContext[Loaded]) -> Turn:
    """Load whom the edit concerns, if anybody, and settle it with them."""
    concerned, appointed = edit.concerned(), edit.appointed
    if not concerned and not appointed:
        return turn
    people = await context.loaded.people(edit.after.room_id, concerned, appointed)
    if not edit.opens:
        return settle(turn.state, edit, people)
    # Of the seats that the edit itself frees, too, none goes past who waits.
    contested = await context.loaded.contested(replace(turn.state, taken=0, held=0, by_role={}))
    return settle(turn.state, edit, people, line=await context.loaded.keys(turn.state), contested=contested)


async def person_erased(event: ReceivedMessage[PersonErased], context: MessageContext[Loaded]) -> None:
    """Take a person out of every room, and delete every text; being erased is final, however late it is heard."""
    person_id = event.message.person_id
    for membership in await context.loaded.memberships_of(person_id):
        await _taken_out(membership.shown.room_id, person_id, event, context)
    await context.loaded.forget_texts(person_id)


async def _taken_out(
    room_id: UUID, person_id: UUID, event: ReceivedMessage[PersonErased], context: MessageContext[Loaded]
) -> None:
    known = context.loaded.state(room_id)
    assert known is not None
    turn = Turn(await tidied(known, event, context))
    latest = context.loaded.standing(room_id, person_id)
    if latest and latest.is_live:
        turn = turn.tell(latest, leaving.leave(latest, by=SYSTEM, now=context.now))
    await conclude(turn, event, context)
