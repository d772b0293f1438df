"""Revising a published room: what follows is said first and truly, only changes are sent, nothing typed is lost."""

from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.notifications.builders import a_room_event
from tests.unit.pages.builders import ADA, HOST, NOW, ROOM, a_room
from tests.unit.pages.every_page import filled_in
from tests.unit.pages.figures import A_SPONSOR
from tests.unit.pages.hosts import BEN, CLEO, a_roster
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import CommandAccepted, FieldError, Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import GetRoster, Roster
from practio_contracts.rooms import GetRoom, ListSponsors, ReviseRoom, Room, RoomResult, RoomRevised, SponsorsFound
from practio_notifications.letters.kinds import kinds_from
from practio_pages.pages.revision_consequences import Consequence, Follows, consequences
from practio_pages.pages.revision_form import FIELDS_OF, Revision, command_of, form_of, revision_of, unchanged
from practio_pages.pages.room_form import RoomFormFault
from practio_pages.rendering import _environment

HERS = Link(Purpose.DESK, ADA, ROOM, locale="en", time_zone="Europe/Rome")
CONFLICT = Refusal(code="version-conflict", detail="x")
ASKING = {"policy": "approval", "questions": [{"key": "why", "text": "Why?", "required": False}]}


def a_room_of(person: Any = ADA, **fields: Any) -> Room:
    return a_room(**{"host_id": person, "roles": [{"name": "participant"}], "access": ASKING, **fields})


def a_desk(*, people: dict[str, int] | None = None, **room: Any) -> Visit:
    visit = a_visit()
    visit.gateway.answers |= {
        GetRoom: RoomResult(room=a_room_of(**room)),
        GetRoster: a_roster([], **(people or {})),
        ListSponsors: SponsorsFound(sponsors=[]),
    }
    visit.gateway.outcomes[ReviseRoom] = accepted(ReviseRoom)
    return visit


def is_now(visit: Visit, **room: Any) -> None:
    visit.gateway.answers[GetRoom] = RoomResult(room=a_room_of(**room))


async def opened(visit: Visit) -> Seen:
    return await visit.get(visit.path(HERS) + "/room")


async def sent(visit: Visit, seen: Seen, **entered: str) -> Seen:
    [form] = seen.html.select("form[method=post]")
    return await visit.post(seen.path, filled_in(form) | entered)


def followed(seen: Seen) -> list[str]:
    return [each.words for each in seen.html.select("[aria-labelledby=follows] li")]


def rows(seen: Seen, of: str) -> dict[str, str]:
    """Return the rows of a section by their labels."""
    found = seen.html.select(f"[aria-labelledby={of}] dl > div")
    return {" ".join(each.select("dt")[0].get_text().split()): each.select("dd")[0].words for each in found}


def commands(visit: Visit) -> list[ReviseRoom]:
    return [each.command for each in visit.gateway.sent if isinstance(each.command, ReviseRoom)]


def stated(command: ReviseRoom) -> dict[str, Any]:
    return command.model_dump(exclude_unset=True, exclude={"room_id"}, mode="json")


# The form


def revised(room: Room, **entered: str) -> Any:
    """Return the command of a host's form in which this was entered, or its faults."""
    before = unchanged("host", room)
    return command_of(revision_of(dict(before.content) | before.marks | entered, "host", room), room)


def test_a_form_as_it_was_shown_changes_nothing() -> None:
    room = a_room_of(
        title="Two\nlines", purpose="One\n\ntwo", guidelines={"version": 2, "text": "Be\nkind."}, place=" Room 4 "
    )
    assert revised(room) == {"": RoomFormFault.NOTHING_CHANGED}


