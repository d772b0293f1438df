"""What letters say about requests, the waitlist, offers and seats, true for each way to them and from them."""

import re
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.notifications.builders import (
    FACILITATOR,
    HOST,
    MEMBER,
    a_membership,
    a_room,
    an_event,
    an_event_for,
    an_occupancy,
    some_pages,
)
from tests.unit.notifications.html_document import parse
from tests.unit.notifications.written import written

from practio_contracts.membership import (
    HAS_SEAT_ELSEWHERE,
    Declined,
    How,
    Invited,
    Joined,
    OfferLapsed,
    Requested,
    SeatOffered,
    Status,
    Waitlisted,
    Withdrawn,
)
from practio_notifications.letters.kinds import KIND, LetterKind
from practio_notifications.letters.recipients import person

FULL_WITHOUT_WAITLIST: dict[str, Any] = {
    "room": a_room(access={"waitlist": {"enabled": False}}),
    "occupancy": an_occupancy(taken=3),
}


def test_a_request_names_the_decider_and_the_deadline() -> None:
    letter = written("requested", an_event(Requested))
    assert letter.subject == "Your request to join “Intervision for school heads” is with the host"
    assert "Hello Ada Moretti," in letter.text
    assert "Hanna Vogel, the host of the room, or someone else who helps run it will read your request" in letter.text
    assert "If nobody answers by Tuesday, 31 March 2026, your request lapses" in letter.text


def test_a_request_to_an_unknown_host_names_nobody() -> None:
    letter = written("requested", an_event(Requested), host=None)
    assert "The host of the room will read your request and decide." in letter.text


def test_a_decider_reads_the_name_the_answers_and_the_free_seats() -> None:
    event = an_event(Requested, answers={"why": "I lead a small school.\nAlone."}, message="Gladly online.")
    letter = written("request-to-decide", event, occupancy=an_occupancy(taken=1))
    assert letter.subject == "Bruno Riva would like to join “Intervision for school heads”"
    assert "Why this room? > I lead a small school. > Alone." in letter.text
    assert "> Gladly online." in letter.text
    assert "2 of 3 seats are free at the moment." in letter.text


@every_case(
    ("taken", "sentence"),
    [
        (2, "One of 3 seats is free at the moment."),
        (3, "The room is full at the moment: anyone you approve goes on the waitlist."),
        (5, "The room is full at the moment"),
    ],
)
def test_a_decider_reads_how_full_the_room_is(taken: int, sentence: str) -> None:
    assert sentence in written("request-to-decide", an_event(Requested), occupancy=an_occupancy(taken=taken)).text


@every_case(
    "kind",
    ["request-to-decide", "requests-digest", "request-unanswered", "request-long-unanswered"],
    ids=lambda kind: kind,
)
def test_a_decider_in_a_full_room_reads_what_an_approval_comes_to(kind: str) -> None:
    event, full = an_event_for(KIND[kind]), an_occupancy(taken=3)
    assert "anyone you approve goes on the waitlist" in written(kind, event, occupancy=full).text
    refused = "has no waitlist. You cannot approve anyone until a seat is free."
    assert refused in written(kind, event, **FULL_WITHOUT_WAITLIST).text
    free = written(kind, event, occupancy=an_occupancy(taken=1)).text
    assert ("waitlist" in free, "cannot approve" in free) == (False, False)


@every_case("has_pages", [True, False])
@every_case("kind", ["request-to-decide", "request-unanswered", "request-long-unanswered"])
def test_a_decider_is_asked_for_no_approval_that_would_be_refused(kind: str, has_pages: bool) -> None:
    event, pages = an_event_for(KIND[kind]), some_pages() if has_pages else None
    refused = written(kind, event, pages=pages, **FULL_WITHOUT_WAITLIST).text
    assert "You can decline the request now, or approve it once a seat is free." in refused
    possible = written(kind, event, pages=pages, occupancy=an_occupancy(taken=3)).text
    asked = "Please approve or decline the request."
    assert (asked in refused, asked in possible) == (False, True)
    assert ("where you manage your rooms" in refused) is not has_pages


@every_case("has_pages", [True, False])
@every_case("kind", KIND.values(), ids=lambda kind: kind.name)
def test_no_letter_promises_the_waitlist_of_a_room_that_has_none(kind: LetterKind, has_pages: bool) -> None:
    pages = some_pages() if has_pages else None
    text = written(kind.name, an_event_for(kind), pages=pages, **FULL_WITHOUT_WAITLIST).text
    assert re.findall("goe?s? on the waitlist", text) == []


