"""Handlers of events about sponsors: who their delegates are, and what the last month gave them."""

from practio_chassis.context import MessageContext, NotKnownYetError, ReceivedMessage
from practio_contracts.rooms import SponsorRegistered, SponsorReported
from practio_notifications.letters.compose import PlannedLetter, letter_id
from practio_notifications.letters.kinds import SPONSOR_REPORT
from practio_notifications.store.erased_people import erased_people
from practio_notifications.store.pending_letters import letter_columns
from practio_notifications.store.projections import Projections
from practio_notifications.store.sponsors import keep_sponsor, known_sponsors
from practio_notifications.tables import LETTER


async def sponsor_registered(event: ReceivedMessage[SponsorRegistered], context: MessageContext[Projections]) -> None:
    """Keep a sponsor with its delegates."""
    if event.newest:
        await keep_sponsor(context.session, event.message)


async def sponsor_reported(event: ReceivedMessage[SponsorReported], context: MessageContext[Projections]) -> None:
    """Queue the letter with the month's numbers to each delegate, once.

    Raise ``NotKnownYetError`` if the sponsor is not known: the readers are not, either.
    """
    sponsor_id = event.message.sponsor_id
    sponsor = (await known_sponsors(context.session, {sponsor_id})).get(sponsor_id)
    if sponsor is None:
        raise NotKnownYetError("sponsor-unknown", f"no event of the sponsor {sponsor_id} has arrived")
    event_id = event.envelope.id
    erased = await erased_people(context.session, sponsor.delegate_ids)
    for person_id in sponsor.delegate_ids:
        if person_id not in erased:
            letter = PlannedLetter(letter_id(event_id, person_id, SPONSOR_REPORT.name), SPONSOR_REPORT, person_id)
            cause = event.envelope.correlationid or str(event_id)
            columns = letter_columns(letter, event.message, event_id=event_id, correlation_id=cause, now=context.now)
            columns["traceparent"] = context.traceparent
            context.add_row(LETTER, columns)
