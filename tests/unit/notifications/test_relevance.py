"""Relevance at send time: a letter leaves only while it is true."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.support.every_case import every_case
from tests.unit.notifications.builders import (
    COMMAND_ID,
    FACILITATOR,
    GUEST,
    HOST,
    MEMBER,
    NOW,
    STEWARD,
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

from practio_contracts.membership import BuddyAssigned, Ended, Invited, MembershipEvent, RoleChanged, Status
from practio_contracts.rooms import (
    HandOverProposed,
    HostChanged,
    OfficeChanged,
    RoomArchived,
    RoomCancelled,
    RoomDrafted,
    RoomEvent,
    RoomPublished,
    RoomRevised,
    RoomStatus,
    SessionEvent,
    SessionScheduled,
)
from practio_notifications.letters.dates import AnnouncedSession
from practio_notifications.letters.kinds import KIND, LetterKind
from practio_notifications.letters.recipients import Cause, member_of
from practio_notifications.letters.relevance import Erased, NewestMembership, Situation, SkipReason, skip_reason

ALL = [pytest.param(kind, id=name) for name, kind in KIND.items()]
OF_PEOPLE = [pytest.param(kind, id=name) for name, kind in KIND.items() if issubclass(kind.event, MembershipEvent)]
OF_SESSIONS = ["session-scheduled", "session-rescheduled", "session-revised", "session-cancelled"]
TO_ALL = [*OF_SESSIONS, "room-moved", "room-renamed", "room-cancelled", "room-archived"]


def skipped(
    kind: str, event: Cause, situation: Situation, *, reader: UUID | None = None, after: timedelta = timedelta()
) -> SkipReason | None:
    reader = reader or a_reader_of(KIND[kind], event)
    return skip_reason(KIND[kind], event, COMMAND_ID, reader, situation, NOW + after)


@every_case("kind", ALL)
def test_a_letter_is_sent_while_it_is_true(kind: LetterKind) -> None:
    event = an_event_for(kind)
    assert skipped(kind.name, event, a_true_situation(event)) is None


@every_case("kind", OF_PEOPLE)
@every_case("status", Status)
def test_a_letter_is_skipped_after_the_membership_changed(kind: LetterKind, status: Status) -> None:
    event = an_event_for(kind)
    assert isinstance(event, MembershipEvent)
    published = event.membership
    reason = skipped(
        kind.name, event, a_situation(published, member_state=NewestMembership(status, published.offer_expires_at))
    )
    assert (reason is None) == (status is published.status)


@every_case("kind", ["seat-offered", "offer-reminder"])
def test_a_letter_about_an_offer_is_skipped_from_its_end_on(kind: str) -> None:
    event = an_event_for(KIND[kind])
    just_before = timedelta(days=1, microseconds=-1)
    assert skipped(kind, event, a_true_situation(event), after=just_before) is None
    assert skipped(kind, event, a_true_situation(event), after=timedelta(days=1)) is SkipReason.OFFER_OVER


@every_case("kind", ["seat-offered", "offer-reminder"])
def test_the_letter_of_an_earlier_offer_is_skipped_if_there_is_a_new_one(kind: str) -> None:
    event = an_event_for(KIND[kind])
    newer = NewestMembership(Status.OFFERED, NOW + timedelta(days=3))
    assert skipped(kind, event, a_true_situation(event, member_state=newer)) is SkipReason.OFFER_OVER


@every_case("kind", ["invited", "invitation-reminder"])
def test_a_letter_about_an_invitation_is_skipped_from_its_end_on(kind: str) -> None:
    event = an_event(Invited, a_membership(Status.INVITED, invitation_expires_at=NOW + timedelta(days=1)))
    assert skipped(kind, event, a_true_situation(event)) is None
    assert skipped(kind, event, a_true_situation(event), after=timedelta(days=1)) is SkipReason.INVITATION_OVER


@every_case("status", [RoomStatus.PUBLISHED, RoomStatus.CLOSED, RoomStatus.CANCELLED])
def test_a_letter_about_a_draft_is_skipped_once_it_is_published(status: RoomStatus) -> None:
    event = a_room_event(RoomDrafted)
    later = a_true_situation(event, room=a_room(status=status))
    assert skipped("room-drafted", event, later) is SkipReason.MOVED_ON


def test_a_letter_about_a_draft_is_skipped_once_it_is_discarded() -> None:
    event = a_room_event(RoomDrafted)
    assert skipped("room-drafted", event, a_true_situation(event, room=None)) is SkipReason.ROOM_UNKNOWN


@every_case("kind", ["room-drafted", "room-published"])
def test_a_letter_about_starting_a_room_is_not_sent_to_a_former_host(kind: str) -> None:
    event = an_event_for(KIND[kind])
    assert isinstance(event, RoomEvent)
    handed_over = event.room.model_copy(update={"host_id": GUEST})
    assert skipped(kind, event, a_true_situation(event, room=handed_over), reader=HOST) is SkipReason.OFFICE_LEFT


def test_a_letter_about_a_published_room_is_skipped_once_it_is_closed() -> None:
    event = a_room_event(RoomPublished)
    closed = a_true_situation(event, room=a_room(status="closed"))
    assert skipped("room-published", event, closed) is SkipReason.MOVED_ON


def test_a_role_that_changed_again_is_only_in_the_later_letter() -> None:
    event = an_event(RoleChanged, a_membership(Status.JOINED, role="coach"))
    other = NewestMembership(Status.JOINED, None, "observer", was_joined=True)
    assert skipped("role-changed", event, a_true_situation(event, member_state=other)) is SkipReason.MOVED_ON


def test_a_participant_gets_only_one_letter_about_the_end_of_the_room() -> None:
    event = an_event(Ended)
    was_in = NewestMembership(Status.ENDED, was_joined=True)
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
def test_a_former_office_holder_gets_no_letters_of_the_office(kind: str, reader: UUID) -> None:
    event = an_event_for(KIND[kind])
    others = a_room(host_id=GUEST, facilitator_ids=[], steward_ids=[])
    assert skipped(kind, event, a_true_situation(event, room=others), reader=reader) is SkipReason.OFFICE_LEFT


@every_case("kind", [*TO_ALL, "session-reminder"])
def test_a_former_participant_gets_no_room_letters_but_an_office_holder_does(kind: str) -> None:
    event = an_event_for(KIND[kind])
    left = a_true_situation(event, seated=False)
    assert skipped(kind, event, left, reader=MEMBER) is SkipReason.ROOM_LEFT
    assert skipped(kind, event, left, reader=FACILITATOR) is None


@every_case("kind", OF_SESSIONS)
def test_sessions_changed_again_are_only_in_the_later_letter(kind: str) -> None:
    event = an_event_for(KIND[kind])
    assert isinstance(event, SessionEvent)
    changed = (AnnouncedSession(event.session, uuid4()),)
    assert skipped(kind, event, a_true_situation(event, sessions=changed)) is SkipReason.MOVED_ON
    assert skipped(kind, event, a_true_situation(event, sessions=())) is SkipReason.MOVED_ON


@every_case("kind", OF_SESSIONS)
def test_past_sessions_send_no_letter(kind: str) -> None:
    event = an_event_for(KIND[kind])
    assert skipped(kind, event, a_true_situation(event), after=timedelta(days=8)) is SkipReason.MOVED_ON


@every_case(
    "now_known",
    [{"status": "cancelled", "revision": 1}, {"starts_at": NOW + timedelta(days=9), "revision": 1}],
    ids=["called off", "moved"],
)
def test_a_moved_or_cancelled_session_has_no_reminder_at_the_old_time(now_known: dict[str, Any]) -> None:
    event = a_room_event(SessionScheduled)
    assert isinstance(event, SessionScheduled)
    known = (AnnouncedSession(a_session(session_id=event.session.session_id, **now_known), uuid4()),)
    reason = skipped("session-reminder", event, a_true_situation(event, sessions=known))
    assert reason is SkipReason.SESSION_OVER


def test_a_session_that_has_begun_has_no_reminder() -> None:
    event = a_room_event(SessionScheduled)
    begun = timedelta(days=7)
    assert skipped("session-reminder", event, a_true_situation(event), after=begun) is SkipReason.SESSION_OVER


def test_a_withdrawn_hand_over_proposal_sends_no_letter() -> None:
    event = a_room_event(HandOverProposed)
    assert skipped("hand-over-proposed", event, a_true_situation(event, proposed_host_id=GUEST)) is SkipReason.MOVED_ON


def test_a_former_host_gets_no_letter_about_being_host() -> None:
    event = a_room_event(HostChanged)
    assert skipped("host-changed", event, a_true_situation(event, room=a_room())) is SkipReason.MOVED_ON


def test_a_former_host_who_is_host_again_gets_no_letter_about_handing_over() -> None:
    event = a_room_event(HostChanged, reason=None)
    assert skipped("handed-over", event, a_true_situation(event)) is None
    again = a_true_situation(event, room=a_room())
    assert skipped("handed-over", event, again) is SkipReason.MOVED_ON


def test_an_office_changed_again_is_only_in_the_later_letter() -> None:
    given = a_room_event(OfficeChanged)
    taken = a_room_event(OfficeChanged, appointed=False)
    without = a_room(steward_ids=[])
    assert skipped("office-given", given, a_true_situation(given, room=without)) is SkipReason.MOVED_ON
    assert skipped("office-taken", taken, a_true_situation(taken)) is SkipReason.MOVED_ON


@every_case(("kind", "event"), [("room-cancelled", RoomCancelled), ("room-archived", RoomArchived)])
def test_a_letter_about_the_end_of_a_room_is_sent_while_it_is_ended(kind: str, event: type[Cause]) -> None:
    published = a_room_event(event)
    assert skipped(kind, published, a_true_situation(published, room=a_room())) is SkipReason.MOVED_ON


@every_case("kind", ALL)
def test_a_person_without_a_known_address_gets_no_letter(kind: LetterKind) -> None:
    event = an_event_for(kind)
    assert skipped(kind.name, event, a_true_situation(event, reader=None)) is SkipReason.NO_ADDRESS


@every_case("kind", ALL)
@every_case("erased", ["reader", "member"])
def test_nothing_is_sent_to_or_about_an_erased_person(kind: LetterKind, erased: str) -> None:
    event = an_event_for(kind)
    assert skipped(kind.name, event, a_true_situation(event, **{erased: Erased()})) is SkipReason.PERSON_ERASED


def test_a_rooms_new_link_is_announced_while_the_room_has_it() -> None:
    event = a_room_event(RoomRevised)
    assert isinstance(event, RoomRevised)
    place_again = event.room.model_copy(update={"place": "Via Verdi 2"})
    both_again = place_again.model_copy(update={"meeting_url": "https://meet.example.org/third"})
    over = event.room.model_copy(update={"status": "archived"})
    reasons = [skipped("room-moved", event, a_true_situation(event, room=room)) for room in (place_again, both_again)]
    assert reasons == [None, SkipReason.MOVED_ON]
    assert skipped("room-moved", event, a_true_situation(event, room=over)) is SkipReason.MOVED_ON


def test_a_rooms_new_title_is_announced_while_the_room_has_it_and_a_session_comes() -> None:
    event = a_room_event(RoomRevised, changed_fields=["title"])
    assert isinstance(event, RoomRevised)
    renamed_again = event.room.model_copy(update={"title": "Another"})
    assert skipped("room-renamed", event, a_true_situation(event)) is None
    assert skipped("room-renamed", event, a_true_situation(event, room=renamed_again)) is SkipReason.MOVED_ON
    assert skipped("room-renamed", event, a_true_situation(event, sessions=())) is SkipReason.NOTHING_LEFT


def test_buddies_read_the_name_of_the_other_while_they_sit_in_the_room() -> None:
    event = an_event_for(KIND["buddy-assigned"])
    assert isinstance(event, BuddyAssigned)
    assert [member_of(event, each) for each in (MEMBER, GUEST)] == [GUEST, MEMBER]
    kind, situation = KIND["buddy-assigned"], a_true_situation(event)
    assert skip_reason(kind, event, uuid4(), GUEST, situation, NOW) is None
    left = replace(situation, seated=False)
    assert skip_reason(kind, event, uuid4(), MEMBER, left, NOW) is SkipReason.ROOM_LEFT
