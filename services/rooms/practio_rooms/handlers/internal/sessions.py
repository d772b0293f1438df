"""Internal commands, which timers send: topping up series, passing sessions that have begun, watching them."""

from collections.abc import Sequence
from uuid import UUID

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    LIVE_ROOM,
    AnswerGiven,
    Coming,
    PassSession,
    Room,
    Session,
    SessionAnswered,
    SessionOver,
    SessionStatus,
    TopUpSeries,
    WatchSessions,
)
from practio_rooms.domain import series
from practio_rooms.domain.agenda import AgendaChanges
from practio_rooms.domain.risk import at_risk, is_due
from practio_rooms.domain.room import ROOM_UNKNOWN
from practio_rooms.handlers.publishing import apply_agenda_changes, set_next_session_timer, set_watch_timer
from practio_rooms.handlers.rotation import publish_turns
from practio_rooms.store import Loaded
from practio_rooms.store.attending import expected, save_answers, standing_answers
from practio_rooms.tables import SessionAnswerRow


async def top_up_series(command: ReceivedMessage[TopUpSeries], context: MessageContext[Loaded]) -> Done | Refusal:
    """Plan the dates of a series that have come within the horizon; a late command changes nothing."""
    state = context.loaded.state_of(command.message.room_id)
    if state is None:
        return ROOM_UNKNOWN
    agenda = context.loaded.agendas.of(command.message.room_id)
    series_id = command.message.series_id
    changes = series.top_up(state.room, agenda, series_id, now=context.now)
    room = apply_agenda_changes(state, changes, context)
    if changes.sessions:
        await _answer_as_before(room, series_id, [each.after.session for each in changes.sessions], context)
    return Done(room, changed=bool(changes.sessions))


async def _answer_as_before(
    room: Room, series_id: UUID, added: Sequence[Session], context: MessageContext[Loaded]
) -> None:
    """Note the answers of people who gave theirs for all dates to follow."""
    await context.loaded.ended_answers.write(context.session)
    for row in await standing_answers(context.session, room, series_id, context.now):
        given = [(_answer_to(each, row), each) for each in added]
        await save_answers(context.session, given, row.membership_id, follows=True)
        for answer, about in given:
            number = context.loaded.agendas.next_number(about)
            context.publish(SessionAnswered(**answer.model_dump()), subject=about.session_id, sequence=number)


def _answer_to(session: Session, before: SessionAnswerRow) -> AnswerGiven:
    return AnswerGiven(
        room_id=session.room_id,
        session_id=session.session_id,
        person_id=before.person_id,
        coming=Coming(before.coming),
        note=before.note,
        starts_at=session.starts_at,
    )


async def pass_session(command: ReceivedMessage[PassSession], context: MessageContext[Loaded]) -> Done | Refusal:
    """Publish which session is the next one, now that one has begun."""
    state = context.loaded.state_of(command.message.room_id)
    if state is None:
        return ROOM_UNKNOWN
    room = apply_agenda_changes(state, AgendaChanges(), context)
    set_next_session_timer(room, context)
    return Done(room, changed=room != state.room)


async def watch_sessions(command: ReceivedMessage[WatchSessions], context: MessageContext[Loaded]) -> Done | Refusal:
    """Publish which sessions are over, and which cannot run, each once, and whose turn it is in a triad.

    A late or repeated command changes nothing.
    """
    state = context.loaded.state_of(command.message.room_id)
    if state is None:
        return ROOM_UNKNOWN
    published = _publish_over(state.room, context) + await _publish_at_risk(state.room, context)
    published += await publish_turns(state.room, context)
    set_watch_timer(state.room, context)
    return Done(state.room, changed=bool(published))


def _publish_over(room: Room, context: MessageContext[Loaded]) -> int:
    """Publish the sessions that are over and of which no event states it; those of a draft were never published."""
    agendas, count = context.loaded.agendas, 0
    for planned in list(agendas.of(room.room_id).sessions.values()):
        session = planned.session
        row = agendas.sessions[room.room_id][session.session_id]
        is_over = (
            session.status is SessionStatus.SCHEDULED and session.ends_at <= context.now and not row.over_published
        )
        if is_over and room.published_at and session.starts_at >= room.published_at:
            row.over_published = True
            event = SessionOver(room_id=room.room_id, session_id=session.session_id, ended_at=session.ends_at)
            context.publish(event, subject=session.session_id, sequence=agendas.next_number(session))
            count += 1
    if count:
        context.loaded.care.touched.add(room.room_id)
    return count


async def _publish_at_risk(room: Room, context: MessageContext[Loaded]) -> int:
    """Publish the sessions within 48 hours that cannot run; each is looked at once for the time that it has."""
    agendas, count = context.loaded.agendas, 0
    if room.status not in LIVE_ROOM:
        return 0
    for planned in agendas.of(room.room_id).upcoming(context.now):
        session = planned.session
        row = agendas.sessions[room.room_id][session.session_id]
        if not is_due(session.starts_at, context.now) or row.risk_checked_for == session.starts_at:
            continue
        row.risk_checked_for = session.starts_at
        await context.loaded.ended_answers.write(context.session)
        if event := at_risk(room, session, await expected(context.session, room, session)):
            context.publish(event, subject=session.session_id, sequence=agendas.next_number(session))
            count += 1
    return count
