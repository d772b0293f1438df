"""What is wished of letters: which come and when, that one came back, that one is sent once more."""

from uuid import UUID

from uuid_utils.compat import uuid7

from practio_chassis.context import Done, Work
from practio_chassis.inbound.received import Heard
from practio_contracts.answers import Refusal
from practio_contracts.notifications import (
    Activity,
    AddressSuppressed,
    BounceKind,
    Letter,
    LetterFailed,
    LetterStatus,
    LiftSuppression,
    LinkAsked,
    Preferences,
    RefusalCode,
    ReportBounce,
    RequestsDigest,
    ResendLetter,
    SendLink,
    SetPreferences,
    Suppression,
    SuppressionLifted,
)
from practio_contracts.rooms import Room
from practio_notifications.letters.naming import is_public
from practio_notifications.letters.suppression import address_key, ends_writing
from practio_notifications.store.digests import take_items_again
from practio_notifications.store.letters import about, look_again, shown
from practio_notifications.store.links import queue_links
from practio_notifications.store.preferences import keep_preferences
from practio_notifications.store.projections import Known
from practio_notifications.store.suppressions import (
    forget_address,
    people_with,
    soft_bounces,
    suppressed_of,
    suppression_of,
)
from practio_notifications.store.undelivered import tell_of_undelivered
from practio_notifications.tables import BounceRow, ContactRow, LetterRow, RoomRow, SuppressionRow

_NOT_THEIRS = Refusal(
    code=RefusalCode.NOT_ALLOWED,
    detail="people can change only their own preferences: use the link in one of your own emails",
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
_NO_PAGES = Refusal(code=RefusalCode.NOT_AVAILABLE, detail="this installation has no pages, so no link can be sent")
_RESENT = (LetterStatus.UNKNOWN, LetterStatus.FAILED, LetterStatus.SUPPRESSED)


async def set_preferences(wish: Heard[SetPreferences], work: Work[Known]) -> Done | Refusal:
    """Keep what a person wants to read and when, whole."""
    wished = wish.message
    if not wish.as_system and wish.actor != wished.person_id:
        return _NOT_THEIRS
    kept = Preferences(
        person_id=wished.person_id,
        requests_digest=wished.requests_digest or RequestsDigest.AT_ONCE,
        activity=wished.activity or Activity.DAILY,
        reminders=wished.reminders,
        quiet_hours=wished.quiet_hours,
        muted_room_ids=list(dict.fromkeys(wished.muted_room_ids or [])),
    )
    changed = await keep_preferences(work.session, kept)
    if changed:
        await look_again(work.session, kept.person_id, work.now)
    return Done(kept, changed=changed)


async def report_bounce(wish: Heard[ReportBounce], work: Work[Known]) -> Done | Refusal:
    """Note that a letter came back, and end the writing to its address where that is enough."""
    if not wish.as_system:
        return _NOT_THE_SYSTEM
    told, email = wish.message, address_key(wish.message.email)
    work.session.add(
        BounceRow(
            bounce_id=uuid7(),
            email=email,
            kind=told.kind,
            letter_id=told.letter_id,
            detail=told.detail,
            at=work.now,
        )
    )
    await work.session.flush()
    row = await suppression_of(work.session, email)
    if row is None and ends_writing(told.kind, soft_in_a_week=await soft_bounces(work.session, email, work.now)):
        row = SuppressionRow(email=email, kind=told.kind, at=work.now)
        work.session.add(row)
        await work.session.flush()
        for person_id in await people_with(work.session, email):
            work.say(AddressSuppressed(person_id=person_id, kind=told.kind), subject=person_id)
    if told.letter_id is not None and told.kind is not BounceKind.COMPLAINT:
        await _came_back(told.letter_id, told.kind, email, work)
    kind = BounceKind(row.kind) if row else None
    return Done(Suppression(email=told.email, suppressed=row is not None, kind=kind))


async def _came_back(identity: UUID, kind: BounceKind, email: str, work: Work[Known]) -> None:
    """Call a letter failed that was sent to this address and came back; an offer's host is told."""
    letter = await work.session.get(LetterRow, identity, with_for_update=True)
    contact = await work.session.get(ContactRow, letter.person_id) if letter else None
    if letter is None or letter.status != LetterStatus.SENT or contact is None or contact.email is None:
        return
    if address_key(contact.email) == email:
        letter.status, letter.reason = LetterStatus.FAILED, f"bounced-{kind}"
        work.say(
            LetterFailed(
                letter_id=identity,
                kind=letter.kind,
                person_id=letter.person_id,
                about=about(letter),
                reason=letter.reason,
            ),
            subject=identity,
        )
        await tell_of_undelivered(work.session, [letter], work.now)


async def lift_suppression(wish: Heard[LiftSuppression], work: Work[Known]) -> Done | Refusal:
    """Write to an address again; what came back from it is not counted any more."""
    if not wish.as_system:
        return _NOT_THE_SYSTEM
    email = address_key(wish.message.email)
    row = await suppression_of(work.session, email)
    if row is not None:
        for person_id in await people_with(work.session, email):
            work.say(SuppressionLifted(person_id=person_id, kind=BounceKind(row.kind)), subject=person_id)
        await forget_address(work.session, email)
        work.session.expunge(row)
    return Done(Suppression(email=wish.message.email, suppressed=False), changed=row is not None)


async def resend_letter(wish: Heard[ResendLetter], work: Work[Known]) -> Done | Refusal:
    """Send a letter once more, with its Message-ID, where the first time ended in doubt or in failure."""
    if not wish.as_system:
        return _NOT_THE_SYSTEM
    letter = await work.session.get(LetterRow, wish.message.letter_id, with_for_update=True)
    refusal = await _not_resent(letter, work)
    if letter is None or refusal is not None:
        return refusal or _UNKNOWN
    letter.status, letter.reason, letter.due_at = LetterStatus.QUEUED, None, work.now
    letter.first_tried_at, letter.interrupted, letter.gathered_in = None, False, None
    await take_items_again(work.session, letter.letter_id, _RESENT)
    state: Letter = shown(letter)
    return Done(state)


async def _not_resent(letter: LetterRow | None, work: Work[Known]) -> Refusal | None:
    if letter is None:
        return _UNKNOWN
    if letter.status not in _RESENT:
        return _ON_ITS_WAY
    if letter.told is None:
        return _EMPTIED
    contact = await work.session.get(ContactRow, letter.person_id)
    if contact is not None and contact.email and await suppressed_of(work.session, [address_key(contact.email)]):
        return _SUPPRESSED
    return None


async def send_link(wish: Heard[SendLink], work: Work[Known]) -> Done | Refusal:
    """Write to the people who have an address; the answer is the same whether there are any or not."""
    if work.settings.pages_url is None:
        return _NO_PAGES
    asked = wish.message
    await queue_links(
        work.session,
        address_key(asked.email),
        room_id=await _known_room(asked.room_id, work),
        fact_id=wish.envelope.id,
        now=work.now,
        correlation_id=wish.envelope.correlationid or str(wish.envelope.id),
        traceparent=work.traceparent,
    )
    return Done(LinkAsked(email=asked.email))


async def _known_room(room_id: UUID | None, work: Work[Known]) -> UUID | None:
    """Give the id of a room that everybody may know of; None for others."""
    row = await work.session.get(RoomRow, room_id) if room_id else None
    return row.room_id if row and is_public(Room.model_validate(row.snapshot)) else None
