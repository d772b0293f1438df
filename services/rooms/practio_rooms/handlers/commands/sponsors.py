"""The command to register a sponsor."""

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_chassis.database.tables import chassis_tables_of
from practio_chassis.handling.erasing import erased_for
from practio_contracts.answers import Refusal
from practio_contracts.rooms import FollowSponsor, RegisteredSponsor, RegisterSponsor, SponsorRegistered
from practio_rooms.domain.sponsors import NOT_THE_SYSTEM
from practio_rooms.store import Loaded
from practio_rooms.tables import metadata


async def register_sponsor(
    command: ReceivedMessage[RegisterSponsor], context: MessageContext[Loaded]
) -> Done | Refusal:
    """Register or revise a sponsor; its rooms follow a new name or kind afterwards. Erased people are no delegates."""
    if not command.as_system:
        return NOT_THE_SYSTEM
    asked, sponsors = command.message, context.loaded.sponsors
    erased = await erased_for(context, chassis_tables_of(metadata), asked.delegate_ids)
    present = sorted(each for each in asked.delegate_ids if each not in erased)
    sponsor = RegisteredSponsor(
        sponsor_id=asked.sponsor_id, name=asked.name, kind=asked.kind, delegate_ids=list(present)
    )
    before = sponsors.registered.get(asked.sponsor_id)
    if sponsor == before:
        return Done(sponsor, changed=False)
    await save_sponsor(sponsor, context)
    if before and (before.name, before.kind) != (sponsor.name, sponsor.kind):
        context.send_internal(FollowSponsor(sponsor_id=sponsor.sponsor_id), subject=sponsor.sponsor_id)
    return Done(sponsor)


async def save_sponsor(sponsor: RegisteredSponsor, context: MessageContext[Loaded]) -> None:
    """Save a sponsor, and publish it as it is now."""
    version = await context.loaded.sponsors.save(sponsor)
    context.publish(event_of(sponsor), subject=sponsor.sponsor_id, sequence=version)


def event_of(sponsor: RegisteredSponsor) -> SponsorRegistered:
    """Return the event that states a sponsor as it is."""
    return SponsorRegistered(
        sponsor_id=sponsor.sponsor_id, name=sponsor.name, kind=sponsor.kind, delegate_ids=sponsor.delegate_ids or []
    )
