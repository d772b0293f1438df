"""The handler of preferences: which letters a person gets, and when."""

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.notifications import Activity, Preferences, RefusalCode, RequestsDigest, SetPreferences
from practio_notifications.store.letters import look_again
from practio_notifications.store.preferences import keep_preferences
from practio_notifications.store.projections import Projections

_NOT_THEIRS = Refusal(
    code=RefusalCode.NOT_ALLOWED,
    detail="people can change only their own preferences: use the link in one of your own emails",
)


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
