"""The commands to report how somebody behaves, and to settle a report; their events have no text and no actor."""

from uuid import UUID

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    ConductReported,
    ConductSettled,
    ReportConduct,
    ReportReceived,
    ReportSettled,
    Room,
    SettleConduct,
)
from practio_rooms.domain import conduct
from practio_rooms.domain.notes import NOTE_UNKNOWN
from practio_rooms.domain.repetition import fingerprint_of
from practio_rooms.domain.room import ROOM_UNKNOWN
from practio_rooms.store import Loaded
from practio_rooms.store import conduct as store


async def report_conduct(command: ReceivedMessage[ReportConduct], context: MessageContext[Loaded]) -> Done | Refusal:
    """Keep a report for the stewards whom it is not about."""
    message, by, session = command.message, command.actor, context.session
    state = context.loaded.visible_state(message.room_id, by)
    if state is None:
        return ROOM_UNKNOWN
    room = state.room
    is_around = isinstance(by, UUID) and await store.is_around(session, room.room_id, by)
    refusal = conduct.not_allowed_to_report(room, by, is_around=is_around)
    if refusal or not isinstance(by, UUID):
        return refusal or ROOM_UNKNOWN
    fingerprint = fingerprint_of(message, f"{by} ")
    if before := await store.report_with(session, message.report_id):
        return (
            _received(message, room, before.about_ids, by, changed=False)
            if before.asked == fingerprint
            else conduct.ID_TAKEN
        )
    about = await _concerned(message, room, context)
    if isinstance(about, Refusal):
        return about
    recent = await store.reported_since(session, room.room_id, by, context.now - conduct.OF_A_PERSON.within)
    if refusal := conduct.OF_A_PERSON.refusal(recent):
        return refusal
    await store.save_report(
        session,
        **message.model_dump(),
        reporter_id=by,
        about_ids=about,
        asked=fingerprint,
        reported_at=context.now,
    )
    event = ConductReported(
        room_id=room.room_id, report_id=message.report_id, steward_ids=conduct.readers(room, about, by)
    )
    context.publish(event, subject=message.report_id, without_actor=True)
    return _received(message, room, about, by)


def _received(message: ReportConduct, room: Room, about: list[UUID], by: UUID, *, changed: bool = True) -> Done:
    read_by = conduct.read_by(room, about, by)
    return Done(ReportReceived(room_id=room.room_id, report_id=message.report_id, read_by=read_by), changed=changed)


async def _concerned(message: ReportConduct, room: Room, context: MessageContext[Loaded]) -> list[UUID] | Refusal:
    """Return the people who never see the report; or why it cannot be about what it names."""
    about = []
    if message.person_id:
        is_known = message.person_id in room.office_ids
        if not (is_known or await store.was_around(context.session, room.room_id, message.person_id)):
            return conduct.unknown_person(message.person_id)
        about.append(message.person_id)
    if message.note_id:
        author = await store.author_of_note(context.session, room.room_id, message.note_id)
        if author is None:
            return NOTE_UNKNOWN
        about += [each for each in author if each and each not in about]
    return about


async def settle_conduct(command: ReceivedMessage[SettleConduct], context: MessageContext[Loaded]) -> Done | Refusal:
    """Settle a report; to those whom it is about, it is unknown."""
    message, by = command.message, command.actor
    state = context.loaded.visible_state(message.room_id, by)
    if state is None:
        return ROOM_UNKNOWN
    room = state.room
    if not conduct.may_settle(room, by):
        return conduct.FOR_STEWARDS
    row = await store.report_with(context.session, message.report_id)
    if row is None or row.room_id != room.room_id or by in row.about_ids:
        return conduct.REPORT_UNKNOWN
    answer = ReportSettled(room_id=room.room_id, report_id=row.report_id, outcome=message.outcome)
    settled = conduct.settled_before(message, row.outcome, row.words)
    if isinstance(settled, Refusal):
        return settled
    if settled:
        return Done(answer, changed=False)
    row.outcome, row.words, row.settled_at = message.outcome, message.words or None, context.now
    row.settled_by = by if isinstance(by, UUID) else None
    event = ConductSettled(**answer.model_dump(), reporter_id=row.reporter_id)
    context.publish(event, subject=row.report_id, without_actor=True)
    return Done(answer)