@every_case(
    ("entered", "expected"),
    [
        ({"capacity": "6"}, {"capacity": 6}),
        ({"title": " New "}, {"title": "New"}),
        ({"place": "Room 4"}, {"place": "Room 4"}),
        ({"roles": "coach: 2\nguest"}, {"roles": [{"name": "coach", "seats": 2}, {"name": "guest"}]}),
        ({"roles": ""}, {"roles": []}),
        ({"policy": "open"}, {"access": {"policy": "open"}}),
        ({"waitlist": ""}, {"access": {"waitlist": {"enabled": False}}}),
        ({"waitlist_limit": "0"}, {"access": {"waitlist": {"limit": 0}}}),
        ({"promotion": "automatic"}, {"access": {"waitlist": {"promotion": "automatic"}}}),
        ({"reapply_after_days": ""}, {"access": {"reapply_after_days": None}}),
        ({"guidelines_text": "Be kind."}, {"guidelines": {"text": "Be kind."}}),
        ({"sponsor_name": "A school"}, {"sponsor": {"kind": "participants", "name": "A school"}}),
    ],
)
def test_only_changed_fields_are_stated(entered: dict[str, str], expected: dict[str, Any]) -> None:
    command = revised(a_room_of(), **entered)
    assert isinstance(command, ReviseRoom)
    assert stated(command) == expected


def test_guidelines_and_texts_can_be_cleared() -> None:
    room = a_room_of(guidelines={"version": 2, "text": "Be kind."}, for_whom="You", meeting_url="https://x.example.org")
    command = revised(room, guidelines_text="", for_whom="", meeting_url="")
    assert isinstance(command, ReviseRoom)
    assert stated(command) == {"guidelines": None, "for_whom": None, "meeting_url": None}


def test_a_question_that_stays_keeps_its_key_by_which_requests_answered_it() -> None:
    questions = [
        {"key": "why", "text": "Why do\nyou come?", "required": False},
        {"key": "q1", "text": "Since when?", "required": True},
    ]
    command = revised(a_room_of(access={**ASKING, "questions": questions}), questions="New?\n(Why do you come?)\nNew?")
    assert isinstance(command, ReviseRoom)
    assert stated(command)["access"]["questions"] == [
        {"key": "q2", "text": "New?", "required": True},
        questions[0],
        {"key": "q3", "text": "New?", "required": True},
    ]


@every_case(
    ("line", "question"),
    [
        ("Since when?", {"key": "q1", "text": "Since when?", "required": True}),
        ("(Since when?)", {"key": "q1", "text": "Since when?", "required": False}),
        ("()", {"key": "q1", "text": "()", "required": True}),
        ("Why?", {"key": "why", "text": "Why?", "required": True}),
    ],
)
def test_a_question_in_brackets_needs_no_answer(line: str, question: dict[str, Any]) -> None:
    command = revised(a_room_of(), questions=line)
    assert isinstance(command, ReviseRoom)
    assert stated(command)["access"]["questions"] == [question]


def test_a_question_is_shown_as_it_is_entered() -> None:
    shown = form_of(a_room_of(access={**ASKING, "questions": [{"key": "a", "text": "(Why?)", "required": True}]}))
    assert shown["questions"] == "(Why?)"
    assert form_of(a_room_of())["questions"] == "(Why?)"


@every_case(
    ("entered", "faults"),
    [
        ({"title": "", "purpose": " "}, {"title": RoomFormFault.MISSING, "purpose": RoomFormFault.MISSING}),
        ({"capacity": ""}, {"capacity": RoomFormFault.MISSING}),
        ({"capacity": "many"}, {"capacity": RoomFormFault.NUMBER}),
        ({"capacity": "0"}, {"capacity": RoomFormFault.NUMBER}),
        ({"offer_window_hours": "169"}, {"offer_window_hours": RoomFormFault.NUMBER}),
        ({"waitlist_limit": "-1"}, {"waitlist_limit": RoomFormFault.NUMBER}),
        ({"reapply_after_days": "x"}, {"reapply_after_days": RoomFormFault.NUMBER}),
        ({"policy": "closed"}, {"policy": RoomFormFault.CHOOSE}),
        ({"after_lapse": "stay"}, {"after_lapse": RoomFormFault.CHOOSE}),
        ({"sponsor_kind": "nobody"}, {"sponsor_kind": RoomFormFault.CHOOSE}),
        ({"sponsor_name": "x" * 201}, {"sponsor_name": RoomFormFault.TOO_LONG}),
        ({"time_zone": "Rome"}, {"time_zone": RoomFormFault.ZONE}),
        ({"meeting_url": "meet"}, {"meeting_url": RoomFormFault.ADDRESS}),
        ({"roles": "coach\nCoach"}, {"roles": RoomFormFault.ROLES}),
        ({"guidelines_text": "a\x00b"}, {"guidelines_text": RoomFormFault.UNREADABLE}),
    ],
)
def test_faults_are_found_at_their_fields(entered: dict[str, str], faults: dict[str, RoomFormFault]) -> None:
    assert revised(a_room_of(), **entered) == faults


