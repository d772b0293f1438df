"""Leaving everything: seen first, sent once, and each line has its outcome."""

from typing import Any
from uuid import UUID

from tests.unit.pages.builders import ADA, ROOM, a_membership, a_room_shown, an_own_room, own_rooms
from tests.unit.pages.every_page import LEAVE, filled_in, send_again
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.membership import ListMemberships, Membership, Memberships, RoomTitle, Status, Withdraw
from practio_contracts.rooms import (
    DeclineHandOver,
    Dismiss,
    GetRoom,
    ListOwnRooms,
    Office,
    OwnRoom,
    OwnRooms,
    ProposedHandOver,
)
from practio_pages.pages.leaving_lines import commands_in

SEAT, WAITING, RUN, CARED, OWN, DRAFT, OFFERED = (UUID(int=100 + number) for number in range(7))
OWN_ROOMS = (
    an_own_room("host", room_id=OWN, title="Mine"),
    an_own_room("host", room_id=DRAFT, title="Unfinished", status="draft"),
    an_own_room("facilitator", room_id=RUN, title="Run by me"),
    an_own_room("steward", room_id=CARED, title="In my care"),
)
HAND_OVERS = (ProposedHandOver(room_id=OFFERED, title="To be mine"),)
TITLES = [RoomTitle(room_id=SEAT, title="With a seat")]
MEMBERSHIPS = (a_membership(Status.JOINED, room_id=SEAT), a_membership(Status.WAITLISTED, room_id=WAITING))
EVERYTHING = [
    DeclineHandOver(room_id=OFFERED, person_id=ADA),
    Dismiss(room_id=RUN, person_id=ADA, office=Office.FACILITATOR),
    Dismiss(room_id=CARED, person_id=ADA, office=Office.STEWARD),
    Withdraw(room_id=SEAT, person_id=ADA),
    Withdraw(room_id=WAITING, person_id=ADA),
]


def a_visit_of(
    *,
    own: tuple[OwnRoom, ...] = OWN_ROOMS,
    memberships: tuple[Membership, ...] = MEMBERSHIPS,
    hand_overs: tuple[ProposedHandOver, ...] = HAND_OVERS,
) -> Visit:
    visit, rooms = a_visit(), own_rooms(*own)
    visit.gateway.answers |= {
        ListOwnRooms: lambda query: rooms(query).model_copy(update={"hand_overs": list(hand_overs)}),
        ListMemberships: Memberships(memberships=list(memberships), titles=TITLES),
        GetRoom: lambda query: a_room_shown(room_id=query.room_id, title=f"Room {query.room_id.int}"),
    }
    visit.gateway.outcomes |= {command: accepted(command) for command in (Withdraw, Dismiss, DeclineHandOver)}
    return visit


def has_left(visit: Visit) -> None:
    """Let the services know nothing more of what the person was in."""
    visit.gateway.answers |= {
        ListOwnRooms: OwnRooms(rooms=[], after=None),
        ListMemberships: Memberships(memberships=[]),
    }


def lines(seen: Seen, section: str) -> dict[str, str]:
    return seen.terms(f"[aria-labelledby={section}] dl > div")


def sent(visit: Visit) -> list[Any]:
    return [each.command for each in visit.gateway.sent]


async def test_what_follows_is_shown_for_each_room_before_anything_is_done() -> None:
    visit = a_visit_of()
    seen = await visit.get(LEAVE.opened_by(visit))
    assert (seen.status, visit.gateway.sent) == (200, [])
    assert lines(seen, "follows") == {
        "To be mine": "You decline to become the host. The room stays with its present host.",
        "Run by me": "You step down as facilitator, and then have no seat in the room.",
        "In my care": "You step down as steward, and then have no seat in the room.",
        "With a seat": "You give up your seat. It goes to the next person on the waitlist, if there is one.",
        "Room 101": "You leave the waitlist, and your place on it is lost.",
    }
    [mine, draft] = seen.html.select("[aria-labelledby=hosted] .cards > li")
    assert "Hand it over to somebody, or end it." in mine.get_text()
    assert [str(each["href"]).rpartition("/")[2] for each in mine.select("a")] == ["hand-over", "life"]
    assert [(each.get_text(), each["aria-label"]) for each in draft.select("a")] == [("Discard", "Discard: Unfinished")]


async def test_one_button_sends_a_command_for_each_line_in_the_person_s_name() -> None:
    visit = a_visit_of()
    seen = await visit.get(LEAVE.opened_by(visit))
    has_left(visit)
    done = await visit.press(seen, "Leave all of these")
    assert sent(visit) == EVERYTHING
    assert {each.actor for each in visit.gateway.sent} == {ADA}
    assert len({each.id for each in visit.gateway.sent}) == len(EVERYTHING)
    assert done.status == 200
    assert list(lines(done, "came").values()) == [
        "Done: you have declined to become the host.",
        *["Done: you hold no office in this room any more."] * 2,
        "Done: you have left the room.",
        "Done: you have left the waitlist.",
    ]
    assert "You are not in any room, on any waitlist or in any office." in done.words


