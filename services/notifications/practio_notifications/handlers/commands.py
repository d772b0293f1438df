"""Handlers of commands: preferences, bounces, suppressions, resending letters, and the end of links."""

from uuid import UUID

from uuid_utils.compat import uuid7

from practio_chassis.context import Done, MessageContext
from practio_chassis.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.mail_addresses import address_key
from practio_contracts.notifications import (
    Activity,
    AddressSuppressed,
    BounceKind,
    EndLinks,
    Letter,
    LetterFailed,
    LetterStatus,
    LiftSuppression,
    LinkVersion,
    Preferences,
    RefusalCode,
    ReportBounce,
    RequestsDigest,
    ResendLetter,
    SetPreferences,
    Suppression,
    SuppressionLifted,
)
from practio_notifications.letters.kinds import KIND
from practio_notifications.letters.suppression import ends_writing
from practio_notifications.store.digests import take_items_again
from practio_notifications.store.erased import erased_people
from practio_notifications.store.letters import about, letter_of, look_again
from practio_notifications.store.link_versions import end_links_of
from practio_notifications.store.preferences import keep_preferences
from practio_notifications.store.projections import Projections
from practio_notifications.store.suppressions import (
    forget_address,
    people_with,
    soft_bounces,
    suppressed_of,
    suppression_of,
)
from practio_notifications.store.undelivered import notify_of_undelivered
from practio_notifications.tables import BounceRow, ContactRow, LetterRow, SuppressionRow

_NOT_THEIRS = Refusal(
    code=RefusalCode.NOT_ALLOWED,
    detail="people can change only their own preferences: use the link in one of your own emails",
)
_NOT_THEIR_LINKS = Refusal(
    code=RefusalCode.NOT_ALLOWED, detail="people can end only their own links: use the link in one of your own emails"
)
_NOT_THE_SYSTEM = Refusal(code=RefusalCode.NOT_ALLOWED, detail="only the mail system and operators may do this")
_UNKNOWN = Refusal(code=RefusalCode.LETTER_UNKNOWN, detail="there is no letter with this id: check the id")
_ON_ITS_WAY = Refusal(
    code=RefusalCode.LETTER_ON_ITS_WAY, detail="only a letter that is unknown, failed or suppressed can be sent again"
)
_EMPTIED = Refusal(
    code=RefusalCode.LETTER_EMPTIED, detail="the text of this letter has been erased, so it cannot be sent again"
)
_SUPPRESSED = Refusal(
    code=RefusalCode.ADDRESS_SUPPRESSED, detail="the address is suppressed: lift the suppression first"
)
_RESENT = (LetterStatus.UNKNOWN, LetterStatus.FAILED, LetterStatus.SUPPRESSED)


async def set_preferences(
    command: ReceivedMessage[SetPreferences], context: MessageContext[Projections]
) -> Done | Refusal:
    """Replace a person's preferences as a whole."""
    wanted = command.message
    if not command.as_system and command.actor != wanted.person_id:
        return _NOT_THEIRS
    kept = Preferences(
        person_id=wanted.person_id,
        requests_digest=wanted.requests_digest or RequestsDigest.AT_ONCE,
        activity=wanted.activity or Activity.DAILY,
        reminders=wanted.reminders,
        quiet_hours=wanted.quiet_hours,
        muted_room_ids=list(dict.fromkeys(wanted.muted_room_ids or [])),
    )
    changed = await keep_preferences(context.session, kept)
    if changed:
        await look_again(context.session, kept.person_id, context.now)
    return Done(kept, changed=changed)


