"""What rooms makes of the events of others: rooms fill, people come and go, people are to be forgotten."""

from practio_chassis.context import MessageContext
from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.membership import MembershipEvent, OccupancyChanged
from practio_contracts.people import PersonErased
from practio_rooms.domain import erasure
from practio_rooms.domain.room import evolve
from practio_rooms.handlers.publishing import told
from practio_rooms.store import Loaded


async def occupancy_changed(event: ReceivedMessage[OccupancyChanged], context: MessageContext[Loaded]) -> None:
    """Note how full a room is, for searches."""
    if event.newest:
        context.loaded.tell_occupancy(event.message)


async def membership_changed(event: ReceivedMessage[MembershipEvent], context: MessageContext[Loaded]) -> None:
    """Note who is in a room, for its place and link; and, however late it is heard, when it happened, for reports."""
    context.loaded.passages.note(event.message)
    if event.newest:
        await context.loaded.people.tell(event.message.membership)
    else:
        context.loaded.people.tell_late(event.message.membership)


async def person_erased(event: ReceivedMessage[PersonErased], context: MessageContext[Loaded]) -> None:
    """Dismiss a person from all offices, and forget their ways, that they gave feedback, and who wrote their notes.

    Being erased is final, so it counts however late it is heard.
    """
    context.loaded.passages.forget(event.message.person_id)
    context.loaded.feedback.forget(event.message.person_id)
    context.loaded.people.forget(event.message.person_id)
    context.loaded.notes.forget(event.message.person_id)
    for state in list(context.loaded.states_with(event.message.person_id)):
        for said in erasure.forget_person(state, event.message.person_id):
            told(state, said, context)
            state = evolve(state, said)
