"""The offices of a room on its desk: appointed, dismissed and handed over by the host, laid down by their holders."""

import re
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, HOST, ROOM, a_room
from tests.unit.pages.every_page import filled_in
from tests.unit.pages.hosts import BEN, CLEO, a_roster, an_entry, named
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import GetRoster, Status
from practio_contracts.notifications import NamePeople
from practio_contracts.rooms import Appoint, DeclineHandOver, Dismiss, GetRoom, HandOver, RoomResult

HERS = Link(Purpose.DESK, ADA, ROOM, locale="en", time_zone="Europe/Rome")
UNKNOWN = Refusal(code="room-unknown", detail="x")


def a_desk(*, proposed: UUID | None = None, seated: tuple[UUID, ...] = (CLEO,), pages: int = 100, **room: Any) -> Visit:
    visit = a_visit()
    visit.gateway.answers |= {
        GetRoom: RoomResult(
            room=a_room(**{"host_id": ADA, "facilitator_ids": [BEN], **room}), proposed_host_id=proposed
        ),
        GetRoster: a_roster([an_entry(each, Status.JOINED) for each in seated], pages=pages),
        NamePeople: named,
    }
    visit.gateway.outcomes |= {command: accepted(command) for command in (Appoint, DeclineHandOver, Dismiss, HandOver)}
    return visit


async def opened(visit: Visit, step: str = "") -> Seen:
    return await visit.get(visit.path(HERS) + f"/offices{'/' if step else ''}{step}")


async def pressed(visit: Visit, seen: Seen, **entered: str) -> Seen:
    [form] = seen.html.select("form[method=post]")
    return await visit.post(seen.path, filled_in(form) | entered)


async def test_the_desk_shows_who_holds_which_office() -> None:
    seen = await opened(a_desk(steward_ids=[CLEO]))
    held = {each["aria-labelledby"]: each.select(".cards bdi") for each in seen.html.select("main section")}
    assert {name: [who.get_text() for who in people] for name, people in held.items()} == {
        "host": ["Somebody (0002)"],
        "facilitators": ["Ben Okri"],
        "stewards": ["Cléo <Vic>"],
    }


@every_case(
    ("step", "entered", "command", "words"),
    [
        (
            "appoint",
            {"person": str(CLEO), "office": "steward"},
            Appoint.model_validate({"room_id": ROOM, "person_id": CLEO, "office": "steward"}),
            "Cléo <Vic> now has this office",
        ),
        (
            "hand-over",
            {"person": str(BEN)},
            HandOver(room_id=ROOM, person_id=BEN),
            "Ben Okri has been asked to become the host",
        ),
        ("take-back", {}, DeclineHandOver(room_id=ROOM, person_id=CLEO), "the proposal is taken back"),
        (
            f"dismiss/{BEN}",
            {},
            Dismiss.model_validate({"room_id": ROOM, "person_id": BEN, "office": "facilitator"}),
            "Ben Okri no longer has this office",
        ),
    ],
)
async def test_a_change_says_what_follows_and_counts_once(
    step: str, entered: dict[str, str], command: Any, words: str
) -> None:
    visit = a_desk(proposed=CLEO)
    seen = await opened(visit, step)
    assert (seen.status, len(seen.html.select("#follows ~ ul li")) >= 2, visit.gateway.sent) == (200, True, [])
    for _ in range(2):
        done = await pressed(visit, seen, **entered)
        assert (done.status, words in done.html.select("[role=status]")[0].get_text()) == (200, True)
    first, again = visit.gateway.sent
    assert (first, first.command, first.actor) == (again, command, ADA)


def chosen_from(seen: Seen) -> list[str]:
    return [each.get_text() for each in seen.html.select("option")]


def turns(seen: Seen) -> dict[str, str]:
    """Return the buttons that turn the page."""
    return {each.get_text(): str(each["value"]) for each in seen.html.select("button[name=turn]")}


