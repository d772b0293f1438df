"""The notes of a room, on its desk and for the people in it: read, recorded, revised, shown and withdrawn."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, HOST, ROOM, a_membership_result, a_note, a_room_shown, a_session
from tests.unit.pages.every_page import COMING, EVERY_PAGE, NOTED, PAST, a_full_visit, filled_in, looked_at, some_thanks
from tests.unit.pages.hosts import BEN
from tests.unit.pages.sites import Seen, Visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import GetMembership, Status
from practio_contracts.rooms import (
    GetRoom,
    ListNotes,
    ListSessions,
    ListThanks,
    NoteKind,
    NoteResult,
    NotesFound,
    RecordNote,
    ReviseNote,
    SessionPeriod,
    SessionsFound,
    WithdrawNote,
)

NOTE = a_note(author_id=ADA)
FOREIGN = a_note(note_id=UUID(int=21), author_id=BEN, title="Theirs")
NOT_IN_IT = Refusal(code="not-allowed", detail="only the people in the room can use its notes")


def notes(*there: NoteResult, pages: int = 100) -> Any:
    """Return a function that answers queries for notes from ``there``, ``pages`` of them at a time."""

    def answer(query: ListNotes) -> NotesFound:
        found = [each for each in there if query.kind in (None, each.kind) and (query.text or "") in each.text]
        start = int(query.after or 0)
        after = str(start + pages) if len(found) > start + pages else None
        return NotesFound(notes=found[start : start + pages], after=after)

    return answer


def a_visit_to_notes(*there: NoteResult, pages: int = 100, **room: Any) -> Visit:
    """Return a visit to a room that somebody else hosts, and ADA is in."""
    visit = a_full_visit()
    visit.gateway.answers |= {
        GetRoom: a_room_shown(**{"host_id": HOST, **room}),
        ListNotes: notes(*there, pages=pages),
    }
    return visit


async def opened(visit: Visit, path: str = "", purpose: Purpose = Purpose.MEMORY) -> Seen:
    below = "/notes" if purpose is Purpose.DESK else ""
    return await visit.get(visit.path(Link(purpose, ADA, ROOM, locale="en", time_zone="Europe/Rome")) + below + path)


async def pressed(visit: Visit, seen: Seen, **entered: str) -> Seen:
    [form] = seen.html.select("form[method=post]")
    return await visit.post(seen.path, filled_in(form) | entered)


def titles(seen: Seen) -> list[str]:
    return [each.get_text() for each in seen.html.select(".cards h3")]


async def test_notes_are_found_by_kind_and_words_a_page_at_a_time() -> None:
    there = [a_note(note_id=UUID(int=30 + n), title=f"Map {n}", text="a map", kind="tool") for n in range(3)]
    visit = a_visit_to_notes(*there, NOTE, pages=2)
    first = await opened(visit, "?kind=tool&text=map")
    assert titles(first) == ["Map 0", "Map 1"]
    [more] = [str(each["href"]) for each in first.html.select("a[rel=next]")]
    assert titles(await visit.get(more)) == ["Map 2"]
    assert [(query.kind, query.text) for query, _ in visit.gateway.queries if isinstance(query, ListNotes)] == [
        (NoteKind.TOOL, "map")
    ] * 2


async def test_terms_are_a_glossary_in_the_order_of_the_alphabet() -> None:
    there = [
        a_note(note_id=UUID(int=30 + n), title=word, kind="term") for n, word in enumerate(("seat", "Case", "loop"))
    ]
    seen = await opened(a_visit_to_notes(*there, NOTE, pages=2), "?kind=term")
    assert (titles(seen), seen.html.select("#listed")[0].get_text()) == (["Case", "loop", "seat"], "Glossary")


@every_case("purpose", [Purpose.MEMORY, Purpose.DESK])
async def test_a_note_is_recorded_once_for_the_people_in_the_room_unless_its_author_chooses_otherwise(
    purpose: Purpose,
) -> None:
    visit = a_visit_to_notes(facilitator_ids=[ADA])
    seen = await opened(visit, "/new", purpose)
    assert [each["value"] for each in seen.html.select("input[checked]")] == ["room"]
    for _ in range(2):
        done = await pressed(visit, seen, **NOTED | {"shown": "room"})
        assert (done.status, "the note is saved" in done.words) == (200, True)
    first, again = visit.gateway.sent
    assert (first, first.actor) == (again, ADA)
    assert isinstance(first.command, RecordNote)
    stated = {name: getattr(first.command, name) for name in ("room_id", "kind", "title", "text", "confidential")}
    assert stated == {"room_id": ROOM, "kind": "tool", "title": "A <map>", "text": "Draw\nit.", "confidential": True}


@every_case(
    ("entered", "faults"),
    [
        ({"title": " ", "text": ""}, ["title", "text"]),
        ({"title": "x" * 201, "text": "a\x00b"}, ["title", "text"]),
        ({"kind": "poem", "shown": ""}, ["kind", "shown"]),
        ({"session": "yesterday"}, ["session"]),
    ],
)
async def test_a_faulty_note_comes_back_with_what_was_typed(entered: dict[str, str], faults: list[str]) -> None:
    visit = a_visit_to_notes()
    seen = await pressed(visit, await opened(visit, "/new"), **NOTED | entered)
    assert (seen.status, visit.gateway.sent) == (422, [])
    assert [each["id"] for each in seen.html.select(".fault")] == [f"{each}-fault" for each in faults]
    if "text" not in entered:
        assert seen.html.select("textarea")[0].get_text().removeprefix("\n") == NOTED["text"]


@every_case(
    ("entered", "fault"),
    [
        ({"title": "x" * 201}, "This is too long. Please shorten it."),
        ({"text": "x" * 10_001}, "This is too long. Please shorten it."),
        ({"session": "yesterday"}, "Choose one of these options."),
    ],
    ids=["title", "text", "session"],
)
async def test_a_fault_of_a_note_says_what_to_do(entered: dict[str, str], fault: str) -> None:
    visit = a_visit_to_notes()
    seen = await pressed(visit, await opened(visit, "/new"), **NOTED | entered)
    assert [each.get_text() for each in seen.html.select(".fault")] == [fault]


def chosen(seen: Seen) -> list[str]:
    return [each.get_text() for each in seen.html.select("#session option[selected]")]


@every_case("purpose", [Purpose.MEMORY, Purpose.DESK])
async def test_a_note_is_about_a_session_that_took_place_or_will_or_about_none(purpose: Purpose) -> None:
    now = datetime.now(UTC)
    present = a_session(session_id=UUID(int=8), starts_at=now, ends_at=now + timedelta(hours=1))
    off = a_session(session_id=UUID(int=9), status="cancelled")
    visit = a_visit_to_notes(facilitator_ids=[ADA])
    visit.gateway.answers[ListSessions] = lambda query: SessionsFound(
        sessions=[present, COMING] if query.when is SessionPeriod.COMING else [off, PAST], after=None
    )
    seen = await opened(visit, "/new", purpose)
    groups = {
        str(group["label"]): [str(each["value"]) for each in group.select("option")]
        for group in seen.html.select("optgroup")
    }
    assert groups == {
        "Sessions so far": [str(present.session_id), str(PAST.session_id)],
        "Sessions to come": [str(COMING.session_id)],
    }
    assert "Monday, 2 March 2026, 19:00: A <case>" in [each.get_text() for each in seen.html.select("#session option")]
    assert chosen(seen) == ["About no session"]
    for session in (PAST.session_id, COMING.session_id, None):
        await pressed(visit, seen, **NOTED | {"session": str(session or "")})
    assert [each.command.session_id for each in visit.gateway.sent if isinstance(each.command, RecordNote)] == [
        PAST.session_id,
        COMING.session_id,
        None,
    ]


async def test_sessions_called_off_hide_none_that_took_place_from_a_note() -> None:
    visit = a_visit_to_notes(facilitator_ids=[ADA])
    off = [a_session(session_id=UUID(int=100 + number), status="cancelled") for number in range(50)]

    def answer(query: ListSessions) -> SessionsFound:
        if query.when is SessionPeriod.COMING:
            return SessionsFound(sessions=[], after=None)
        return SessionsFound(sessions=[PAST] if query.after else off, after=None if query.after else "p2")

    visit.gateway.answers[ListSessions] = answer
    seen = await opened(visit, "/new", Purpose.DESK)
    assert [str(each["value"]) for each in seen.html.select("optgroup option")] == [str(PAST.session_id)]


async def test_the_session_that_leads_to_a_new_note_is_kept_if_it_is_not_among_those_offered() -> None:
    visit, old = a_visit_to_notes(), UUID(int=77)
    seen = await opened(visit, f"/new?session={old}")
    assert chosen(seen) == ["The session whose page you came from"]
    again = await pressed(visit, seen, **NOTED | {"session": str(old), "title": ""})
    assert (again.status, chosen(again)) == (422, ["The session whose page you came from"])
    offered = await opened(visit, f"/new?session={PAST.session_id}")
    assert chosen(offered) != chosen(seen)


async def test_a_note_about_a_session_that_is_gone_comes_back_filled() -> None:
    visit = a_visit_to_notes()
    visit.gateway.outcomes[RecordNote] = Refusal(code="session-unknown", detail="x")
    seen = await pressed(visit, await opened(visit, "/new"), **NOTED)
    assert (seen.status, "This session is no longer in the room." in seen.words) == (409, True)
    assert chosen(seen) == ["Monday, 2 March 2026, 19:00: A <case>"]
    assert seen.html.select("textarea")[0].get_text().removeprefix("\n") == NOTED["text"]


async def test_the_session_of_a_note_is_shown_and_kept_until_its_author_chooses_another_or_none() -> None:
    old = UUID(int=77)
    note, older = a_note(author_id=ADA, session_id=PAST.session_id), a_note(author_id=ADA, session_id=old)
    visit = a_visit_to_notes(note)
    assert "Session: Monday, 2 March 2026" in (await opened(visit)).words
    form = await opened(visit, f"/{note.note_id}")
    assert chosen(form) == ["Monday, 2 March 2026, 19:00: A <case>"]
    await pressed(visit, form)
    await pressed(visit, form, session="")
    visit.gateway.answers[ListNotes] = notes(older)
    form = await opened(visit, f"/{note.note_id}")
    assert chosen(form) == ["Another session"]
    await pressed(visit, form)
    sent = [each.command for each in visit.gateway.sent]
    assert [each.session_id for each in sent if isinstance(each, ReviseNote)] == [PAST.session_id, None, old]
    assert all("session_id" in each.model_fields_set for each in sent)


async def test_of_two_who_choose_a_session_the_second_sees_the_choice_and_keeps_theirs() -> None:
    visit = a_visit_to_notes(NOTE)
    seen = await opened(visit, f"/{NOTE.note_id}")
    visit.gateway.answers[ListNotes] = notes(NOTE.model_copy(update={"session_id": PAST.session_id, "version": 4}))
    visit.gateway.outcomes[ReviseNote] = Refusal(code="version-conflict", detail="x")
    behind = await pressed(visit, seen)
    [meanwhile] = behind.html.select("[aria-labelledby=meanwhile] dl")
    assert meanwhile.words == "Session (optional) Monday, 2 March 2026, 19:00: A <case>"
    assert chosen(behind) == ["About no session"]


async def test_notes_about_no_session_ask_for_none() -> None:
    visit = a_visit_to_notes(NOTE)
    await opened(visit)
    assert [query for query, _ in visit.gateway.queries if isinstance(query, ListSessions)] == []


async def test_of_two_who_revise_a_note_the_second_sees_the_change_and_keeps_theirs() -> None:
    visit = a_visit_to_notes(NOTE)
    seen = await opened(visit, f"/{NOTE.note_id}")
    visit.gateway.answers[ListNotes] = notes(NOTE.model_copy(update={"text": "Newer.", "version": 4}))
    visit.gateway.outcomes[ReviseNote] = Refusal(code="version-conflict", detail="x")
    behind = await pressed(visit, seen, text="Mine.")
    assert behind.status == 409
    assert "Newer." in behind.html.select("[aria-labelledby=meanwhile]")[0].get_text()
    assert behind.html.select("textarea")[0].get_text().removeprefix("\n") == "Mine."
    visit.gateway.outcomes[ReviseNote] = accepted(ReviseNote)
    assert (await pressed(visit, behind)).status == 200
    versions = [each.command.expected_version for each in visit.gateway.sent if isinstance(each.command, ReviseNote)]
    assert versions == [3, 4]


async def test_the_host_sets_only_to_whom_the_note_of_another_is_shown() -> None:
    visit = a_visit_to_notes(NOTE, FOREIGN, host_id=ADA)
    listed = await opened(visit, "", Purpose.DESK)
    [link] = [str(each["href"]) for each in listed.html.select(".cards a") if each.get_text() == "Who sees it"]
    await pressed(visit, await visit.get(link), shown="all")
    [sent] = visit.gateway.sent
    assert sent.command == ReviseNote(note_id=FOREIGN.note_id, room_id=ROOM, confidential=False, expected_version=3)


async def test_a_note_is_withdrawn_once_after_what_follows_was_said() -> None:
    visit = a_visit_to_notes(NOTE)
    seen = await opened(visit, f"/{NOTE.note_id}/withdraw")
    assert "It cannot be undone." in seen.words
    visit.gateway.answers[ListNotes] = notes()
    for _ in range(2):
        done = await pressed(visit, seen)
        assert (done.status, "the note is withdrawn" in done.words) == (200, True)
    first, again = visit.gateway.sent
    assert (first, first.command) == (again, WithdrawNote(note_id=NOTE.note_id, room_id=ROOM))


async def test_a_note_that_was_withdrawn_meanwhile_shows_what_was_typed() -> None:
    visit = a_visit_to_notes(NOTE)
    seen = await opened(visit, f"/{NOTE.note_id}")
    visit.gateway.answers[ListNotes] = notes()
    visit.gateway.outcomes[ReviseNote] = Refusal(code="note-unknown", detail="x")
    gone = await pressed(visit, seen, text="Mine.")
    assert (gone.status, "somebody has withdrawn it" in gone.words) == (409, True)
    assert "Mine." in [each.get_text() for each in gone.html.select("[aria-labelledby=written] .typed")]


async def test_a_note_deep_in_the_list_is_found() -> None:
    there = [a_note(note_id=UUID(int=30 + n)) for n in range(5)]
    visit = a_visit_to_notes(*there, NOTE, pages=2)
    assert (await opened(visit, f"/{NOTE.note_id}?after=4")).status == 200
    assert (await opened(visit, f"/{there[0].note_id}?after=4")).status == 409  # found, but it is nobody's to change
    assert (await opened(visit, f"/{UUID(int=99)}")).status == 409


async def test_a_member_changes_only_their_own_notes() -> None:
    visit = a_visit_to_notes(NOTE, FOREIGN)
    seen = await opened(visit)
    assert [each.get_text() for each in seen.html.select(".cards a")] == ["Change", "Withdraw", "Report a concern"]
    for path in (f"/{FOREIGN.note_id}", f"/{FOREIGN.note_id}/withdraw"):
        refused = await opened(visit, path)
        assert (refused.status, refused.html.select("form[method=post]")) == (409, [])


async def test_in_a_room_that_has_ended_notes_are_read_and_withdrawn_but_not_recorded() -> None:
    visit = a_visit_to_notes(NOTE, status="archived")
    seen = await opened(visit)
    assert [each.get_text() for each in seen.html.select(".cards a")] == ["Withdraw"]
    assert (await opened(visit, "/new")).status == 409


@every_case("path", ["", "/new", f"/{NOTE.note_id}"])
async def test_who_is_not_in_the_room_reads_no_notes(path: str) -> None:
    visit = a_visit_to_notes()
    visit.gateway.answers[ListNotes] = NOT_IN_IT
    seen = await opened(visit, path)
    assert (seen.status, "You cannot read these notes" in seen.words) == (403, True)


async def test_who_left_while_the_form_was_open_keeps_what_they_typed() -> None:
    visit = a_visit_to_notes()
    seen = await opened(visit, "/new")
    visit.gateway.outcomes[RecordNote] = NOT_IN_IT
    refused = await pressed(visit, seen, **NOTED)
    assert refused.status == 403
    assert [each.get_text() for each in refused.html.select(".typed")][:3] == ["Tool", "A <map>", "Draw\nit."]


@every_case(("status", "is_there"), [(Status.JOINED, True), (Status.WAITLISTED, False), (Status.WITHDRAWN, False)])
async def test_the_way_leads_those_in_the_room_to_its_notes(status: Status, is_there: bool) -> None:
    visit = a_visit_to_notes()
    visit.gateway.answers[GetMembership] = a_membership_result(status)
    seen = await visit.get(visit.path(Link(Purpose.WAY, ADA, ROOM, locale="en")))
    assert ("The notes of this room" in seen.words) is is_there
    assert ("cases, tools, learnings, criteria and terms" in seen.words) is is_there


@every_case(("purpose", "day"), [(Purpose.MEMORY, "Monday, 2 March 2026"), (Purpose.DESK, "Tuesday, 3 March 2026")])
async def test_people_in_the_room_read_times_of_their_own_zone_and_its_desk_those_of_the_room(
    purpose: Purpose, day: str
) -> None:
    at = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # the next day in the room, in Rome
    visit = a_visit_to_notes(a_note(author_id=BEN, recorded_at=at), facilitator_ids=[ADA])
    thanks = some_thanks()
    thanked = [each.model_copy(update={"thanked_at": at}) for each in thanks.thanks]
    visit.gateway.answers[ListThanks] = thanks.model_copy(update={"thanks": thanked})
    link = Link(purpose, ADA, ROOM, locale="en", time_zone="America/New_York")
    below = "/notes" if purpose is Purpose.DESK else ""
    for path in (below, "/thanks"):
        seen = await visit.get(visit.path(link) + path)
        assert day in [each.get_text() for each in seen.html.select("time")], path


@every_case("name", ["way", "desk-person", "announce", "new-note", "new-desk-note", "note"])
async def test_the_zone_of_a_list_of_times_is_named(name: str) -> None:
    assert "Times are in the time zone Europe/Rome." in (await looked_at(EVERY_PAGE[name])).words