def test_an_invitation_to_a_room_without_a_waitlist_stands_until_a_seat_is_free() -> None:
    without = a_room(access={"waitlist": {"enabled": False}})
    for kind in ("invited", "invitation-reminder"):
        assert "you go on the waitlist" in written(kind, an_event(Invited)).text
        assert "you can accept as soon as a seat is free" in written(kind, an_event(Invited), room=without).text
        beyond = written(kind, an_event(Invited, over_capacity=True), room=without).text
        assert "there is a place for you even if the room is full" in beyond


def test_a_request_of_a_person_without_a_name_is_readable() -> None:
    assert written("request-to-decide", an_event(Requested), member=None).subject.startswith(
        "Someone would like to join"
    )


def test_a_participant_reads_where_the_room_meets() -> None:
    letter = written("joined", an_event(Joined), room=a_room(guidelines={"version": 1, "text": "Listen first."}))
    assert letter.subject == "You are in: “Intervision for school heads”"
    assert "Online: https://meet.example.org/heads" in letter.text
    assert "Place: Via Roma 1" in letter.text
    assert "> Listen first." in letter.text
    [link] = parse(letter.html).all("a")
    assert link.attributes["href"] == link.text == "https://meet.example.org/heads"


@every_case(
    "kind",
    [kind for kind in KIND.values() if kind.recipients is person and kind.name != "joined"],
    ids=lambda kind: kind.name,
)
def test_other_people_do_not_read_where_the_room_meets(kind: LetterKind) -> None:
    letter = written(kind.name, an_event_for(kind))
    for form in (letter.text, letter.html):
        assert "meet.example.org" not in form
        assert "Via Roma" not in form


@every_case("how", How)
def test_every_way_of_joining_has_a_welcome(how: How) -> None:
    assert "you are now in “Intervision for school heads”. Welcome!" in written(
        "joined", an_event(Joined, how=how)
    ).text.replace("You are", "you are")


@every_case(
    ("ahead", "sentence"),
    [
        (0, "You are next in line."),
        (1, "When you joined the waitlist, one person was ahead of you."),
        (7, "When you joined the waitlist, 7 people were ahead of you."),
    ],
)
def test_a_waiting_person_reads_how_many_are_ahead(ahead: int, sentence: str) -> None:
    assert sentence in written("waitlisted", an_event(Waitlisted, ahead=ahead)).text


@every_case(
    ("policy", "by", "sentence"),
    [
        ("approval", HOST, "your request to join “Intervision for school heads” has been approved"),
        ("approval", MEMBER, "You have accepted the invitation to “Intervision for school heads”."),
        ("invitation", MEMBER, "You have accepted the invitation to “Intervision for school heads”."),
        ("open", MEMBER, "You do not need any further approval."),
    ],
)
def test_a_waiting_person_reads_how_they_came_to_the_waitlist(policy: str, by: UUID, sentence: str) -> None:
    event = an_event(Waitlisted, a_membership(Status.WAITLISTED, by=str(by)))
    text = written("waitlisted", event, room=a_room(access={"policy": policy})).text
    assert sentence in text
    assert ("request" in text) is (by == HOST)


def test_a_waiting_person_reads_what_happens_at_their_turn() -> None:
    automatic = a_room(access={"waitlist": {"promotion": "automatic"}})
    assert "we hold it for you" in written("waitlisted", an_event(Waitlisted)).text
    assert "you get it right away" in written("waitlisted", an_event(Waitlisted), room=automatic).text


@every_case("kind", ["seat-offered", "offer-reminder"])
def test_an_offer_states_the_consequence_of_declining(kind: str) -> None:
    assert "If you decline it, you leave the waitlist." in written(kind, an_event(SeatOffered)).text


@every_case(
    ("status", "why"),
    [(Status.WAITLISTED, "because you are on the waitlist"), (Status.LAPSED, "because you were on the waitlist")],
)
def test_an_offer_that_lapsed_says_what_became_of_the_place_on_the_waitlist(status: Status, why: str) -> None:
    assert why in written("offer-lapsed", an_event(OfferLapsed, a_membership(status))).text


def test_an_offer_states_the_consequence_of_no_answer() -> None:
    requeue = a_room(access={"waitlist": {"after_lapse": "requeue"}})
    assert "you are no longer on the waitlist" in written("seat-offered", an_event(SeatOffered)).text
    assert "you move to the end of the waitlist" in written("seat-offered", an_event(SeatOffered), room=requeue).text