async def report_bounce(command: ReceivedMessage[ReportBounce], context: MessageContext[Projections]) -> Done | Refusal:
    """Record a bounce, and suppress its address if that bounce is enough; nothing is kept of an erased reader."""
    if not command.as_system:
        return _NOT_THE_SYSTEM
    bounce, email = command.message, address_key(command.message.email)
    reader = await _reader_of(bounce.letter_id, context)
    if reader is not None and await erased_people(context.session, [reader]):
        return Done(Suppression(email=bounce.email, suppressed=False), changed=False)
    context.session.add(
        BounceRow(
            bounce_id=uuid7(),
            email=email,
            kind=bounce.kind,
            letter_id=bounce.letter_id,
            detail=bounce.detail,
            at=context.now,
            person_id=reader,
        )
    )
    await context.session.flush()
    row = await suppression_of(context.session, email)
    if row is None and ends_writing(
        bounce.kind, soft_in_a_week=await soft_bounces(context.session, email, context.now)
    ):
        row = SuppressionRow(email=email, kind=bounce.kind, at=context.now)
        context.session.add(row)
        await context.session.flush()
        for person_id in await people_with(context.session, email):
            context.publish(AddressSuppressed(person_id=person_id, kind=bounce.kind), subject=person_id)
    if bounce.letter_id is not None and bounce.kind is not BounceKind.COMPLAINT:
        await _record_bounce(bounce.letter_id, bounce.kind, email, context)
    kind = BounceKind(row.kind) if row else None
    return Done(Suppression(email=bounce.email, suppressed=row is not None, kind=kind))


async def _reader_of(letter_id: UUID | None, context: MessageContext[Projections]) -> UUID | None:
    letter = await context.session.get(LetterRow, letter_id) if letter_id else None
    return letter.person_id if letter else None


async def _record_bounce(identity: UUID, kind: BounceKind, email: str, context: MessageContext[Projections]) -> None:
    """Mark a letter to this address as failed, since it bounced; notify the host if it was an offer."""
    letter = await context.session.get(LetterRow, identity, with_for_update=True)
    contact = await context.session.get(ContactRow, letter.person_id) if letter else None
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
        return _NOT_THE_SYSTEM
    email = address_key(command.message.email)
    row = await suppression_of(context.session, email)
    if row is not None:
        for person_id in await people_with(context.session, email):
            context.publish(SuppressionLifted(person_id=person_id, kind=BounceKind(row.kind)), subject=person_id)
        await forget_address(context.session, email)
        context.session.expunge(row)
    return Done(Suppression(email=command.message.email, suppressed=False), changed=row is not None)


async def resend_letter(command: ReceivedMessage[ResendLetter], context: MessageContext[Projections]) -> Done | Refusal:
    """Send a letter again with its Message-ID, if the first attempt failed or its outcome is unknown."""
    if not command.as_system:
        return _NOT_THE_SYSTEM
    letter = await context.session.get(LetterRow, command.message.letter_id, with_for_update=True)
    refusal = await _not_resent(letter, context)
    if letter is None or refusal is not None:
        return refusal or _UNKNOWN
    letter.status, letter.reason, letter.due_at = LetterStatus.QUEUED, None, context.now
    letter.first_tried_at, letter.interrupted, letter.gathered_in = None, False, None
    await take_items_again(context.session, letter.letter_id, _RESENT)
    state: Letter = letter_of(letter)
    return Done(state)


async def _not_resent(letter: LetterRow | None, context: MessageContext[Projections]) -> Refusal | None:
    if letter is None:
        return _UNKNOWN
    if letter.status not in _RESENT:
        return _ON_ITS_WAY
    if letter.cause_data is None:
        return _EMPTIED
    contact = await context.session.get(ContactRow, letter.person_id)
    if contact is not None and contact.email and await suppressed_of(context.session, [address_key(contact.email)]):
        return _SUPPRESSED
    return None


async def end_links(command: ReceivedMessage[EndLinks], context: MessageContext[Projections]) -> Done | Refusal:
    """End all links of a person, or the address of their calendar alone; one who is not known has none."""
    person_id = command.message.person_id
    if not command.as_system and command.actor != person_id:
        return _NOT_THEIR_LINKS
    following = await end_links_of(context.session, person_id, command.message.only)
    return Done(following or LinkVersion(person_id=person_id, version=0), changed=following is not None)
