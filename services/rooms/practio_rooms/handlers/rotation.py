"""Whose turn it is in a triad: published from 48 hours before a session on, and again whenever that changes."""

from collections.abc import Sequence

from practio_chassis.context import MessageContext
from practio_contracts.rooms import LIVE_ROOM, PlannedRole, Room, Session, SessionPlanned
from practio_rooms.domain.risk import is_due
from practio_rooms.domain.rotation import rotating_roles
from practio_rooms.store import Loaded
from practio_rooms.store.attending import expected, plan_of, save_proposed
from practio_rooms.store.rotation import proposals_of, proposed_roles


async def publish_turns(room: Room, context: MessageContext[Loaded]) -> int:
    """Publish the plans of the sessions within 48 hours whose proposed roles have changed; return how many."""
    agendas, count = context.loaded.agendas, 0
    if room.status not in LIVE_ROOM:
        return 0
    for planned in agendas.of(room.room_id).upcoming(context.now):
        about = planned.session
        if not is_due(about.starts_at, context.now):
            break
        before, after = await _turns(room, about, context)
        if after != before:
            plan = await plan_of(context.session, room.room_id, about.session_id)
            event = SessionPlanned(
                room_id=room.room_id,
                session_id=about.session_id,
                case_by=list(plan.case_by),
                roles=list(plan.roles),
                guests=list(agendas.sessions[room.room_id][about.session_id].guests or ()),
                proposed_roles=after,
            )
            context.publish(event, subject=about.session_id, sequence=agendas.next_number(about))
            count += 1
    return count


async def turns_after_planning(room: Room, about: Session, context: MessageContext[Loaded]) -> Sequence[PlannedRole]:
    """Return the roles that are proposed for a session now that its plan has changed, for the event that states it.

    Earlier than 48 hours before, none: what was proposed before the session was moved is proposed no more.
    """
    if not is_due(about.starts_at, context.now):
        await save_proposed(context.session, about, [], context.now)
        return []
    _, after = await _turns(room, about, context)
    return after


async def _turns(
    room: Room, about: Session, context: MessageContext[Loaded]
) -> tuple[list[PlannedRole], list[PlannedRole]]:
    """Return the roles that were proposed, and those that are now, which are saved."""
    before = (await proposals_of(context.session, room.room_id, [about.session_id]))[about.session_id]
    if not (before or rotating_roles(room)):
        return [], []
    await context.loaded.ended_answers.write(context.session)
    known = await expected(context.session, room, about)
    after = await proposed_roles(context.session, room, about, known, context.now)
    if after != before:
        await save_proposed(context.session, about, after, context.now)
    return before, after
