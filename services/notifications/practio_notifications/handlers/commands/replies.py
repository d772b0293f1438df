"""The handler of calendars' answers: whose they are, and whether they still count."""

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.mail_addresses import address_key
from practio_contracts.notifications import RefusalCode, ReplyMatched, ReportReply
from practio_notifications.handlers.commands.refusals import NOT_THE_SYSTEM
from practio_notifications.store.calendar_entries import entry_answered_at
from practio_notifications.store.contacts import contact_of
from practio_notifications.store.projections import Projections
from practio_notifications.store.session_participation import answered_on_page_after
from practio_notifications.store.sessions import session_with
from practio_notifications.tables import CalendarEntryRow, SessionRow

_UNKNOWN = Refusal(
    code=RefusalCode.REPLY_UNKNOWN, detail="no calendar entry is answered at this address, or it has been erased"
)
_OTHER_SESSION = Refusal(
    code=RefusalCode.OTHER_SESSION, detail="the entry that is answered at this address is of another session"
)
_OTHER_ADDRESS = Refusal(
    code=RefusalCode.OTHER_ADDRESS, detail="the person to whom this entry was sent has another address"
)
_OUTDATED = Refusal(
    code=RefusalCode.OUTDATED, detail="a newer entry of this session was sent, or a newer answer has arrived"
)


async def report_reply(command: ReceivedMessage[ReportReply], context: MessageContext[Projections]) -> Done | Refusal:
    """Return whose answer it is, if letter, address, session and SEQUENCE agree, and there is no newer answer.

    A newer one of a calendar, or one that the person gave on a page after they answered in their calendar.
    """
    if not command.as_system:
        return NOT_THE_SYSTEM
    reply = command.message
    entry = await entry_answered_at(context.session, reply.reply_id)
    session = await session_with(context.session, entry.session_id) if entry else None
    contact = await contact_of(context.session, entry.person_id) if entry else None
    if entry is None or session is None or contact is None or not contact.email:
        return _UNKNOWN
    if entry.session_id != reply.session_id:
        return _OTHER_SESSION
    if address_key(contact.email) != address_key(reply.email):
        return _OTHER_ADDRESS
    replied_at = min(reply.replied_at, context.now)
    if _is_outdated(entry, session, reply) or (entry.replied_at is not None and replied_at < entry.replied_at):
        return _OUTDATED
    if await answered_on_page_after(context.session, session, entry.person_id, replied_at):
        return _OUTDATED
    is_new = entry.replied_at is None or replied_at > entry.replied_at
    entry.replied_at = replied_at
    matched = ReplyMatched(
        email=reply.email, person_id=entry.person_id, room_id=session.room_id, session_id=session.session_id
    )
    return Done(matched, changed=is_new)


def _is_outdated(entry: CalendarEntryRow, session: SessionRow, reply: ReportReply) -> bool:
    """Return whether the calendar answered an earlier entry, or one that says less than is known of the session.

    It has changed since if a letter about that has not left yet.
    """
    return entry.sequence != reply.sequence or entry.revision != session.revision