def test_a_change_of_others_stays_unless_the_reader_has_changed_the_same_field() -> None:
    shown = a_room_of(title="Old", place="Room 1")
    now = a_room_of(title="Theirs", place="Room 2")
    before = unchanged("host", shown)
    revision = revision_of(dict(before.content) | before.marks | {"place": "Room 3", "capacity": "6"}, "host", now)
    assert (set(revision.meanwhile), revision.touched) == ({"title", "place"}, frozenset({"place", "capacity"}))
    command = command_of(revision, now)
    assert isinstance(command, ReviseRoom)
    assert stated(command) == {"place": "Room 3", "capacity": 6}


def test_a_facilitator_states_purpose_and_guidelines_alone() -> None:
    assert FIELDS_OF["facilitator"] == ("purpose", "guidelines_text")
    room = a_room_of()
    before = unchanged("host", room)
    fields = dict(before.content) | before.marks | {"capacity": "6", "purpose": "New."}
    command = command_of(revision_of(fields, "facilitator", room), room)
    assert isinstance(command, ReviseRoom)
    assert stated(command) == {"purpose": "New."}


# What follows


def roster(**counts: int) -> Roster:
    found = a_roster([], **counts)(GetRoster(room_id=ROOM))
    assert isinstance(found, Roster)
    return found


def follows(entered: dict[str, str], room: Room | None = None, **counts: int) -> list[Consequence]:
    room = room or a_room_of()
    before = unchanged("host", room)
    revision = revision_of(dict(before.content) | before.marks | entered, "host", room)
    assert isinstance(command_of(revision, room), ReviseRoom)
    return consequences(room, revision, roster(**counts))


OPEN_LIST = a_room_of(access={**ASKING, "waitlist": {"enabled": False}})
AUTOMATIC = a_room_of(access={**ASKING, "waitlist": {"promotion": "automatic"}})
NO_LETTER = Consequence(Follows.NO_LETTER)
NUMBERS = ("capacity", "waitlist_limit", "offer_window_hours", "request_expires_after_days", "reapply_after_days")
OTHERWISE = {"format": "peer-coaching", "policy": "open", "promotion": "automatic", "waitlist": ""}


