"""Which commands of a service concern each other, so that one that is retried is refused if a later one was handled."""

from uuid import UUID

import practio_membership.app
import practio_notifications.app
import practio_rooms.app
from practio_contracts.membership import (
    DecideRequests,
    ExchangeRoles,
    FillSeats,
    InviteFrom,
    RevokeInvitation,
    Withdraw,
)
from practio_contracts.message import Command
from practio_contracts.notifications import LiftSuppression, ReportBounce
from practio_contracts.rooms import AnswerSession, DeclineHandOver, HandOver, RescheduleSession

ROOM, OTHER_ROOM, ADA, BEN, DATE, OTHER_DATE = (UUID(int=number) for number in range(1, 7))


def share(*commands: Command) -> bool:
    """Return whether two commands have a subject in common."""
    [service] = [
        each
        for each in (practio_membership.app.SERVICE, practio_notifications.app.SERVICE, practio_rooms.app.SERVICE)
        if type(commands[0]) in each.commands
    ]
    one, other = (set(service.subjects_of(each)) for each in commands)
    return not one.isdisjoint(other)


def test_what_concerns_many_people_concerns_each_of_them() -> None:
    invited = InviteFrom(room_id=ROOM, from_room_id=OTHER_ROOM, person_ids=[ADA])
    assert share(invited, RevokeInvitation(room_id=ROOM, person_id=ADA))
    assert not share(invited, RevokeInvitation(room_id=ROOM, person_id=BEN))
    assert not share(invited, RevokeInvitation(room_id=OTHER_ROOM, person_id=ADA))
    decided = DecideRequests.model_validate({"room_id": ROOM, "decisions": [{"person_id": ADA, "approve": True}]})
    assert share(decided, Withdraw(room_id=ROOM, person_id=ADA))
    roles = [{"person_id": each, "role": "coach"} for each in (ADA, BEN)]
    exchanged = ExchangeRoles.model_validate({"room_id": ROOM, "assignments": roles})
    assert share(exchanged, Withdraw(room_id=ROOM, person_id=BEN))


def test_what_the_system_does_in_a_room_overtakes_nobody() -> None:
    assert not share(FillSeats(room_id=ROOM), Withdraw(room_id=ROOM, person_id=ADA))


def test_a_room_has_one_proposal_of_a_hand_over() -> None:
    proposed = HandOver(room_id=ROOM, person_id=ADA)
    assert share(proposed, HandOver(room_id=ROOM, person_id=BEN))
    assert share(proposed, DeclineHandOver(room_id=ROOM, person_id=BEN))
    assert not share(proposed, HandOver(room_id=OTHER_ROOM, person_id=BEN))


def moved(date: UUID, scope: str) -> RescheduleSession:
    return RescheduleSession.model_validate(
        {"room_id": ROOM, "session_id": date, "starts_at": "2090-03-01T18:00", "scope": scope}
    )


def test_what_is_done_to_all_dates_that_follow_concerns_each_other() -> None:
    assert share(moved(DATE, "following"), moved(OTHER_DATE, "following"))
    assert share(moved(DATE, "following"), moved(DATE, "this"))
    assert not share(moved(DATE, "this"), moved(OTHER_DATE, "this"))
    answers = [
        AnswerSession.model_validate(
            {"room_id": ROOM, "session_id": DATE, "person_id": each, "coming": "yes", "scope": "following"}
        )
        for each in (ADA, BEN)
    ]
    assert not share(*answers)


def test_a_bounce_and_its_end_are_about_an_address_of_which_only_a_hash_is_kept() -> None:
    bounced = ReportBounce.model_validate({"email": "Ada@example.org", "kind": "hard", "letter_id": DATE})
    assert share(bounced, LiftSuppression.model_validate({"email": "ada@example.org"}))
    assert not share(bounced, LiftSuppression.model_validate({"email": "ben@example.org"}))
    assert not any("example" in each for each in practio_notifications.app.SERVICE.subjects_of(bounced))
