"""Exchanging roles on a room's desk: in one move, only what was changed, and nothing chosen is lost."""

from typing import Any

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, HOST, ROOM, a_room
from tests.unit.pages.every_page import filled_in
from tests.unit.pages.hosts import BEN, CLEO, a_roster, an_entry, named
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import (
    ExchangeRoles,
    GetMembership,
    GetRoster,
    MembershipResult,
    RoleAssignment,
    Status,
)
from practio_contracts.notifications import NamePeople
from practio_contracts.rooms import GetRoom, RoomResult
from practio_pages.pages.role_exchange_form import RoleExchangeFault, exchange_of

HERS = Link(Purpose.DESK, ADA, ROOM, locale="en", time_zone="Europe/Rome")
EXCHANGED = {f"role-{BEN}": "observer", f"role-{CLEO}": "coach"}


def a_room_of_roles(*, third: bool = False, **room: Any) -> Visit:
    visit = a_visit()
    inside = [an_entry(BEN, Status.JOINED, role="coach"), an_entry(CLEO, Status.JOINED, role="observer")]
    inside += [an_entry(HOST, Status.JOINED, role="coach")] if third else []
    roles = {each.membership.person_id: each.membership.role for each in inside}
    shown = {"host_id": ADA, "roles": [{"name": "coach"}, {"name": "observer"}], **room}
    visit.gateway.answers |= {
        GetRoom: RoomResult(room=a_room(**shown)),
        GetRoster: a_roster(inside),
        GetMembership: lambda query: now_with(query, roles.get(query.person_id)),
        NamePeople: named,
    }
    visit.gateway.outcomes[ExchangeRoles] = accepted(ExchangeRoles)
    return visit


def now_with(query: GetMembership, role: str | None) -> MembershipResult:
    """Return the membership of a person who has joined with a role."""
    return MembershipResult(membership=an_entry(query.person_id, Status.JOINED, role=role).membership, moves=[])


async def opened(visit: Visit) -> Seen:
    return await visit.get(visit.path(HERS) + "/people/roles")


async def pressed(visit: Visit, seen: Seen, **entered: str) -> Seen:
    return await visit.post(seen.path, filled_in(seen.form("Exchange the roles")) | entered)


async def test_roles_are_exchanged_in_one_move_however_often_the_button_is_pressed() -> None:
    visit = a_room_of_roles(third=True)
    seen = await opened(visit)
    for _ in range(2):
        done = await pressed(visit, seen, **EXCHANGED)
        assert (done.status, "the roles are exchanged" in done.html.select("[role=status]")[0].get_text()) == (
            200,
            True,
        )
    first, again = visit.gateway.sent
    expected = [RoleAssignment(person_id=BEN, role="observer"), RoleAssignment(person_id=CLEO, role="coach")]
    assert (first, first.actor) == (again, ADA)
    assert first.command == ExchangeRoles(room_id=ROOM, assignments=expected)


@every_case(
    ("form", "fault"),
    [
        ({}, RoleExchangeFault.TOO_FEW),
        ({f"role-{BEN}": "observer", f"was-{BEN}": "coach"}, RoleExchangeFault.TOO_FEW),
        ({"role-x": "observer", "role-y": "coach"}, RoleExchangeFault.UNREADABLE),
        ({f"role-{BEN}": "", f"was-{BEN}": "coach", f"role-{CLEO}": "coach"}, RoleExchangeFault.UNREADABLE),
        ({f"role-{BEN}": "observer", f"role-{str(BEN).upper()}": "coach"}, RoleExchangeFault.UNREADABLE),
    ],
)
def test_a_form_that_exchanges_nothing_has_a_fault(form: dict[str, str], fault: RoleExchangeFault) -> None:
    assert exchange_of(form, room_id=ROOM) is fault


async def test_one_changed_role_is_not_an_exchange_and_the_choice_is_kept() -> None:
    visit = a_room_of_roles()
    seen = await pressed(visit, await opened(visit), **{f"role-{BEN}": "observer"})
    assert (seen.status, visit.gateway.sent) == (422, [])
    assert "at least two people" in seen.html.select("[role=alert]")[0].get_text()
    assert filled_in(seen.form("Exchange the roles"))[f"role-{BEN}"] == "observer"