async def test_pressing_twice_counts_once_and_shows_the_same_outcome() -> None:
    visit = a_visit_of()
    seen = await visit.get(LEAVE.opened_by(visit))
    has_left(visit)
    once, again = [await visit.press(seen, "Leave all of these") for _ in range(2)]
    first, second = visit.gateway.sent[:5], visit.gateway.sent[5:]
    assert first == second
    assert lines(once, "came") == lines(again, "came")


async def test_what_failed_stays_in_the_form_and_is_explained() -> None:
    visit = a_visit_of()
    seen = await visit.get(LEAVE.opened_by(visit))
    visit.gateway.answers |= {
        ListOwnRooms: OwnRooms(rooms=[], after=None),
        ListMemberships: Memberships(memberships=[MEMBERSHIPS[0]]),
    }
    visit.gateway.outcomes[Withdraw] = Refusal(code="not-allowed", detail="x")
    done = await visit.press(seen, "Leave all of these")
    assert done.status == 200
    assert "you can no longer do this" in lines(done, "came")["Room 100"]
    assert [name for name in filled_in(done.form("Leave all of these")) if name != "form"] == [
        f"leave.{SEAT}.membership"
    ]
    visit.gateway.outcomes[Withdraw] = accepted(Withdraw)
    await send_again(visit, done, "Leave all of these")
    assert sent(visit)[-1] == Withdraw(room_id=SEAT, person_id=ADA)
    assert visit.gateway.sent[-1].id not in {each.id for each in visit.gateway.sent[:-1]}


async def test_a_proposal_that_was_taken_back_meanwhile_is_explained() -> None:
    visit = a_visit_of()
    seen = await visit.get(LEAVE.opened_by(visit))
    has_left(visit)
    visit.gateway.outcomes[DeclineHandOver] = Refusal(code="no-hand-over", detail="x")
    done = await visit.press(seen, "Leave all of these")
    assert lines(done, "came")["Room 106"] == "You are no longer being asked to host this room."
    assert "Done: you have left the room." in lines(done, "came").values()


async def test_if_everything_is_refused_nothing_was_changed() -> None:
    visit = a_visit_of(own=(), hand_overs=())
    visit.gateway.outcomes[Withdraw] = Refusal(code="failed", detail="x")
    done = await visit.press(await visit.get(LEAVE.opened_by(visit)), "Leave all of these")
    assert done.status == 409
    assert "Nothing was changed" in done.html.select("title")[0].get_text()


async def test_what_nobody_answered_is_sent_again_under_the_same_ids() -> None:
    visit = a_visit_of()
    seen = await visit.get(LEAVE.opened_by(visit))
    outcomes = dict(visit.gateway.outcomes)
    del visit.gateway.outcomes[Withdraw]
    away = await visit.press(seen, "Leave all of these")
    assert away.status == 503
    visit.gateway.outcomes |= outcomes
    assert (await send_again(visit, away, "Send it again")).status == 200
    ids = {(each.id, each.command) for each in visit.gateway.sent}
    assert len(ids) == len(EVERYTHING)


async def test_a_line_joins_only_what_the_form_lists() -> None:
    visit = a_visit_of()
    seen = await visit.get(LEAVE.opened_by(visit))
    fields = filled_in(seen.form("Leave all of these"))
    del fields[f"leave.{SEAT}.membership"]
    await visit.post(seen.path, fields)
    assert Withdraw(room_id=SEAT, person_id=ADA) not in sent(visit)


def test_a_field_that_is_no_line_is_no_command() -> None:
    for name in (
        "form",
        f"other.{ROOM}.membership",
        f"leave.{ROOM}",
        "leave.x.membership",
        f"leave.{ROOM}.host",
        f"leave.{ROOM}.x.y",
    ):
        assert commands_in({name: "joined"}, ADA) == []


async def test_rooms_that_stay_never_hide_those_that_can_be_left() -> None:
    visit = a_visit_of()
    hosted = [an_own_room("host", room_id=UUID(int=200 + number), title=f"Mine {number}") for number in range(150)]
    visit.gateway.answers[ListOwnRooms] = own_rooms(*hosted, *OWN_ROOMS)
    seen = await visit.get(LEAVE.opened_by(visit))
    assert "Run by me" in lines(seen, "follows")
    assert len(seen.html.select("[aria-labelledby=hosted] .cards > li")) == 20
    assert "All rooms that you host are on the page of your rooms." in seen.words
    assert "You are in more rooms" not in seen.words


async def test_only_rooms_of_offices_are_asked_for() -> None:
    visit = a_visit_of()
    await visit.get(LEAVE.opened_by(visit))
    asked = [query.office for query, _ in visit.gateway.queries if isinstance(query, ListOwnRooms)]
    assert asked == ["host", "facilitator", "steward"]


async def test_more_rooms_than_are_left_at_once_are_announced() -> None:
    visit = a_visit_of()
    visit.gateway.answers[ListMemberships] = Memberships(memberships=list(MEMBERSHIPS), after="more")
    assert "You are in more rooms" in (await visit.get(LEAVE.opened_by(visit))).words
