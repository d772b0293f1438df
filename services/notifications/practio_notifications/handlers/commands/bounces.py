"""Handlers of bounces: an address that letters come back from is written to no more, until that is lifted."""

from uuid import UUID

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.mail_addresses import address_key
from practio_contracts.notifications import (
    AddressSuppressed,
    BounceKind,
    LetterFailed,
    LetterStatus,
    LiftSuppression,
    ReportBounce,
    Suppression,
    SuppressionLifted,
)
from practio_notifications.handlers.commands.refusals import NOT_THE_SYSTEM
from practio_notifications.letters.kinds import KIND
from practio_notifications.letters.suppression import ends_writing
from practio_notifications.store.contacts import contact_of
from practio_notifications.store.erased_people import erased_people
from practio_notifications.store.letters import about, letter_with
from practio_notifications.store.projections import Projections
from practio_notifications.store.suppressions import (
    forget_address,
    keep_bounce,
    people_with,
    soft_bounces,
    suppress,
    suppression_of,
)
from practio_notifications.store.undelivered_offers import notify_of_undelivered


async def report_bounce(command: ReceivedMessage[ReportBounce], context: MessageContext[Projections]) -> Done | Refusal:
    """Record a bounce, and suppress its address if that bounce is enough; nothing is kept of an erased reader."""
    if not command.as_system:
        return NOT_THE_SYSTEM
    bounce, email = command.message, address_key(command.message.email)
    letter = await letter_with(context.session, bounce.letter_id) if bounce.letter_id else None
    reader = letter.person_id if letter else None
    if reader is not None and await erased_people(context.session, [reader]):
        return Done(Suppression(email=bounce.email, suppressed=False), changed=False)
    await keep_bounce(context.session, bounce, reader=reader, at=context.now)
    row = await suppression_of(context.session, email)
    if row is None and ends_writing(
        bounce.kind, soft_in_a_week=await soft_bounces(context.session, email, context.now)
    ):
        row = await suppress(context.session, email, bounce.kind, context.now)
        for person_id in await people_with(context.session, email):
            context.publish(AddressSuppressed(person_id=person_id, kind=bounce.kind), subject=person_id)
    if bounce.letter_id is not None and bounce.kind is not BounceKind.COMPLAINT:
        await _record_bounce(bounce.letter_id, bounce.kind, email, context)
    kind = BounceKind(row.kind) if row else None
    return Done(Suppression(email=bounce.email, suppressed=row is not None, kind=kind))


async def _record_bounce(identity: UUID, kind: BounceKind, email: str, context: MessageContext[Projections]) -> None:
    """Mark a letter to this address as failed, since it bounced; notify the host if it was an offer."""
    letter = await letter_with(context.session, identity, lock=True)
    contact = await contact_of(context.session, letter.person_id) if letter else None
    if letter is None or letter.status != LetterStatus.SENT or contact is None or contact.email is None:
        return
    if address_key(contact.email) == email:
        letter.status, letter.reason = LetterStatus.FAILED, f"bounced-{kind}"
        context.publish(
            LetterFailed(
                letter_id=identity,
                kind=letter.kind,
                person_id=letter.person_id,
                about=about(letter),
                reason=letter.reason,
            ),
            subject=identity,
            internal_only=KIND[letter.kind].discreet,
        )
        await notify_of_undelivered(context.session, [letter], context.now)


async def lift_suppression(
    command: ReceivedMessage[LiftSuppression], context: MessageContext[Projections]
) -> Done | Refusal:
    """Allow letters to an address again; earlier bounces no longer count."""
    if not command.as_system:
        return NOT_THE_SYSTEM
    email = address_key(command.message.email)
    row = await suppression_of(context.session, email)
    if row is not None:
        for person_id in await people_with(context.session, email):
            context.publish(SuppressionLifted(person_id=person_id, kind=BounceKind(row.kind)), subject=person_id)
        await forget_address(context.session, email)
    return Done(Suppression(email=command.message.email, suppressed=False), changed=row is not None)
