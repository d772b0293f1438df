"""Where one person stands with one room, what they can do now, and why they have, or have not, a seat."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.membership import Explain, Explanation, GetMembership, MembershipResult, Status
from practio_membership.domain.available_commands import moves
from practio_membership.domain.explanation import explain as reasons_for
from practio_membership.queries.access import as_newcomer, case_of, room_seen


async def get_membership(
    query: ReceivedMessage[GetMembership], session: AsyncSession, now: datetime
) -> MembershipResult | Refusal:
    """Tell the latest membership, live or ended, to the person and to the room's offices."""
    asked = query.message
    state = await room_seen(session, asked.room_id, query.actor, now, person_id=asked.person_id)
    if isinstance(state, Refusal):
        return state
    case = await case_of(session, state, asked.person_id, now)
    waits = case.standing is not None and case.standing.status is Status.WAITLISTED
    return MembershipResult(
        membership=case.standing and case.standing.shown,
        ahead=case.ahead if waits else None,
        moves=[command.routing_key for command in moves(case, as_newcomer(case))],
    )


async def explain(query: ReceivedMessage[Explain], session: AsyncSession, now: datetime) -> Explanation | Refusal:
    """Tell the person and the room's offices why the person has, or has not, a seat at this moment."""
    asked = query.message
    state = await room_seen(session, asked.room_id, query.actor, now, person_id=asked.person_id)
    if isinstance(state, Refusal):
        return state
    case = await case_of(session, state, asked.person_id, now)
    return reasons_for(case, as_newcomer(case))
