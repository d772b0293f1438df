"""Truth at send time: a letter leaves only while it says what is so."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.support.folding import every_case
from tests.unit.notifications.builders import (
    FACILITATOR,
    GUEST,
    HOST,
    MEMBER,
    NOW,
    STEWARD,
    TOLD_IN,
    a_membership,
    a_reader_of,
    a_room,
    a_room_event,
    a_session,
    a_situation,
    a_true_situation,
    an_event,
    an_event_for,
)

from practio_contracts.membership import Ended, Invited, MembershipEvent, RoleChanged, Status
from practio_contracts.rooms import (
    HandOverProposed,
    HostChanged,
    OfficeChanged,
    RoomArchived,
    RoomCancelled,
    SessionCancelled,
    SessionRescheduled,
    SessionScheduled,
)
from practio_notifications.letters.dates import AnnouncedSession
from practio_notifications.letters.kinds import KIND, Kind
from practio_notifications.letters.recipients import Cause
from practio_notifications.letters.relevance import Erased, MembershipState, Situation, SkipReason, skip_reason

ALL = [pytest.param(kind, id=name) for name, kind in KIND.items()]
OF_PEOPLE = [pytest.param(kind, id=name) for name, kind in KIND.items() if issubclass(kind.event, MembershipEvent)]
TO_ALL = ["session-scheduled", "session-rescheduled", "session-cancelled", "room-cancelled", "room-archived"]


def skipped(
    kind: str, event: Cause, situation: Situation, *, reader: UUID | None = None, after: timedelta = timedelta()
) -> SkipReason | None:
    reader = reader or a_reader_of(KIND[kind], event)
    return skip_reason(KIND[kind], event, TOLD_IN, reader, situation, NOW + after)


@every_case("kind", ALL)
def test_a_letter_leaves_while_what_it_says_is_so(kind: Kind) -> None:
    event = an_event_for(kind)
    assert skipped(kind.name, event, a_true_situation(event)) is None


@every_case("kind", OF_PEOPLE)
@every_case("status", Status)
def test_a_letter_stays_once_the_person_stands_elsewhere(kind: Kind, status: Status) -> None:
    event = an_event_for(kind)
    assert isinstance(event, MembershipEvent)
    told = event.membership
    reason = skipped(kind.name, event, a_situation(told, member_state=MembershipState(status, told.offer_expires_at)))
    assert (reason is None) == (status is told.status)


@every_case("kind", ["seat-offered", "offer-reminder"])
def test_an_offer_is_over_at_its_instant(kind: str) -> None:
    event = an_event_for(KIND[kind])
    just_before = timedelta(days=1, microseconds=-1)
    assert skipped(kind, event, a_true_situation(event), after=just_before) is None
    assert skipped(kind, event, a_true_situation(event), after=timedelta(days=1)) is SkipReason.OFFER_OVER


@every_case("kind", ["seat-offered", "offer-reminder"])
def test_the_letter_of_an_earlier_offer_stays_when_there_is_a_new_one(kind: str) -> None:
    event = an_event_for(KIND[kind])
    newer = MembershipState(Status.OFFERED, NOW + timedelta(days=3))
    assert skipped(kind, event, a_true_situation(event, member_state=newer)) is SkipReason.OFFER_OVER


def test_an_invitation_is_over_at_its_instant() -> None:
    event = an_event(Invited, a_membership(Status.INVITED, invitation_expires_at=NOW + timedelta(days=1)))
    assert skipped("invited", event, a_true_situation(event)) is None
    assert skipped("invited", event, a_true_situation(event), after=timedelta(days=1)) is SkipReason.INVITATION_OVER


def test_a_role_that_changed_again_is_told_by_the_later_letter() -> None:
    event = an_event(RoleChanged, a_membership(Status.JOINED, role="coach"))
    other = MembershipState(Status.JOINED, None, "observer", was_joined=True)
    assert skipped("role-changed", event, a_true_situation(event, member_state=other)) is SkipReason.MOVED_ON


def test_who_was_in_the_room_is_told_of_its_end_with_the_room_alone() -> None:
    event = an_event(Ended)
    was_in = MembershipState(Status.ENDED, was_joined=True)
    assert skipped("ended", event, a_true_situation(event, member_state=was_in)) is SkipReason.TOLD_WITH_THE_ROOM


@every_case(
    ("kind", "reader"),
    [
        ("request-to-decide", HOST),
        ("request-unanswered", HOST),
        ("request-long-unanswered", STEWARD),
        ("member-joined", HOST),
        ("member-left", HOST),
        ("member-declined-offer", HOST),
        ("member-declined-invitation", HOST),
    ],
)
def test_who_has_laid_an_office_down_is_not_told_what_comes_with_it(kind: str, reader: UUID) -> None:
    event = an_event_for(KIND[kind])
    others = a_room(host_id=GUEST, facilitator_ids=[], steward_ids=[])
    assert skipped(kind, event, a_true_situation(event, room=others), reader=reader) is SkipReason.OFFICE_LEFT


@every_case("kind", [*TO_ALL, "session-reminder"])
def test_who_has_left_the_room_is_not_told_of_it_but_an_office_is(kind: str) -> None:
    event = an_event_for(KIND[kind])
    left = a_true_situation(event, seated=False)
    assert skipped(kind, event, left, reader=MEMBER) is SkipReason.ROOM_LEFT
    assert skipped(kind, event, left, reader=FACILITATOR) is None


@every_case("kind", ["session-scheduled", "session-rescheduled", "session-cancelled"])
def test_sessions_that_another_command_has_changed_since_are_told_by_its_letter(kind: str) -> None:
    event = an_event_for(KIND[kind])
    assert isinstance(event, SessionScheduled | SessionRescheduled | SessionCancelled)
    changed = (AnnouncedSession(event.session, uuid4()),)
    assert skipped(kind, event, a_true_situation(event, sessions=changed)) is SkipReason.MOVED_ON
    assert skipped(kind, event, a_true_situation(event, sessions=())) is SkipReason.MOVED_ON


@every_case("kind", ["session-scheduled", "session-rescheduled", "session-cancelled"])
def test_of_sessions_that_are_over_nobody_is_told(kind: str) -> None:
    event = an_event_for(KIND[kind])
    assert skipped(kind, event, a_true_situation(event), after=timedelta(days=8)) is SkipReason.MOVED_ON


@every_case(
    "now_known",
    [{"status": "cancelled", "revision": 1}, {"starts_at": NOW + timedelta(days=9), "revision": 1}],
    ids=["called off", "moved"],
)
def test_nobody_is_reminded_of_a_session_that_is_not_then(now_known: dict[str, Any]) -> None:
    event = a_room_event(SessionScheduled)
    assert isinstance(event, SessionScheduled)
    known = (AnnouncedSession(a_session(session_id=event.session.session_id, **now_known), uuid4()),)
    reason = skipped("session-reminder", event, a_true_situation(event, sessions=known))
    assert reason is SkipReason.SESSION_OVER


def test_nobody_is_reminded_of_a_session_that_has_begun() -> None:
    event = a_room_event(SessionScheduled)
    begun = timedelta(days=7)
    assert skipped("session-reminder", event, a_true_situation(event), after=begun) is SkipReason.SESSION_OVER


def test_who_is_not_asked_any_more_to_become_the_host_is_not_written_to() -> None:
    event = a_room_event(HandOverProposed)
    assert skipped("hand-over-proposed", event, a_true_situation(event, proposed_host_id=GUEST)) is SkipReason.MOVED_ON


def test_who_is_not_the_host_any_more_is_not_told_to_be() -> None:
    event = a_room_event(HostChanged)
    assert skipped("host-changed", event, a_true_situation(event, room=a_room())) is SkipReason.MOVED_ON


def test_an_office_that_was_taken_and_given_since_is_told_by_the_later_letter() -> None:
    given = a_room_event(OfficeChanged)
    taken = a_room_event(OfficeChanged, appointed=False)
    without = a_room(steward_ids=[])
    assert skipped("office-given", given, a_true_situation(given, room=without)) is SkipReason.MOVED_ON
    assert skipped("office-taken", taken, a_true_situation(taken)) is SkipReason.MOVED_ON


@every_case(("kind", "event"), [("room-cancelled", RoomCancelled), ("room-archived", RoomArchived)])
def test_the_end_of_a_room_is_told_while_it_is_over(kind: str, event: type[Cause]) -> None:
    told = a_room_event(event)
    assert skipped(kind, told, a_true_situation(told, room=a_room())) is SkipReason.MOVED_ON


@every_case("kind", ALL)
def test_a_person_whose_address_nobody_told_gets_none(kind: Kind) -> None:
    event = an_event_for(kind)
    assert skipped(kind.name, event, a_true_situation(event, reader=None)) is SkipReason.NO_ADDRESS


@every_case("kind", ALL)
@every_case("erased", ["reader", "member"])
def test_nothing_is_sent_to_or_about_an_erased_person(kind: Kind, erased: str) -> None:
    event = an_event_for(kind)
    assert skipped(kind.name, event, a_true_situation(event, **{erased: Erased()})) is SkipReason.PERSON_ERASED
