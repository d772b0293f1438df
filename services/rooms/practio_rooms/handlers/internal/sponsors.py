"""Rooms follow what is registered of their sponsor: an internal command, which registering it sends."""

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import FollowSponsor, Sponsor
from practio_rooms.domain.room import revised
from practio_rooms.domain.sponsors import SPONSOR_UNKNOWN, sponsor_of
from practio_rooms.handlers.publishing import save_and_publish
from practio_rooms.store import Loaded


async def follow_sponsor(command: ReceivedMessage[FollowSponsor], context: MessageContext[Loaded]) -> Done | Refusal:
    """Revise the next rooms that state a sponsor as it was before, and go on until there are none."""
    sponsor_id = command.message.sponsor_id
    sponsor = context.loaded.sponsors.registered.get(sponsor_id)
    if sponsor is None:
        return SPONSOR_UNKNOWN
    followed = 0
    for room_id in sorted(context.loaded.rooms):
        state = context.loaded.state_of(room_id)
        if state is None or state.room.sponsor.sponsor_id != sponsor_id:
            continue
        after = state.room.model_copy(update={"sponsor": Sponsor.model_validate(sponsor_of(sponsor))})
        if event := revised(state.room, after):
            save_and_publish(state, event, context)
            followed += 1
    if followed:
        context.send_internal(FollowSponsor(sponsor_id=sponsor_id), subject=sponsor_id)
    return Done(sponsor, changed=bool(followed))
