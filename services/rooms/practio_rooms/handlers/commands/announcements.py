"""The command to write to the people of a room."""

from uuid import UUID

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import Announce, Announced, Announcement
from practio_rooms.domain import announcements
from practio_rooms.domain.repetition import fingerprint_of
from practio_rooms.domain.room import ROOM_UNKNOWN
from practio_rooms.domain.sessions import SESSION_UNKNOWN
from practio_rooms.store import Loaded
from practio_rooms.store import attending as store


async def announce(command: ReceivedMessage[Announce], context: MessageContext[Loaded]) -> Done | Refusal:
    """Publish an announcement, at most two in seven days; its text is not kept."""
    message, by = command.message, command.actor
    state = context.loaded.visible_state(message.room_id, by)
    if state is None:
        return ROOM_UNKNOWN
    if refusal := announcements.not_allowed_to_announce(state.room, by):
        return refusal
    fingerprint = fingerprint_of(message)
    about = {name: getattr(message, name) for name in ("room_id", "announcement_id", "to", "session_id")}
    answer = Announcement(**about, by=command.by)
    if before := await store.announcement(context.session, message.announcement_id):
        return Done(answer, changed=False) if before == (message.room_id, fingerprint) else announcements.ID_TAKEN
    if message.session_id and message.session_id not in context.loaded.agendas.of(message.room_id).sessions:
        return SESSION_UNKNOWN
    recent = await store.announced_since(context.session, message.room_id, context.now - announcements.OF_A_ROOM.within)
    if refusal := announcements.OF_A_ROOM.refusal(recent):
        return refusal
    await store.save_announcement(
        context.session,
        announcement_id=message.announcement_id,
        room_id=message.room_id,
        author_id=by if isinstance(by, UUID) else None,
        asked=fingerprint,
        announced_at=context.now,
    )
    context.publish(Announced(**answer.model_dump(), text=message.text), subject=message.announcement_id)
    return Done(answer)