@every_case(
    ("entered", "room", "counts", "expected"),
    [
        (
            {"capacity": "6"},
            None,
            {"joined": 7, "offered": 1},
            [Consequence(Follows.NO_SEAT_UNTIL, 3, 8), NO_LETTER],
        ),
        ({"capacity": "6"}, None, {"joined": 6}, [Consequence(Follows.NO_SEAT_UNTIL, 1, 6), NO_LETTER]),
        ({"capacity": "6"}, None, {"joined": 5}, [Consequence(Follows.NOBODY_LOSES, 1), NO_LETTER]),
        (
            {"capacity": "10"},
            None,
            {"joined": 7, "offered": 1, "waitlisted": 5},
            [Consequence(Follows.MORE_SEATS, 2), Consequence(Follows.OFFERED, 2, 5)],
        ),
        (
            {"capacity": "10"},
            AUTOMATIC,
            {"joined": 8, "waitlisted": 1},
            [Consequence(Follows.MORE_SEATS, 2), Consequence(Follows.SEATED, 1, 1)],
        ),
        (
            {"capacity": "10"},
            OPEN_LIST,
            {"joined": 8, "waitlisted": 1},
            [Consequence(Follows.MORE_SEATS, 2), NO_LETTER],
        ),
        (
            {"waitlist": ""},
            None,
            {"joined": 6, "offered": 2, "waitlisted": 3},
            [
                Consequence(Follows.WAITLIST_STOPS),
                Consequence(Follows.REVOKED, 2),
                Consequence(Follows.STILL_WAITING, 3),
            ],
        ),
        (
            {"waitlist": "", "capacity": "7"},
            None,
            {"joined": 6, "offered": 2},
            [
                Consequence(Follows.NOBODY_LOSES, 1),
                Consequence(Follows.WAITLIST_STOPS),
                Consequence(Follows.REVOKED, 2),
            ],
        ),
        (
            {"waitlist": "yes"},
            OPEN_LIST,
            {"joined": 7, "waitlisted": 3},
            [Consequence(Follows.OFFERED, 1, 3), Consequence(Follows.WAITLIST_STARTS)],
        ),
        ({"waitlist_limit": "2"}, None, {"waitlisted": 3}, [Consequence(Follows.WAITLIST_LONGER, 3), NO_LETTER]),
        (
            {"policy": "open"},
            None,
            {"requested": 4},
            [Consequence(Follows.OPEN), Consequence(Follows.LET_IN, 4)],
        ),
        (
            {"policy": "open"},
            a_room_of(status="closed"),
            {"requested": 4},
            [Consequence(Follows.OPEN_LATER), Consequence(Follows.LET_IN, 4)],
        ),
        (
            {"policy": "open"},
            OPEN_LIST,
            {"requested": 4},
            [Consequence(Follows.OPEN), Consequence(Follows.LET_IN_WITHOUT_WAITLIST, 4)],
        ),
        (
            {"policy": "invitation"},
            None,
            {"requested": 1},
            [Consequence(Follows.BY_INVITATION), Consequence(Follows.STILL_PENDING, 1), NO_LETTER],
        ),
        ({"roles": "guest"}, None, {"waitlisted": 0}, [Consequence(Follows.ROLES_STAY), NO_LETTER]),
        (
            {"place": "Room 4"},
            a_room_of(facilitator_ids=[BEN], steward_ids=[CLEO]),
            {"joined": 4},
            [Consequence(Follows.MOVED, 6)],
        ),
        ({"place": "Room 4"}, None, {}, [NO_LETTER]),
        (
            {"title": "New"},
            a_room_of(facilitator_ids=[BEN], next_session_at=NOW),
            {"joined": 4},
            [Consequence(Follows.RENAMED, 5), Consequence(Follows.SHOWN)],
        ),
        (
            {"title": "New", "meeting_url": "https://meet.example.org"},
            a_room_of(next_session_at=NOW),
            {"joined": 4},
            [Consequence(Follows.MOVED, 4), Consequence(Follows.SHOWN)],
        ),
        ({"title": "New"}, None, {"joined": 4}, [Consequence(Follows.SHOWN), NO_LETTER]),
    ],
)
def test_what_follows_is_as_the_rules_have_it(
    entered: dict[str, str], room: Room | None, counts: dict[str, int], expected: list[Consequence]
) -> None:
    assert follows(entered, room, **counts) == expected


@every_case("name", FIELDS_OF["host"])
def test_no_letter_is_denied_that_a_change_of_the_room_causes(name: str) -> None:
    room = a_room_of(next_session_at=NOW)
    now, other = dict(unchanged("host", room).content), OTHERWISE.get(name, "5" if name in NUMBERS else "New")
    found = consequences(room, Revision(now, now | {name: other}), roster(joined=4, offered=1, waitlisted=1))
    causes_letters = bool(kinds_from(a_room_event(RoomRevised, room=room, changed_fields=[name])))
    assert not (causes_letters and NO_LETTER in found)


def test_roles_of_a_triad_follow_its_seats() -> None:
    triad = a_room_of(format="peer-coaching", capacity=3, roles=[])
    assert Consequence(Follows.ROLES_FOLLOW) in follows({"capacity": "6"}, triad)
    assert Consequence(Follows.ROLES_FOLLOW) not in follows({"capacity": "9"})


@every_case("code", list(Follows))
def test_each_consequence_has_a_sentence_of_its_own(code: Follows) -> None:

    words = _environment("en").get_template("room-changes.jinja").module
    sentences = {each: " ".join(str(words.follows(Consequence(each, 2, 3))).split()) for each in Follows}  # type: ignore[attr-defined]
    assert sentences[code]
    assert [each for each in Follows if sentences[each] == sentences[code]] == [code]


