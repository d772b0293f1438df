"""Handlers of other services' events: rooms change, people are erased."""

from dataclasses import replace
from uuid import UUID

from practio_chassis.context import MessageContext, ReceivedMessage
from practio_contracts.envelope import SYSTEM
from practio_contracts.people import PersonErased
from practio_contracts.rooms import RoomCancelled, RoomEvent, RoomStatus
from practio_membership.domain import leaving
from practio_membership.domain.changes import Changes
from practio_membership.domain.room import RoomState, with_rules
from practio_membership.domain.room_changes import RoomChange, settle
from practio_membership.handlers.internal import end_memberships
from practio_membership.handlers.steps import apply, lapse_overdue
from practio_membership.store import Loaded


async def room_changed(event: ReceivedMessage[RoomEvent], context: MessageContext[Loaded]) -> None:
    """Store a room's rules, and apply the effects of their change; drafts stay unknown, older events change nothing."""
    room = event.message.room
    if not event.newest or room.status is RoomStatus.DRAFT:
        return
    known = context.loaded.state(room.room_id)
    if known is None:
        await apply(Changes(with_rules(RoomState(room), room)), event, context)
        return
    state = with_rules(await lapse_overdue(known, event, context), room)
    change = RoomChange(known.room, room, event.actor, context.now)
    if change.ends:
        reason = event.message.reason if isinstance(event.message, RoomCancelled) else None
        await end_memberships(state, event, context, by=change.by, reason=reason)
    else:
        await apply(await _settled_change(Changes(state), change, context), event, context)


async def _settled_change(changes: Changes, change: RoomChange, context: MessageContext[Loaded]) -> Changes:
    """Load whom the change concerns, if anybody, and settle it with them."""
    concerned, appointed = change.concerned(), change.appointed
    if not concerned and not appointed:
        return changes
    people = await context.loaded.people(change.after.room_id, concerned, appointed)
    if not change.opens:
        return settle(changes.state, change, people)
    # Seats that the change itself frees do not bypass the waitlist either.
    contested = await context.loaded.contested(replace(changes.state, taken=0, held=0, by_role={}))
    return settle(changes.state, change, people, waitlist=await context.loaded.keys(changes.state), contested=contested)


async def person_erased(event: ReceivedMessage[PersonErased], context: MessageContext[Loaded]) -> None:
    """Take a person out of every room, however late the event arrives; the chassis erases their texts."""
    person_id = event.message.person_id
    for membership in await context.loaded.memberships_of(person_id):
        await _leave_room(membership.snapshot.room_id, person_id, event, context)


async def _leave_room(
    room_id: UUID, person_id: UUID, event: ReceivedMessage[PersonErased], context: MessageContext[Loaded]
) -> None:
    known = context.loaded.state(room_id)
    assert known is not None
    changes = Changes(await lapse_overdue(known, event, context))
    latest = context.loaded.member(room_id, person_id)
    if latest and latest.is_live:
        changes = changes.with_event(latest, leaving.leave(latest, by=SYSTEM, now=context.now))
    await apply(changes, event, context)
