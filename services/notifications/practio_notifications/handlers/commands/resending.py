"""The handler that sends a letter again."""

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.mail_addresses import address_key
from practio_contracts.notifications import LetterStatus, RefusalCode, ResendLetter
from practio_notifications.handlers.commands.refusals import NOT_THE_SYSTEM
from practio_notifications.store.contacts import contact_of
from practio_notifications.store.digests import take_items_again
from practio_notifications.store.letters import letter_of, letter_with
from practio_notifications.store.projections import Projections
from practio_notifications.store.suppressions import suppressed_of
from practio_notifications.tables import LetterRow

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


async def resend_letter(command: ReceivedMessage[ResendLetter], context: MessageContext[Projections]) -> Done | Refusal:
    """Send a letter again with its Message-ID, if the first attempt failed or its outcome is unknown."""
    if not command.as_system:
        return NOT_THE_SYSTEM
    letter = await letter_with(context.session, command.message.letter_id, lock=True)
    refusal = await _not_resent(letter, context)
    if letter is None or refusal is not None:
        return refusal or _UNKNOWN
    letter.status, letter.reason, letter.due_at = LetterStatus.QUEUED, None, context.now
    letter.first_tried_at, letter.interrupted, letter.gathered_in = None, False, None
    await take_items_again(context.session, letter.letter_id, _RESENT)
    return Done(letter_of(letter))


async def _not_resent(letter: LetterRow | None, context: MessageContext[Projections]) -> Refusal | None:
    if letter is None:
        return _UNKNOWN
    if letter.status not in _RESENT:
        return _ON_ITS_WAY
    if letter.cause_data is None:
        return _EMPTIED
    contact = await contact_of(context.session, letter.person_id)
    if contact is not None and contact.email and await suppressed_of(context.session, [address_key(contact.email)]):
        return _SUPPRESSED
    return None
