"""Handlers of other services' events: occupancy, memberships, erasure."""

from practio_chassis.context import MessageContext, ReceivedMessage
from practio_contracts.membership import MembershipEvent, OccupancyChanged, Status
from practio_contracts.people import PersonErased
from practio_contracts.rooms import Format
from practio_rooms.domain import erasure
from practio_rooms.domain.room import evolve
from practio_rooms.handlers.commands.sponsors import save_sponsor
from practio_rooms.handlers.publishing import look_at_turns, save_and_publish
from practio_rooms.store import Loaded


async def occupancy_changed(event: ReceivedMessage[OccupancyChanged], context: MessageContext[Loaded]) -> None:
    """Record how full a room is, for searches; somebody came or left, so it may be somebody else's turn."""
    if event.newest:
        context.loaded.update_occupancy(event.message)
        row = context.loaded.rooms.get(event.message.room_id)
        if row and row.format == Format.PEER_COACHING and (state := context.loaded.state_of(row.room_id)):
            look_at_turns(state.room, context)


async def membership_changed(event: ReceivedMessage[MembershipEvent], context: MessageContext[Loaded]) -> None:
    """Record who is in a room, for access; and when it happened, for reports, even if received late.

    Leaving ends what the person answered to the sessions to come.

    Nothing is recorded of a person who is erased.
    """
    if event.message.membership.person_id in context.erasures:
        return
    context.loaded.timelines.record(event.message)
    membership = event.message.membership
    has_left = membership.status is not Status.JOINED and membership.membership_id in context.loaded.people.presences
    if event.newest and has_left:
        context.loaded.ended_answers.memberships.add(membership.membership_id)
    if event.newest:
        context.loaded.people.update(event.message.membership)
    else:
        context.loaded.people.update_from_older(event.message.membership)


async def person_erased(event: ReceivedMessage[PersonErased], context: MessageContext[Loaded]) -> None:
    """Dismiss a person from all offices, however late the event is received; the chassis erases the rest of them."""
    person_id = event.message.person_id
    for state in list(context.loaded.states_with(person_id)):
        for room_event in erasure.erase_person(state, person_id):
            save_and_publish(state, room_event, context)
            state = evolve(state, room_event)
    for sponsor in list(context.loaded.sponsors.registered.values()):
        if person_id in (sponsor.delegate_ids or ()):
            left = [each for each in sponsor.delegate_ids or () if each != person_id]
            await save_sponsor(sponsor.model_copy(update={"delegate_ids": left}), context)
