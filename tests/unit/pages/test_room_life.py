"""A room's life on its desk: for its host alone, with what follows from each step before it is taken."""

from typing import Any

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, HOST, ROOM, a_room
from tests.unit.pages.every_page import COMING, filled_in
from tests.unit.pages.hosts import a_roster
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import GetRoster
from practio_contracts.rooms import (
    ArchiveRoom,
    CancelRoom,
    CloseRoom,
    DiscardDraft,
    GetRoom,
    ListSessions,
    ReopenRoom,
    RoomResult,
    SessionsFound,
)

HERS = Link(Purpose.DESK, ADA, ROOM, locale="en", time_zone="Europe/Rome")
COMMANDS = (ArchiveRoom, CancelRoom, CloseRoom, DiscardDraft, ReopenRoom)
UNKNOWN = Refusal(code="room-unknown", detail="x")


def a_room_that_is(status: str = "published", **room: Any) -> Visit:
    visit = a_visit()
    visit.gateway.answers |= {
        GetRoom: RoomResult(room=a_room(**{"host_id": ADA, "status": status, **room})),
        GetRoster: UNKNOWN if status == "draft" else a_roster([], joined=5, waitlisted=3, requested=2, offered=1),
        ListSessions: SessionsFound(sessions=[COMING], after=None),
    }
    visit.gateway.outcomes |= {command: accepted(command) for command in COMMANDS}
    return visit


async def opened(visit: Visit, step: str = "") -> Seen:
    return await visit.get(visit.path(HERS) + f"/life{'/' if step else ''}{step}")


async def pressed(visit: Visit, seen: Seen, **entered: str) -> Seen:
    [form] = seen.html.select("form[method=post]")
    return await visit.post(seen.path, filled_in(form) | entered)


@every_case(
    ("status", "steps"),
    [
        ("draft", ["Discard the draft"]),
        ("published", ["Close the room", "Archive the room", "Cancel the room"]),
        ("closed", ["Reopen the room", "Archive the room", "Cancel the room"]),
        ("cancelled", []),
        ("archived", []),
    ],
)
async def test_a_host_finds_the_steps_that_the_room_can_take(status: str, steps: list[str]) -> None:
    seen = await opened(a_room_that_is(status))
    assert [" ".join(each.get_text().split()) for each in seen.html.select(".cards h2")] == steps


async def test_whom_a_step_concerns_stands_above_its_button() -> None:
    visit = a_room_that_is()
    seen = await opened(visit, "cancel")
    assert seen.terms(".facts > div") == {
        "People in the room": "5",
        "On the waitlist": "3",
        "Requests that wait": "2",
        "Offers without an answer": "1",
        "Invitations without an answer": "0",
        "Sessions to come": "1",
    }
    assert "It cannot be undone." in seen.words
    assert visit.gateway.sent == []


@every_case(
    ("status", "step", "reason", "command", "words"),
    [
        ("published", "close", "", CloseRoom(room_id=ROOM, reason=None), "the room is closed to new people"),
        ("closed", "reopen", "", ReopenRoom(room_id=ROOM, reason=None), "the room is open again"),
        ("published", "archive", "", ArchiveRoom(room_id=ROOM), "the room is archived"),
        ("closed", "cancel", " Ill. ", CancelRoom(room_id=ROOM, reason="Ill."), "the room is cancelled"),
        ("draft", "discard", "", DiscardDraft(room_id=ROOM), "the draft is deleted"),
    ],
)
async def test_a_step_is_taken_once_however_often_its_button_is_pressed(
    status: str, step: str, reason: str, command: Any, words: str
) -> None:
    visit = a_room_that_is(status)
    seen = await opened(visit, step)
    for _ in range(2):
        done = await pressed(visit, seen, **({"reason": reason} if reason else {}))
        assert (done.status, words in done.html.select("[role=status]")[0].get_text()) == (200, True)
    first, again = visit.gateway.sent
    assert (first, first.command, first.actor) == (again, command, ADA)


@every_case(("status", "step"), [("published", "close"), ("closed", "reopen")])
async def test_nobody_is_asked_for_a_reason_that_nobody_reads(status: str, step: str) -> None:
    seen = await opened(a_room_that_is(status), step)
    assert (seen.html.select("textarea"), "Nobody gets an email about it." in seen.words) == ([], True)


async def test_discarding_a_draft_twice_is_answered_though_the_draft_is_gone() -> None:
    visit = a_room_that_is("draft")
    seen = await opened(visit, "discard")
    await pressed(visit, seen)
    visit.gateway.answers[GetRoom] = UNKNOWN
    assert "the draft is deleted" in (await pressed(visit, seen)).words
    visit.gateway.outcomes[DiscardDraft] = UNKNOWN
    assert (await pressed(visit, seen)).status == 404


@every_case(
    ("reason", "words"), [("", "Please give a reason"), ("x" * 10_001, "too long"), ("a\x00b", "cannot be read")]
)
async def test_a_room_is_cancelled_with_a_reason_that_can_be_read(reason: str, words: str) -> None:
    visit = a_room_that_is()
    seen = await pressed(visit, await opened(visit, "cancel"), reason=reason)
    assert (seen.status, visit.gateway.sent) == (422, [])
    assert words in seen.html.select(".fault[role=alert]")[0].get_text()


async def test_a_refused_step_comes_back_with_its_reason_and_why() -> None:
    visit = a_room_that_is()
    visit.gateway.outcomes[CancelRoom] = Refusal(code="not-in-this-state", detail="x")
    seen = await pressed(visit, await opened(visit, "cancel"), reason="Ill.")
    assert (seen.status, "Somebody has changed the room" in seen.words) == (409, True)
    assert seen.html.select("textarea")[0].get_text().strip() == "Ill."


async def test_a_step_that_somebody_has_taken_meanwhile_changes_nothing() -> None:
    visit = a_room_that_is()
    visit.gateway.outcomes[CloseRoom] = accepted(CloseRoom, changed=False)
    assert "This was already done" in (await pressed(visit, await opened(visit, "close"))).words


@every_case("step", ["reopen", "discard"])
async def test_a_step_that_is_not_possible_has_no_button(step: str) -> None:
    seen = await opened(a_room_that_is(), step)
    assert (seen.status, seen.html.select("form")) == (409, [])


async def test_only_the_host_can_take_a_step() -> None:
    visit = a_room_that_is(host_id=HOST, facilitator_ids=[ADA])
    listed, step = await opened(visit), await opened(visit, "close")
    assert (listed.html.select(".cards li"), step.html.select("form")) == ([], [])
    assert "Only the host of the room can close or end it." in listed.words


async def test_an_unknown_step_is_no_page() -> None:
    assert (await opened(a_room_that_is(), "burn")).status == 404