# The page


async def test_figures_come_first_and_the_second_button_sends_what_changed_once() -> None:
    visit = a_desk(people={"joined": 7, "offered": 1}, version=7)
    seen = await opened(visit)
    assert (seen.status, seen.buttons) == (200, ["Show what follows"])
    shown = await sent(visit, seen, capacity="6")
    assert (shown.status, commands(visit)) == (200, [])
    assert rows(shown, "follows") == {"Seats": "8 → 6"}
    assert followed(shown) == [
        "Nobody loses a seat. Seats in use, with those held for offers: 8. "
        "A seat is free again at the earliest when 3 of these people have left.",
        "Nobody gets an email about this.",
    ]
    assert shown.buttons == ["Change the room", "Preview again"]
    done = await sent(visit, shown)
    assert (done.status, [stated(each) for each in commands(visit)]) == (200, [{"capacity": 6, "expected_version": 7}])
    assert "Done: the room is changed." in done.words
    is_now(visit, capacity=6, version=8)
    assert "Done: the room is changed." in (await sent(visit, shown)).words
    assert len(commands(visit)) == 1


async def test_after_another_change_of_the_form_what_follows_is_shown_again() -> None:
    visit = a_desk(people={"joined": 2})
    shown = await sent(visit, await opened(visit), capacity="6")
    again = await sent(visit, shown, capacity="5")
    assert (rows(again, "follows"), commands(visit)) == ({"Seats": "8 → 5"}, [])


async def test_a_change_of_another_host_is_shown_next_to_ones_own_and_nothing_is_lost() -> None:
    visit = a_desk(people={"joined": 2}, version=7)
    shown = await sent(visit, await opened(visit), capacity="6", purpose="Mine <new>.")
    is_now(visit, capacity=9, title="Theirs", version=8)
    behind = await sent(visit, shown)
    assert (behind.status, commands(visit)) == (409, [])
    assert "Somebody else has changed the room in the meantime" in behind.words
    assert rows(behind, "meanwhile") == {
        "Name of the room": "The room now: Theirs You did not change this: it stays as it is now.",
        "Seats": "The room now: 9 You: 6",
    }
    assert behind.html.select("#purpose")[0].get_text().removeprefix("\n") == "Mine <new>."
    assert behind.html.select("#title")[0]["value"] == "Theirs"
    assert rows(behind, "follows")["Seats"] == "9 → 6"
    await sent(visit, behind)
    assert [stated(each) for each in commands(visit)] == [
        {"purpose": "Mine <new>.", "capacity": 6, "expected_version": 8}
    ]


async def test_a_change_of_the_same_instant_is_refused_and_shown() -> None:
    visit = a_desk(people={"joined": 2}, version=7)
    shown = await sent(visit, await opened(visit), capacity="6")

    def now_at_8(command: ReviseRoom) -> CommandAccepted | Refusal:
        """Answer as rooms does: without an expected version, the last writer wins."""
        return CONFLICT if command.expected_version not in (None, 8) else accepted(ReviseRoom)

    visit.gateway.outcomes[ReviseRoom] = now_at_8
    behind = await sent(visit, shown)
    assert (behind.status, behind.html.select("#capacity")[0]["value"]) == (409, "6")
    assert "Somebody else has changed the room in the meantime" in behind.words
    assert "Change the room" in behind.buttons


async def test_what_changed_in_other_ways_does_not_hold_a_revision_up() -> None:
    visit = a_desk(people={"joined": 2}, version=7)
    shown = await sent(visit, await opened(visit), capacity="6")
    is_now(visit, steward_ids=[BEN], version=8)
    assert (await sent(visit, shown)).status == 200
    assert stated(commands(visit)[0])["expected_version"] == 8


async def test_a_refusal_names_its_fields_and_keeps_what_was_typed() -> None:
    visit = a_desk(people={"joined": 2})
    shown = await sent(visit, await opened(visit), mode="in-person", place="")
    visit.gateway.outcomes[ReviseRoom] = Refusal(
        code="incomplete", detail="x", errors=(FieldError(field="place", message="x"),)
    )
    refused = await sent(visit, shown)
    assert (refused.status, "A published room stays complete" in refused.words) == (409, True)
    assert refused.html.select("#place")[0]["aria-invalid"] == "true"
    assert refused.html.select("#mode option[selected]")[0]["value"] == "in-person"