@every_case(
    ("code", "words"),
    [
        ("role-full", "as many people as leave it"),
        ("not-a-member", "no longer has a seat"),
        ("not-allowed", "does not include this"),
    ],
)
async def test_a_refused_exchange_comes_back_as_it_was_chosen(code: str, words: str) -> None:
    visit = a_room_of_roles()
    seen = await opened(visit)
    visit.gateway.outcomes[ExchangeRoles] = Refusal(code=code, detail="x")
    refused = await pressed(visit, seen, **EXCHANGED)
    assert (refused.status, words in refused.html.select("[role=alert]")[0].get_text()) == (409, True)
    kept = filled_in(refused.form("Exchange the roles"))
    assert kept | EXCHANGED == kept


@every_case("room", [{"host_id": HOST, "steward_ids": [ADA]}, {"roles": [{"name": "coach"}]}, {"status": "archived"}])
async def test_there_is_no_form_where_roles_cannot_be_exchanged(room: dict[str, Any]) -> None:
    seen = await opened(a_room_of_roles(**room))
    assert (seen.status, seen.html.select("form")) == (409, [])


def a_longer_list(visit: Visit) -> Visit:
    """Let membership show one person at a time."""
    inside = [an_entry(BEN, Status.JOINED, role="coach"), an_entry(CLEO, Status.JOINED, role="observer")]
    visit.gateway.answers[GetRoster] = a_roster(inside, pages=1)
    return visit


async def test_what_was_chosen_is_kept_when_the_page_is_turned() -> None:
    visit = a_longer_list(a_room_of_roles())
    seen = await opened(visit)
    [turn] = seen.html.select("button[name=turn]")
    second = await pressed(visit, seen, **{f"role-{BEN}": "observer", "turn": str(turn["value"])})
    assert (second.status, visit.gateway.sent) == (200, [])
    assert [str(each["id"]) for each in second.html.select("select")] == [f"role-{CLEO}"]
    assert "One change that you chose on another page of this list is kept." in second.words
    form = second.form("Exchange the roles")
    await visit.post(str(form["action"]), filled_in(form) | {f"role-{CLEO}": "coach"})
    [sent] = visit.gateway.sent
    expected = [RoleAssignment(person_id=BEN, role="observer"), RoleAssignment(person_id=CLEO, role="coach")]
    assert sent.command == ExchangeRoles(room_id=ROOM, assignments=expected)


async def test_two_hundred_people_are_listed_on_a_page() -> None:
    visit = a_room_of_roles()
    await opened(visit)
    assert [query.limit for query, _ in visit.gateway.queries if isinstance(query, GetRoster)] == [200]


async def test_a_role_that_somebody_else_has_changed_meanwhile_is_shown_before_it_is_replaced() -> None:
    visit = a_longer_list(a_room_of_roles())
    visit.gateway.answers[GetRoom] = RoomResult(
        room=a_room(host_id=ADA, roles=[{"name": "coach"}, {"name": "observer"}, {"name": "scribe"}])
    )
    first = await opened(visit)
    [turn] = first.html.select("button[name=turn]")
    second = await pressed(visit, first, **{f"role-{BEN}": "observer", "turn": str(turn["value"])})
    visit.gateway.answers[GetMembership] = lambda query: now_with(
        query, "scribe" if query.person_id == BEN else "observer"
    )
    form = second.form("Exchange the roles")
    behind = await visit.post(str(form["action"]), filled_in(form) | {f"role-{CLEO}": "coach"})
    assert (behind.status, visit.gateway.sent) == (409, [])
    assert "Somebody else has changed this in the meantime" in behind.html.select("[role=alert]")[0].get_text()
    meanwhile = behind.html.select("section[aria-labelledby=meanwhile] div")
    assert [each.words for each in meanwhile] == ["Ben Okri scribe"]
    kept = behind.form("Exchange the roles")
    assert filled_in(kept) | EXCHANGED == filled_in(kept)
    await visit.post(str(kept["action"]), filled_in(kept))
    [sent] = visit.gateway.sent
    expected = [RoleAssignment(person_id=BEN, role="observer"), RoleAssignment(person_id=CLEO, role="coach")]
    assert sent.command == ExchangeRoles(room_id=ROOM, assignments=expected)