@every_case(
    ("step", "entered", "command"),
    [
        (
            "appoint",
            {"person": str(CLEO), "office": "steward"},
            Appoint.model_validate({"room_id": ROOM, "person_id": CLEO, "office": "steward"}),
        ),
        ("hand-over", {"person": str(CLEO)}, HandOver(room_id=ROOM, person_id=CLEO)),
    ],
)
async def test_what_was_chosen_is_kept_when_the_page_of_people_is_turned(
    step: str, entered: dict[str, str], command: Any
) -> None:
    visit = a_desk(seated=(CLEO, UUID(int=7)), pages=1)
    first = await opened(visit, step)
    offices = ["Ben Okri"] if step == "hand-over" else []
    assert chosen_from(first) == ["Not chosen yet", *offices, "Cléo <Vic>"]
    second = await pressed(visit, first, **entered, turn=turns(first)["Show more people"])
    assert (second.status, visit.gateway.sent) == (200, [])
    assert chosen_from(second) == ["Not chosen yet", "Somebody (0007)", "Cléo <Vic>"]
    [form] = second.html.select("form[method=post]")
    assert filled_in(form) | entered == filled_in(form)
    back = await visit.post(str(form["action"]), filled_in(form) | {"turn": turns(second)["Back to the beginning"]})
    assert (chosen_from(back), list(turns(back))) == (chosen_from(first), ["Show more people"])
    [form] = back.html.select("form[method=post]")
    await visit.post(str(form["action"]), filled_in(form))
    [sent] = visit.gateway.sent
    assert sent.command == command


async def test_a_fault_on_a_further_page_of_people_comes_back_with_that_page() -> None:
    visit = a_desk(seated=(CLEO, UUID(int=7)), pages=1)
    first = await opened(visit, "appoint")
    second = await pressed(visit, first, turn=turns(first)["Show more people"])
    [form] = second.html.select("form[method=post]")
    faulty = await visit.post(str(form["action"]), filled_in(form) | {"office": "steward"})
    assert (faulty.status, chosen_from(faulty)) == (422, ["Not chosen yet", "Somebody (0007)"])
    assert (await pressed(visit, first, turn="inside=x")).status == 404


@every_case("step", ["appoint", "hand-over"])
async def test_enter_sends_the_form_and_turns_no_page_of_people(step: str) -> None:
    seen = await opened(a_desk(seated=(CLEO, UUID(int=7)), pages=1), step)
    assert seen.html.select("form button")[0].get("name") is None


async def test_a_hand_over_says_whose_seat_it_costs() -> None:
    words = (await opened(a_desk(), "hand-over")).words
    assert "if this person has one, it becomes free" in words
    assert "You will then have no seat in the room." in words


@every_case("path", ["", "appoint"])
async def test_what_stewards_do_is_named(path: str) -> None:
    words = (await opened(a_desk(), path)).words.lower()
    for task in (r"decides? on requests", r"invites? people", r"records? who came", r"reads? the concerns"):
        assert re.search(task, words), task


async def test_a_hand_over_can_choose_an_office_holder_or_a_person_with_a_seat() -> None:
    seen = await opened(a_desk(), "hand-over")
    assert [each.get_text() for each in seen.html.select("option")][1:] == ["Ben Okri", "Cléo <Vic>"]


@every_case(
    ("entered", "faults"),
    [
        ({}, ["person", "office"]),
        ({"person": str(CLEO)}, ["office"]),
        ({"person": "x", "office": "x"}, ["person", "office"]),
    ],
)
async def test_an_appointment_without_person_or_office_comes_back(entered: dict[str, str], faults: list[str]) -> None:
    visit = a_desk()
    seen = await pressed(visit, await opened(visit, "appoint"), **entered)
    assert (seen.status, visit.gateway.sent) == (422, [])
    assert [f"{each}-fault" for each in faults] == [each["id"] for each in seen.html.select(".fault")]
    chosen = [each["value"] for each in seen.html.select("option[selected]")]
    assert chosen == ([entered["person"]] if entered.get("person") == str(CLEO) else [])


