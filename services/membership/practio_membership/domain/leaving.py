"""Leaving: of one's own will, with the room's end, for an office, or because a person is to be forgotten."""

from collections.abc import Sequence
from datetime import datetime

from practio_contracts.membership import Ended, Status, Withdraw, Withdrawn
from practio_membership.domain import refusals
from practio_membership.domain.changes import Turn, told_of_each
from practio_membership.domain.decision_context import Case, Decision, only_the_person, only_while_it_goes_on
from practio_membership.domain.membership_state import Standing, moved
from practio_membership.domain.room import RoomState


def withdraw(case: Case, command: Withdraw) -> Decision:
    """Leave the line, or the room."""
    if refusal := only_the_person(case) or only_while_it_goes_on(case):
        return refusal
    if case.person_id == case.state.room.host_id:
        return refusals.HOST_STAYS
    if case.standing is None or not case.standing.is_live:
        return refusals.NOT_A_MEMBER
    return leave(case.standing, by=case.by, now=case.now, reason=command.reason)


def leave(standing: Standing, *, by: str, now: datetime, reason: str | None = None) -> Withdrawn:
    """Tell that a person left, whatever live state they were in."""
    return Withdrawn(
        membership=moved(standing, Status.WITHDRAWN, by=by, at=now, reason=reason), from_status=standing.shown.status
    )


def end(state: RoomState, people: Sequence[Standing], *, by: str, now: datetime, reason: str | None) -> Turn:
    """Tell ``people``, whatever live state they are in, that the room is over for them."""
    return told_of_each(
        Turn(state),
        people,
        lambda _, each: Ended(membership=moved(each, Status.ENDED, by=by, at=now, reason=reason)),
    )