async def test_faults_are_shown_at_their_fields_and_nothing_is_asked_for_them() -> None:
    visit = a_desk()
    seen = await sent(visit, await opened(visit), capacity="many", title="")
    assert seen.status == 422
    marked = [str(each["id"]) for each in seen.html.select("[aria-invalid]")]
    assert marked == ["title", "capacity"]
    assert (await sent(visit, await opened(visit))).status == 422


async def test_a_facilitator_revises_purpose_and_guidelines() -> None:
    visit = a_desk(person=HOST, facilitator_ids=[ADA])
    seen = await opened(visit)
    assert [str(each["name"]) for each in seen.html.select("textarea, select, form input:not([type=hidden])")] == [
        "purpose",
        "guidelines_text",
    ]
    await sent(visit, await sent(visit, seen, purpose="New."))
    assert [stated(each) for each in commands(visit)] == [{"purpose": "New.", "expected_version": 1}]


async def test_an_office_that_was_lost_sends_nothing_and_shows_what_was_typed() -> None:
    visit = a_desk(people={"joined": 2})
    shown = await sent(visit, await opened(visit), purpose="Mine <new>.", domain="Schools")
    is_now(visit, person=HOST, facilitator_ids=[ADA])
    less = await sent(visit, shown)
    assert (less.status, [each.get_text() for each in less.html.select("[aria-labelledby=written] .typed")]) == (
        409,
        ["Schools"],
    )
    assert less.html.select("#purpose")[0].get_text().removeprefix("\n") == "Mine <new>."
    for offices, status in (({"steward_ids": [ADA]}, 403), ({}, 403)):
        is_now(visit, person=HOST, **offices)
        gone = await sent(visit, shown)
        assert gone.status == status
        assert {"Mine <new>.", "Schools"} <= {each.get_text() for each in gone.html.select(".typed")}
    assert commands(visit) == []


@every_case("status", ["archived", "cancelled"])
async def test_a_room_that_has_ended_is_not_revised(status: str) -> None:
    visit = a_desk(status=status)
    seen = await opened(visit)
    assert (seen.status, seen.html.select("form")) == (403, [])
    assert "You cannot edit this room" in seen.words


async def test_a_draft_is_revised_where_it_is_completed() -> None:
    visit = a_desk(status="draft")
    seen = await opened(visit)
    assert seen.status == 303
    assert seen.answer.headers["location"].startswith("/start/")


@every_case(("offices", "is_linked"), [({"facilitator_ids": [ADA]}, True), ({"steward_ids": [ADA]}, False)])
async def test_the_desk_leads_there_for_offices_that_may_revise(offices: dict[str, Any], is_linked: bool) -> None:
    visit = a_desk(person=HOST, **offices)
    path = visit.path(HERS)
    for page in ("/room", "/life"):
        seen = await visit.get(path + page)
        assert (f"{path}/room" in [each["href"] for each in seen.html.select("header nav a")]) is is_linked


async def test_while_the_people_are_not_counted_the_form_is_kept() -> None:
    visit = a_desk()
    visit.gateway.answers[GetRoster] = Refusal(code="room-unknown", detail="x")
    away = await sent(visit, await opened(visit), capacity="6")
    assert (away.status, away.buttons, commands(visit)) == (503, ["Send it again"], [])


def test_a_room_fills_its_form() -> None:
    room = a_room_of(capacity=8, access={**ASKING, "waitlist": {"limit": 4}, "reapply_after_days": None})
    form = form_of(room)
    assert (form["capacity"], form["waitlist_limit"], form["reapply_after_days"]) == ("8", "4", "")
    assert set(form) == set(FIELDS_OF["host"])


# A registered sponsor


def a_desk_with_sponsors(**room: Any) -> Visit:
    """Return a browser at the desk of a room, where two sponsors are registered, on a page each."""
    visit = a_desk(**room)
    other = A_SPONSOR.model_copy(update={"sponsor_id": UUID(int=78), "name": "Zoo"})

    def answer(query: ListSponsors) -> SponsorsFound:
        return SponsorsFound(sponsors=[other]) if query.after else SponsorsFound(sponsors=[A_SPONSOR], after="1")

    visit.gateway.answers[ListSponsors] = answer
    return visit


