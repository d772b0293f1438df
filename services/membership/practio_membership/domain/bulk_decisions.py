"""Many decisions at once, each on its own (membership.md, Requests)."""

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
from practio_membership.domain.changes import Turn
from practio_membership.domain.decision_context import Case
from practio_membership.domain.membership_state import Key, Standing
from practio_membership.domain.requests import approve_request, decline_request


@dataclass(frozen=True, slots=True)
class Answered:
    """One decision, and what came of it: an event or a refusal."""

    decided: Decided
    outcome: MembershipEvent | Refusal


def decide_requests(
    case: Case, decisions: Sequence[Decided], standings: Mapping[UUID, Standing], *, line: Sequence[Key]
) -> tuple[Turn, list[Answered]]:
    """Decide on each person; ``case`` is about none of them, ``line`` are the places of all who wait, in order.

    They are taken in the order of the queue, so that a seat goes to who asked first, and answered in the order given.
    A person who is decided on twice is refused the second time.
    """
    turn, standings, keys = Turn(case.state), dict(standings), list(line)
    answered: dict[int, Answered] = {}
    for index in sorted(range(len(decisions)), key=lambda each: _key_of(decisions[each], standings)):
        decided = decisions[index]
        standing = standings.get(decided.person_id)
        outcome = _decide(
            replace(case, state=turn.state, person_id=decided.person_id, standing=standing), decided, keys
        )
        answered[index] = Answered(decided, outcome)
        if standing and not isinstance(outcome, Refusal):
            turn = turn.tell(standing, outcome)
            standings[decided.person_id] = turn.told[-1].after
            if outcome.membership.status is Status.WAITLISTED:
                insort(keys, standing.key)
    return turn, [answered[index] for index in range(len(decisions))]


def _key_of(decided: Decided, standings: Mapping[UUID, Standing]) -> Key:
    standing = standings.get(decided.person_id)
    return standing.key if standing else (0, 0)


def _decide(case: Case, decided: Decided, keys: Sequence[Key]) -> MembershipEvent | Refusal:
    about = {"room_id": case.state.room.room_id, "person_id": decided.person_id}
    if not decided.approve:
        outcome = decline_request(case, DeclineRequest.model_validate(about | {"reason": decided.reason}))
    else:
        ahead = bisect_left(keys, case.standing.key) if case.standing else 0
        command = ApproveRequest.model_validate(about | {"note": decided.reason})
        outcome = approve_request(replace(case, ahead=ahead), command)
    assert outcome is not None, "a decision says a fact or is refused"
    return outcome


def outcome_of(answered: Answered, standing: Standing | None) -> Outcome:
    """Tell what came of a decision, to a person who stands there now."""
    status = standing.status if standing else None
    if not isinstance(answered.outcome, Refusal):
        return Outcome(person_id=answered.decided.person_id, accepted=True, status=status)
    refusal = answered.outcome
    return Outcome(
        person_id=answered.decided.person_id,
        accepted=False,
        status=status,
        code=RefusalCode(refusal.code),
        detail=refusal.detail,
    )