def test_a_decline_states_why_and_when_to_request_again() -> None:
    event = an_event(Declined, a_membership(Status.DECLINED, reason="This group is for heads."))
    again = written("declined", event, room=a_room(access={"reapply_after_days": 30})).text
    assert "The reason given: > This group is for heads." in again
    assert "You can request to join this room again from Tuesday, 31 March 2026." in again
    assert "only once" in written("declined", event, room=a_room(access={"reapply_after_days": None})).text
    assert "you can request to join again" in written("declined", event).text


@every_case(
    ("room", "sentence"),
    [
        ({"status": "closed"}, "The room is not taking new requests at the moment."),
        ({"access": {"policy": "invitation"}}, "the people who run it can invite you."),
    ],
)
def test_a_decline_asks_for_no_request_that_nobody_may_send(room: dict[str, Any], sentence: str) -> None:
    text = written("declined", an_event(Declined), room=a_room(**room)).text
    assert sentence in text
    assert "you can request" not in text


def test_who_joins_a_room_without_a_session_reads_so_where_the_sessions_would_be() -> None:
    text = written("joined", an_event(Joined), pages=some_pages()).text
    assert text.index("Where and when") < text.index("No session is planned yet.") < text.index("Host: Hanna Vogel")


@every_case(
    ("from_status", "subject"),
    [
        (Status.JOINED, "You have left “Intervision for school heads”"),
        (Status.REQUESTED, "Your request to join “Intervision for school heads” is withdrawn"),
        (Status.WAITLISTED, "You are no longer on the waitlist for “Intervision for school heads”"),
        (Status.OFFERED, "The seat in “Intervision for school heads” is no longer held for you"),
        (Status.INVITED, "You have declined the invitation to “Intervision for school heads”"),
    ],
)
def test_leaving_is_confirmed(from_status: Status, subject: str) -> None:
    letter = written("withdrawn", an_event(Withdrawn, from_status=from_status))
    assert letter.subject == subject
    assert ("your request" in f"{letter.subject} {letter.text}".lower()) is (from_status is Status.REQUESTED)


def test_somebody_who_never_requested_is_not_asked_to_do_so_again() -> None:
    text = written("withdrawn", an_event(Withdrawn, from_status=Status.INVITED)).text
    assert "If you change your mind, you can send a request." in text
    assert "again" not in text


def test_a_host_reads_a_reason_for_leaving_only_if_the_person_wrote_one() -> None:
    own = an_event(Withdrawn, a_membership(Status.WITHDRAWN, reason="I move away."))
    recorded = an_event(Withdrawn, a_membership(Status.WITHDRAWN, reason="holds an office", by=str(FACILITATOR)))
    assert "The reason given: > I move away." in written("member-left", own).text
    assert "The reason given" not in written("member-left", recorded).text


def test_an_invitation_from_another_room_says_that_the_place_there_stays() -> None:
    keeps = "you keep your place there until you have a seat here"
    invited = a_membership(Status.INVITED, from_room_id=UUID(int=9))
    assert keeps in written("invited", an_event(Invited, membership=invited)).text
    assert keeps not in written("invited", an_event(Invited, membership=a_membership(Status.INVITED))).text


@every_case(
    ("from_status", "ends"),
    [
        (Status.REQUESTED, "so your request to join “"),
        (Status.WAITLISTED, "so your place on the waitlist for “"),
        (Status.OFFERED, "so the seat held for you in “"),
        (Status.JOINED, "so your seat in “"),
    ],
)
def test_a_place_that_ended_by_a_seat_elsewhere_is_confirmed_as_that(from_status: Status, ends: str) -> None:
    left = a_membership(Status.WITHDRAWN, reason=HAS_SEAT_ELSEWHERE)
    letter = written("withdrawn", an_event(Withdrawn, membership=left, from_status=from_status), pages=some_pages())
    text = letter.text
    assert "You have left" not in letter.subject
    assert ("in your name" in text, "If this was not you" in text, "you change your mind" in text) == (False,) * 3
    assert f"You now have a seat in the room that you were invited to from here, {ends}" in text
    assert HAS_SEAT_ELSEWHERE not in text


def test_a_seat_elsewhere_is_no_reason_that_a_person_wrote() -> None:
    left = a_membership(Status.WITHDRAWN, reason=HAS_SEAT_ELSEWHERE)
    text = written("member-left", an_event(Withdrawn, membership=left, from_status="joined")).text
    assert "They now have a seat in the room that they were invited to from here." in text
    assert (HAS_SEAT_ELSEWHERE in text, "The reason given" in text) == (False, False)