REGISTERED = {"kind": "organisation", "name": A_SPONSOR.name, "sponsor_id": str(A_SPONSOR.sponsor_id)}


async def test_a_host_names_a_registered_sponsor_once_they_have_seen_who_sees_what() -> None:
    visit = a_desk_with_sponsors()
    seen = await opened(visit)
    options = {str(each["value"]): each.get_text() for each in seen.html.select("#sponsor_kind option")}
    assert options[str(A_SPONSOR.sponsor_id)] == A_SPONSOR.name
    assert "Zoo" in options.values()
    seen = await sent(visit, seen, sponsor_kind=str(A_SPONSOR.sponsor_id), sponsor_name="Somebody else")
    assert rows(seen, "follows") == {"The sponsor of the room": f"its participants → {A_SPONSOR.name}"}
    assert any("counted four or more at a time" in each for each in followed(seen))
    assert visit.gateway.sent == []
    await sent(visit, seen)
    [revision] = [each.command for each in visit.gateway.sent if isinstance(each.command, ReviseRoom)]
    assert stated(revision)["sponsor"] == {"sponsor_id": str(A_SPONSOR.sponsor_id)}


async def test_a_room_of_a_registered_sponsor_keeps_it_or_leaves_it_for_good() -> None:
    visit = a_desk_with_sponsors(sponsor=REGISTERED)
    seen = await opened(visit)
    [chosen] = [str(each["value"]) for each in seen.html.select("#sponsor_kind option[selected]")]
    assert chosen == REGISTERED["sponsor_id"]
    seen = await sent(visit, seen, title="Another title")
    assert "sponsor" not in str(rows(seen, "follows"))
    seen = await sent(visit, await opened(visit), sponsor_kind="participants", sponsor_name="")
    assert any("gets no new ones" in each for each in followed(seen))
    await sent(visit, seen)
    [revision] = [each.command for each in visit.gateway.sent if isinstance(each.command, ReviseRoom)]
    left = {"kind": "participants", "name": None, "sponsor_id": None}
    assert stated(revision)["sponsor"] == left


async def test_from_one_registered_sponsor_to_another_it_is_said_what_both_get() -> None:
    visit = a_desk_with_sponsors(sponsor=REGISTERED)
    seen = await sent(visit, await opened(visit), sponsor_kind=str(UUID(int=78)))
    assert rows(seen, "follows") == {"The sponsor of the room": f"{A_SPONSOR.name} → Zoo"}
    effects = [each for each in followed(seen) if "sponsor" in each]
    assert ["gets no new ones" in each for each in effects] == [True, False]
    assert ["counted four or more at a time" in each for each in effects] == [False, True]
    assert ["months that its report has already" in each for each in effects] == [True, False]
    assert ["current month will be in it as a whole" in each for each in effects] == [False, True]


async def test_a_list_of_sponsors_that_is_cut_says_so() -> None:
    cut = "shows only the first registered sponsors"
    visit = a_desk_with_sponsors()
    assert cut not in (await opened(visit)).words
    visit.gateway.answers[ListSponsors] = SponsorsFound(sponsors=[A_SPONSOR], after="1")
    assert cut in (await opened(visit)).words


async def test_without_registered_sponsors_or_an_answer_the_form_is_as_before() -> None:
    for found in (SponsorsFound(sponsors=[]), Refusal(code="unreadable", detail="x")):
        visit = a_desk()
        visit.gateway.answers[ListSponsors] = found
        seen = await opened(visit)
        assert [str(each["value"]) for each in seen.html.select("#sponsor_kind option")] == [
            "",
            "organisation",
            "participants",
        ]
    visit = a_desk(sponsor=REGISTERED)
    visit.gateway.answers[ListSponsors] = Refusal(code="unreadable", detail="x")
    assert (await opened(visit)).html.select("#sponsor_kind option[selected]")[0].get_text() == A_SPONSOR.name
