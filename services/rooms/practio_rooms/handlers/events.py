"""What rooms makes of the facts of others: rooms fill, people come and go, people are to be forgotten."""

from practio_chassis.context import MessageContext
from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.membership import MembershipEvent, OccupancyChanged
from practio_contracts.people import PersonErased
from practio_rooms.domain import erasure
from practio_rooms.domain.room import evolve
from practio_rooms.handlers.publishing import told
from practio_rooms.store import Loaded


async def occupancy_changed(fact: ReceivedMessage[OccupancyChanged], work: MessageContext[Loaded]) -> None:
    """Note how full a room is, for searches."""
    if fact.newest:
        work.loaded.tell_occupancy(fact.message)


async def membership_changed(fact: ReceivedMessage[MembershipEvent], work: MessageContext[Loaded]) -> None:
    """Note who is in a room, for its place and link; and, however late it is heard, when it happened, for reports."""
    work.loaded.passages.note(fact.message)
    if fact.newest:
        await work.loaded.people.tell(fact.message.membership)
    else:
        work.loaded.people.tell_late(fact.message.membership)


async def person_erased(fact: ReceivedMessage[PersonErased], work: MessageContext[Loaded]) -> None:
    """Dismiss a person from all offices, and forget their ways, that they gave feedback, and who wrote their notes.

    Being erased is final, so it counts however late it is heard.
    """
    work.loaded.passages.forget(fact.message.person_id)
    work.loaded.feedback.forget(fact.message.person_id)
    work.loaded.people.forget(fact.message.person_id)
    work.loaded.notes.forget(fact.message.person_id)
    for state in list(work.loaded.states_with(fact.message.person_id)):
        for said in erasure.forget_person(state, fact.message.person_id):
            told(state, said, work)
            state = evolve(state, said)
