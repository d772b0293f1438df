"""From event to letters: who gets one, who does not, and only once."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.support.every_case import every_case
from tests.unit.notifications.builders import (
    FACILITATOR,
    GUEST,
    HOST,
    MEMBER,
    NOW,
    STEWARD,
    a_membership,
    a_room,
    a_room_event,
    an_event,
    an_event_of,
)

from practio_contracts.membership import (
    HAS_OFFICE,
    BarLifted,
    BuddyAssigned,
    Declined,
    Ended,
    InvitationDeclined,
    InvitationLapsed,
    Invited,
    Joined,
    MembershipEvent,
    OfferDeclined,
    OfferLapsed,
    OfferRevoked,
    Prioritised,
    Removed,
    Requested,
    RequestLapsed,
    RequestUnanswered,
    RoleChanged,
    SeatOffered,
    Status,
    Waitlisted,
    Withdrawn,
)
from practio_contracts.rooms import (
    HandOverDeclined,
    HandOverProposed,
    HostChanged,
    OfficeChanged,
    RoomArchived,
    RoomCancelled,
    RoomClosed,
    RoomDrafted,
    RoomPublished,
    RoomReopened,
    SessionCancelled,
    SessionRescheduled,
    SessionScheduled,
)
from practio_notifications.letters.compose import letters_from, thread_id
from practio_notifications.letters.recipients import Audience, Cause

SYSTEM = "system"
Letters = list[tuple[str, UUID]]


def letters_of(event: Cause, *, by: str | None = None, seated: tuple[UUID, ...] = (), **room: object) -> Letters:
    """Return kind and reader of each letter."""
    by = by or (event.membership.by if isinstance(event, MembershipEvent) else SYSTEM)
    audience = Audience(a_room(**room), frozenset(seated))
    return [(letter.kind.name, letter.person_id) for letter in letters_from(uuid4(), event, audience, by=by)]


def to_person(*kinds: str) -> Letters:
    return [(kind, MEMBER) for kind in kinds]


def to_all(kind: str) -> Letters:
    return [(kind, person_id) for person_id in (HOST, FACILITATOR, STEWARD, MEMBER, GUEST)]


TABLE: list[tuple[type[Cause], dict[str, object], Letters]] = [
    (Joined, {"how": "approved"}, to_person("joined")),
    (Joined, {"how": "invitation"}, to_person("joined")),
    (Joined, {"how": "open"}, [("joined", MEMBER), ("member-joined", HOST)]),
    (Waitlisted, {}, to_person("waitlisted")),
    (SeatOffered, {}, to_person("seat-offered", "offer-reminder")),
    (OfferLapsed, {}, to_person("offer-lapsed")),
    (OfferRevoked, {}, to_person("offer-revoked")),
    (Declined, {}, to_person("declined")),
    (Removed, {}, to_person("removed")),
    (Ended, {}, to_person("ended")),
    (RequestLapsed, {}, to_person("request-lapsed")),
    (InvitationLapsed, {}, to_person("invitation-lapsed")),
    (Invited, {}, to_person("invited", "invitation-reminder")),
    (Withdrawn, {"from_status": "waitlisted"}, to_person("withdrawn")),
    (Withdrawn, {"from_status": "joined"}, [("withdrawn", MEMBER), ("member-left", HOST)]),
    (Withdrawn, {"membership": a_membership(Status.WITHDRAWN, reason=HAS_OFFICE)}, []),
    (OfferDeclined, {}, [("offer-declined", MEMBER), ("member-declined-offer", HOST)]),
    (InvitationDeclined, {}, [("invitation-declined", MEMBER), ("member-declined-invitation", HOST)]),
    (RoleChanged, {}, to_person("role-changed")),
    (BuddyAssigned, {}, [("buddy-assigned", MEMBER), ("buddy-assigned", GUEST)]),
    (BuddyAssigned, {"buddy_id": None}, []),
    (RequestUnanswered, {"days": 3}, [("request-unanswered", HOST)]),
    (
        RequestUnanswered,
        {"days": 7},
        [("request-long-unanswered", FACILITATOR), ("request-long-unanswered", STEWARD)],
    ),
    (SessionScheduled, {}, to_all("session-scheduled")),
    (SessionRescheduled, {}, to_all("session-rescheduled")),
    (SessionCancelled, {}, to_all("session-cancelled")),
    (RoomCancelled, {}, to_all("room-cancelled")),
    (RoomArchived, {}, to_all("room-archived")),
    (HandOverProposed, {"person_id": GUEST}, [("hand-over-proposed", GUEST)]),
    (HostChanged, {"person_id": GUEST}, [("host-changed", GUEST)]),
    (HostChanged, {"person_id": GUEST, "reason": None}, [("handed-over", HOST)]),
    (OfficeChanged, {"person_id": GUEST, "appointed": True}, [("office-given", GUEST)]),
    (OfficeChanged, {"person_id": GUEST, "appointed": False}, [("office-taken", GUEST)]),
    (RoomDrafted, {}, [("room-drafted", HOST)]),
    (RoomPublished, {}, [("room-published", HOST)]),
    (RoomClosed, {}, []),
    (RoomReopened, {}, []),
    (HandOverDeclined, {"person_id": GUEST}, []),
]


@every_case(("event", "fields", "letters"), TABLE, ids=lambda each: getattr(each, "__name__", ""))
def test_each_event_sends_its_letters_to_the_right_people(
    event: type[Cause], fields: dict[str, Any], letters: Letters
) -> None:
    assert letters_of(an_event_of(event, **fields), seated=(MEMBER, GUEST)) == letters


def test_a_request_sends_a_confirmation_and_a_letter_to_everybody_who_decides() -> None:
    assert letters_of(an_event(Requested)) == [
        ("requested", MEMBER),
        ("request-to-decide", HOST),
        ("request-to-decide", FACILITATOR),
        ("request-to-decide", STEWARD),
    ]


def test_a_person_with_two_offices_gets_one_letter() -> None:
    letters = letters_of(an_event(Requested), facilitator_ids=[HOST], steward_ids=[HOST])
    assert letters.count(("request-to-decide", HOST)) == 1


def test_a_decider_gets_no_letter_about_a_request_they_made_for_somebody() -> None:
    made_by_host = an_event(Requested, a_membership(by=str(HOST)))
    assert ("request-to-decide", HOST) not in letters_of(made_by_host)
    assert ("requested", MEMBER) in letters_of(made_by_host)


@every_case(("event", "more"), [(Prioritised, {"priority": 1}), (BarLifted, {})])
def test_some_events_send_no_letter(event: type[MembershipEvent], more: dict[str, int]) -> None:
    assert letters_of(an_event(event, a_membership(Status.WAITLISTED), **more)) == []


@every_case("event", [SessionScheduled, SessionRescheduled, SessionCancelled, RoomCancelled, RoomArchived])
def test_the_actor_of_a_room_event_gets_no_letter(event: type[Cause]) -> None:
    readers = [reader for _, reader in letters_of(a_room_event(event), by=str(HOST), seated=(MEMBER, HOST))]
    assert readers == [FACILITATOR, STEWARD, MEMBER]


def test_a_person_who_resigns_an_office_gets_no_letter() -> None:
    assert letters_of(a_room_event(OfficeChanged, appointed=False), by=str(STEWARD)) == []


@every_case("status", ["cancelled", "archived"])
def test_sessions_that_end_with_their_room_have_no_letters_of_their_own(status: str) -> None:
    assert letters_of(a_room_event(SessionCancelled, a_room(status=status)), seated=(MEMBER,)) == []


@every_case(("event", "kind"), [(RoomDrafted, "room-drafted"), (RoomPublished, "room-published")])
def test_a_host_gets_a_letter_about_the_room_that_they_drafted_or_published(event: type[Cause], kind: str) -> None:
    assert letters_of(a_room_event(event), by=str(HOST)) == [(kind, HOST)]


def test_a_draft_sends_no_other_letter() -> None:
    assert letters_of(a_room_event(OfficeChanged, a_room(status="draft"))) == []


@every_case(("event", "half"), [(SeatOffered, timedelta(hours=12)), (Invited, timedelta(days=3.5))])
def test_a_reminder_leaves_when_half_the_time_of_the_offer_or_invitation_is_over(
    event: type[MembershipEvent], half: timedelta
) -> None:
    letters = letters_from(uuid4(), an_event(event), Audience(a_room()), by=SYSTEM)
    assert [letter.not_before for letter in letters] == [None, NOW + half]


def test_an_invitation_without_an_end_has_no_reminder() -> None:
    endless = a_membership(Status.INVITED, invitation_expires_at=None)
    assert letters_of(an_event(Invited, endless)) == to_person("invited")


def test_the_same_event_always_gives_the_same_letters() -> None:
    event_id, event, audience = uuid4(), an_event(Requested), Audience(a_room())
    assert letters_from(event_id, event, audience, by=SYSTEM) == letters_from(event_id, event, audience, by=SYSTEM)


def test_each_letter_of_an_event_has_an_id_of_its_own() -> None:
    letters = letters_from(uuid4(), an_event(Requested), Audience(a_room()), by=SYSTEM)
    assert len({letter.letter_id for letter in letters}) == 4


def test_another_event_about_the_same_person_gives_other_letters() -> None:
    event, audience = an_event(Requested), Audience(a_room())
    first, second = (letters_from(uuid4(), event, audience, by=SYSTEM) for _ in range(2))
    assert {letter.letter_id for letter in first}.isdisjoint(letter.letter_id for letter in second)


def test_a_thread_is_of_one_person_in_one_room() -> None:
    room_id, person_id = uuid4(), uuid4()
    assert thread_id(room_id, person_id) == thread_id(room_id, person_id) != thread_id(person_id, room_id)
