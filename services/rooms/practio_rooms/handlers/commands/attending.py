"""Commands of people and offices about one date: who comes, what is planned, who came."""

from collections.abc import Collection
from uuid import UUID

from practio_chassis.context import Done, MessageContext, ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.rooms import (
    AnswerGiven,
    AnswerSession,
    AttendanceCounts,
    AttendanceRecorded,
    CheckIn,
    PlannedRole,
    PlanSession,
    RecordAttendance,
    Room,
    Scope,
    Session,
    SessionAnswered,
    SessionPlan,
    SessionPlanned,
)
from practio_rooms.domain import attending
from practio_rooms.domain.room import ROOM_UNKNOWN
from practio_rooms.handlers.publishing import look_at_turns
from practio_rooms.handlers.rotation import turns_after_planning
from practio_rooms.store import Loaded
from practio_rooms.store import attending as store
from practio_rooms.tables import SessionAnswerRow


async def answer_session(command: ReceivedMessage[AnswerSession], context: MessageContext[Loaded]) -> Done | Refusal:
    """Note whether a person comes; their seat stays as it is."""
    message = command.message
    state = context.loaded.visible_state(message.room_id, command.actor)
    if state is None:
        return ROOM_UNKNOWN
    room = state.room
    agenda = context.loaded.agendas.of(message.room_id)
    membership_id = (await store.memberships_of(context.session, message.room_id, [message.person_id])).get(
        message.person_id
    )
    found = attending.answered_sessions(
        room,
        agenda,
        message.session_id,
        message.scope,
        person_id=message.person_id,
        by=command.actor,
        is_in_room=membership_id is not None,
        now=context.now,
    )
    if isinstance(found, Refusal):
        return found
    await context.loaded.ended_answers.write(context.session)
    sessions = [each.session for each in found]
    before = await store.answers_of(context.session, message.person_id, sessions)
    given = [
        (_given(message, each, _counting(before.get(each.session_id), each, membership_id)), each) for each in sessions
    ]
    follows = message.scope is Scope.FOLLOWING
    changed = [
        (answer, about)
        for answer, about in given
        if (row := _counting(before.get(about.session_id), about, membership_id)) is None
        or (row.coming, row.note) != (answer.coming, answer.note)
        or (follows and not row.follows)
    ]
    await store.save_answers(context.session, changed, membership_id, follows=follows)
    for answer, about in changed:
        _publish(SessionAnswered(**answer.model_dump()), about, context)
    if changed:
        look_at_turns(room, context)
    return Done(given[0][0], changed=bool(changed))


def _counting(row: SessionAnswerRow | None, about: Session, membership_id: UUID | None) -> SessionAnswerRow | None:
    """Return a person's present answer if it counts for the time that the session has now."""
    if row is None:
        return None
    is_for_it = (row.membership_id, row.starts_at, row.ends_at) == (membership_id, about.starts_at, about.ends_at)
    return row if is_for_it else None


def _given(message: AnswerSession, about: Session, before: SessionAnswerRow | None) -> AnswerGiven:
    """Return the answer to one session; what a command does not state of the note stays: null clears it."""
    note = message.note if "note" in message.model_fields_set or before is None else before.note
    return AnswerGiven(
        room_id=message.room_id,
        session_id=about.session_id,
        person_id=message.person_id,
        coming=message.coming,
        note=note or None,
        starts_at=about.starts_at,
    )