@every_case(
    ("code", "words"),
    [("office-taken", "holds an office in the room already"), ("not-in-this-state", "Somebody has changed the room")],
)
async def test_a_refused_appointment_comes_back_with_what_was_chosen(code: str, words: str) -> None:
    visit = a_desk()
    visit.gateway.outcomes[Appoint] = Refusal(code=code, detail="x")
    refused = await pressed(visit, await opened(visit, "appoint"), person=str(CLEO), office="steward")
    assert (refused.status, words in refused.words) == (409, True)
    assert [each["value"] for each in refused.html.select("option[selected]")] == [str(CLEO)]
    assert [each["value"] for each in refused.html.select("input[checked]")] == ["steward"]


async def test_a_proposal_that_was_answered_meanwhile_is_not_taken_back() -> None:
    visit = a_desk(proposed=CLEO)
    seen = await opened(visit, "take-back")
    visit.gateway.outcomes[DeclineHandOver] = Refusal(code="no-hand-over", detail="x")
    visit.gateway.answers[GetRoom] = RoomResult(room=a_room(host_id=ADA))
    refused = await pressed(visit, seen)
    assert (refused.status, "no longer open" in refused.words) == (409, True)


async def test_an_office_is_laid_down_by_its_holder_once_though_the_desk_is_closed_then() -> None:
    visit = a_desk(host_id=HOST, facilitator_ids=[ADA])
    seen = await opened(visit, f"dismiss/{ADA}")
    assert "You cannot take it back yourself" in seen.words
    visit.gateway.answers[GetRoom] = RoomResult(room=a_room(host_id=HOST))
    for _ in range(2):
        done = await pressed(visit, seen)
        assert (done.status, "you hold no office in this room any more" in done.words) == (200, True)
    first, again = visit.gateway.sent
    assert first == again
    visit.gateway.outcomes[Dismiss] = UNKNOWN
    assert (await pressed(visit, seen)).status == 403


@every_case(
    ("room", "how"),
    [
        ({}, ["To take part, request"]),
        ({"access": {"policy": "invitation"}}, ["To take part, you need"]),
        ({"status": "closed"}, []),
    ],
)
async def test_who_lays_an_office_down_reads_how_to_take_part_as_far_as_it_is_possible(
    room: dict[str, Any], how: list[str]
) -> None:
    visit = a_desk(host_id=HOST, facilitator_ids=[ADA], **room)
    seen = await opened(visit, f"dismiss/{ADA}")
    visit.gateway.answers[GetRoom] = RoomResult(room=a_room(host_id=HOST, **room))
    done = await pressed(visit, seen)
    for words in (seen.words, done.words):
        assert "no seat in the room" in words
        assert [each for each in ("To take part, request", "To take part, you need") if each in words] == how


@every_case("step", ["appoint", "hand-over", "take-back", f"dismiss/{BEN}"])
async def test_only_the_host_changes_the_offices_of_others(step: str) -> None:
    visit = a_desk(host_id=HOST, facilitator_ids=[ADA, BEN], proposed=CLEO)
    listed, seen = await opened(visit), await opened(visit, step)
    assert (seen.status, seen.html.select("form")) == (409, [])
    links = [str(each["href"]).partition("/offices/")[2] for each in listed.html.select("main a")]
    assert links == [f"dismiss/{ADA}"]


@every_case("status", ["cancelled", "archived"])
async def test_the_offices_of_a_room_that_has_ended_stay(status: str) -> None:
    visit = a_desk(status=status, proposed=CLEO)
    assert (await opened(visit)).html.select("main a") == []
    assert (await opened(visit, "appoint")).status == 409


async def test_in_a_draft_there_is_nobody_to_appoint_yet() -> None:
    visit = a_desk(status="draft")
    visit.gateway.answers[GetRoster] = UNKNOWN
    seen = await opened(visit, "appoint")
    assert (seen.html.select("form"), "Nobody has a seat in the room yet" in seen.words) == ([], True)
    assert (await opened(visit, "hand-over")).status == 409


async def test_who_holds_no_office_sees_no_offices() -> None:
    visit = a_desk(host_id=HOST, facilitator_ids=[])
    assert [(await opened(visit, step)).status for step in ("", "appoint")] == [403, 403]
