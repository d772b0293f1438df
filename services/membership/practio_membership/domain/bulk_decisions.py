"""Many decisions at once, each on its own."""

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    ApproveRequest,
    Decided,
    DeclineRequest,
    MembershipEvent,
    Outcome,
    RefusalCode,
    Status,
)
from practio_membership.domain.changes import Changes
from practio_membership.domain.decision_context import DecisionContext
from practio_membership.domain.membership_state import Key, MembershipState
from practio_membership.domain.requests import approve_request, decline_request


@dataclass(frozen=True, slots=True)
class DecisionOutcome:
    """One decision and its result: an event or a refusal."""

    decided: Decided
    outcome: MembershipEvent | Refusal


def decide_requests(
    context: DecisionContext,
    decisions: Sequence[Decided],
    members: Mapping[UUID, MembershipState],
    *,
    waitlist: Sequence[Key],
) -> tuple[Changes, list[DecisionOutcome]]:
    """Decide on each person; ``context`` is about none of them, ``waitlist`` has the keys of all who wait, in order.

    Decisions are taken in waitlist order, so that the earliest request gets the seat, and answered in the given order.
    A second decision about the same person is refused.
    """
    changes, members, keys = Changes(context.state), dict(members), list(waitlist)
    answered: dict[int, DecisionOutcome] = {}
    for index in sorted(range(len(decisions)), key=lambda each: _key_of(decisions[each], members)):
        decided = decisions[index]
        member = members.get(decided.person_id)
        outcome = _decide(
            replace(context, state=changes.state, person_id=decided.person_id, member=member), decided, keys
        )
        answered[index] = DecisionOutcome(decided, outcome)
        if member and not isinstance(outcome, Refusal):
            changes = changes.with_event(member, outcome)
            members[decided.person_id] = changes.transitions[-1].after
            if outcome.membership.status is Status.WAITLISTED:
                insort(keys, member.key)
    return changes, [answered[index] for index in range(len(decisions))]


def _key_of(decided: Decided, members: Mapping[UUID, MembershipState]) -> Key:
    member = members.get(decided.person_id)
    return member.key if member else (0, 0)


def _decide(context: DecisionContext, decided: Decided, keys: Sequence[Key]) -> MembershipEvent | Refusal:
    about = {"room_id": context.state.room.room_id, "person_id": decided.person_id}
    if not decided.approve:
        outcome = decline_request(context, DeclineRequest.model_validate(about | {"reason": decided.reason}))
    else:
        ahead = bisect_left(keys, context.member.key) if context.member else 0
        command = ApproveRequest.model_validate(about | {"note": decided.reason})
        outcome = approve_request(replace(context, ahead=ahead), command)
    assert outcome is not None, "a decision is an event or a refusal"
    return outcome


def outcome_of(person_id: UUID, result: MembershipEvent | Refusal | None, member: MembershipState | None) -> Outcome:
    """Return the outcome of what was decided about a person, who is in this state now."""
    status = member.status if member else None
    if not isinstance(result, Refusal):
        return Outcome(person_id=person_id, accepted=True, status=status)
    code = RefusalCode(result.code)
    return Outcome(person_id=person_id, accepted=False, status=status, code=code, detail=result.detail)