async def plan_session(command: ReceivedMessage[PlanSession], context: MessageContext[Loaded]) -> Done | Refusal:
    """Plan who brings the case, who has which role, and which guests come."""
    message = command.message
    state = context.loaded.visible_state(message.room_id, command.actor)
    if state is None:
        return ROOM_UNKNOWN
    room = state.room
    agendas = context.loaded.agendas
    about = attending.planned_session(
        room, agendas.of(message.room_id), message.session_id, command.actor, now=context.now
    )
    if isinstance(about, Refusal):
        return about
    roles = [PlannedRole(name=each.name, person_id=each.person_id) for each in message.roles or ()]
    named = {*(message.case_by or ()), *(each.person_id for each in roles)}
    here = {*room.office_ids} | set(await store.memberships_of(context.session, message.room_id, named))
    cases = attending.by_index("case_by", message.case_by or ())
    parts = {f"roles.{index}.person_id": each.person_id for index, each in enumerate(roles)}
    if refusal := attending.strangers(cases, here) or attending.strangers(parts, here):
        return refusal
    before = await store.plan_of(context.session, message.room_id, message.session_id)
    row = agendas.sessions[message.room_id][message.session_id]
    guests = list(row.guests or ()) if message.guests is None else message.guests
    after = store.StoredPlan(
        before.case_by if message.case_by is None else tuple(message.case_by),
        before.roles if message.roles is None else tuple(roles),
    )
    plan = SessionPlan(
        room_id=message.room_id,
        session_id=message.session_id,
        case_by=list(after.case_by),
        roles=list(after.roles),
        guests=guests,
    )
    if after == before and guests == list(row.guests or ()):
        return Done(plan, changed=False)
    row.guests = guests
    await store.save_plan(context.session, about, after, context.now)
    proposed = await turns_after_planning(room, about, context)
    _publish(SessionPlanned(**plan.model_dump(), proposed_roles=list(proposed)), about, context)
    look_at_turns(room, context)
    return Done(plan)


async def record_attendance(
    command: ReceivedMessage[RecordAttendance], context: MessageContext[Loaded]
) -> Done | Refusal:
    """Record who came and who did not; people in neither list stay as they are."""
    message = command.message
    state = context.loaded.visible_state(message.room_id, command.actor)
    if state is None:
        return ROOM_UNKNOWN
    room = state.room
    agenda = context.loaded.agendas.of(message.room_id)
    about = attending.recorded_session(room, agenda, message.session_id, command.actor, now=context.now)
    if isinstance(about, Refusal):
        return about
    stated = dict.fromkeys(message.present, True) | dict.fromkeys(message.absent, False)
    before = await store.attendance_of(context.session, about, stated)
    seated = await store.seated_at(context.session, about, stated)
    in_room = await store.memberships_of(context.session, message.room_id, stated)
    known = {*before, *seated, *in_room, *room.office_ids}
    named = attending.by_index("present", message.present) | attending.by_index("absent", message.absent)
    if refusal := attending.strangers(named, known):
        return refusal
    return await _record(room, stated, before, seated, about, context)


async def check_in(command: ReceivedMessage[CheckIn], context: MessageContext[Loaded]) -> Done | Refusal:
    """Record that a person is there."""
    message = command.message
    state = context.loaded.visible_state(message.room_id, command.actor)
    if state is None:
        return ROOM_UNKNOWN
    room = state.room
    person = message.person_id
    about = attending.checked_in_session(
        room,
        context.loaded.agendas.of(message.room_id),
        message.session_id,
        person_id=person,
        by=command.actor,
        is_in_room=bool(await store.memberships_of(context.session, message.room_id, [person])),
        now=context.now,
    )
    if isinstance(about, Refusal):
        return about
    before = await store.attendance_of(context.session, about, [person])
    return await _record(room, {person: True}, before, {person}, about, context)


async def _record(
    room: Room,
    stated: dict[UUID, bool],
    before: dict[UUID, bool],
    seated: Collection[UUID],
    about: Session,
    context: MessageContext[Loaded],
) -> Done:
    changed = {person: there for person, there in stated.items() if before.get(person) is not there}
    present, absent = await store.save_attendance(context.session, about, changed, seated=seated, now=context.now)
    counts = AttendanceCounts(
        room_id=about.room_id, session_id=about.session_id, present_count=present, absent_count=absent
    )
    if changed:
        event = AttendanceRecorded(
            **counts.model_dump(),
            present=[person for person, there in changed.items() if there],
            absent=[person for person, there in changed.items() if not there],
        )
        _publish(event, about, context)
        context.loaded.care.touched.add(about.room_id)
        look_at_turns(room, context)
    return Done(counts, changed=bool(changed))


def _publish(
    event: SessionAnswered | SessionPlanned | AttendanceRecorded, about: Session, context: MessageContext[Loaded]
) -> None:
    """Publish an event about a session, with the session's next number."""
    number = context.loaded.agendas.next_number(about)
    context.publish(event, subject=about.session_id, sequence=number)
