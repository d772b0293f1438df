"""One person's membership in one room: its state, its available commands, and its explanation."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.membership import Explain, Explanation, GetMembership, MembershipResult, Status
from practio_membership.domain.available_commands import available_commands
from practio_membership.domain.decision_context import DecisionContext
from practio_membership.domain.explanation import explain as reasons_for
from practio_membership.domain.explanation import roles_to_free
from practio_membership.domain.room import open_places
from practio_membership.queries.access import as_newcomer, context_of, room_visible_to
from practio_membership.store import buddies, seated


async def get_membership(
    query: ReceivedMessage[GetMembership], session: AsyncSession, now: datetime
) -> MembershipResult | Refusal:
    """Return the latest membership, live or ended, to the person and to the room's offices."""
    asked = query.message
    state = await room_visible_to(session, asked.room_id, query.actor, now, person_id=asked.person_id)
    if isinstance(state, Refusal):
        return state
    decision_context = await context_of(session, state, asked.person_id, now)
    waits = decision_context.member is not None and decision_context.member.status is Status.WAITLISTED
    buddy_id, buddy_of = await buddies.buddies_around(session, asked.room_id, asked.person_id)
    return MembershipResult(
        membership=decision_context.member and decision_context.member.snapshot,
        ahead=decision_context.ahead if waits else None,
        buddy_id=buddy_id,
        buddy_of=buddy_of,
        moves=[command.routing_key for command in available_commands(decision_context, as_newcomer(decision_context))],
    )


async def explain(query: ReceivedMessage[Explain], session: AsyncSession, now: datetime) -> Explanation | Refusal:
    """Return to the person and the room's offices why the person has a seat, or has none, at this moment."""
    asked = query.message
    state = await room_visible_to(session, asked.room_id, query.actor, now, person_id=asked.person_id)
    if isinstance(state, Refusal):
        return state
    decision_context = await context_of(session, state, asked.person_id, now)
    movable = await _movable(session, decision_context)
    return reasons_for(decision_context, as_newcomer(decision_context), movable=movable)


async def _movable(session: AsyncSession, context: DecisionContext) -> Mapping[str, int]:
    """Return how many people have each role that could be freed, and would take a free seat in another one."""
    if not (roles := roles_to_free(context)):
        return {}
    return await seated.movable(session, context.state.room.room_id, roles, open_places(context.state))
