"""The first page of a room's desk: for its offices alone, and what needs them now comes first."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, HOST, NOW, ROOM, a_room, a_session
from tests.unit.pages.every_page import some_reports
from tests.unit.pages.hosts import BEN, CLEO, a_roster, an_entry
from tests.unit.pages.sites import Seen, Visit, a_visit

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import GetRoster, RosterEntry, Status
from practio_contracts.rooms import (
    ConductReports,
    GetRoom,
    ListConductReports,
    ListSessions,
    RoomResult,
    Session,
    SessionsFound,
)

HERS = Link(Purpose.DESK, ADA, ROOM, locale="en", time_zone="Europe/Rome")


def a_desk(
    *entries: RosterEntry,
    sessions: tuple[Session, ...] = (),
    viable: bool = True,
    missing: tuple[str, ...] = (),
    empty: tuple[str, ...] = (),
    **room: Any,
) -> Visit:
    visit = a_visit()
    shown = a_room(**{"host_id": ADA, **room})
    visit.gateway.answers |= {
        GetRoom: RoomResult(room=shown, viable=viable, missing_roles=list(missing)),
        GetRoster: lambda query: a_roster(entries)(query).model_copy(update={"empty_roles": list(empty)}),
        ListSessions: SessionsFound(sessions=list(sessions), after=None),
        ListConductReports: Refusal(code="not-allowed", detail="only stewards read reports"),
    }
    return visit


async def opened(visit: Visit) -> Seen:
    return await visit.get(visit.path(HERS))


def now(seen: Seen) -> str:
    return seen.html.select("section[aria-labelledby=now]")[0].words


@every_case("office", ["host_id", "facilitator_ids", "steward_ids"])
async def test_each_office_of_a_room_sees_its_desk(office: str) -> None:
    holders: dict[str, Any] = {"host_id": HOST, office: ADA if office == "host_id" else [ADA]}
    visit = a_desk(**holders)
    seen = await opened(visit)
    assert (seen.status, {actor for _, actor in visit.gateway.queries}) == (200, {ADA})
    assert "Run the room: Intervision for team leads" in seen.words


async def test_a_person_without_an_office_is_refused_in_words() -> None:
    seen = await opened(a_desk(host_id=HOST))
    assert (seen.status, "Only the room's host, facilitators and stewards" in seen.words) == (403, True)


async def test_a_room_that_the_person_may_not_see_is_not_shown() -> None:
    visit = a_desk()
    visit.gateway.answers[GetRoom] = Refusal(code="room-unknown", detail="x")
    assert (await opened(visit)).status == 404


async def test_requests_and_offers_that_wait_come_first_with_the_way_to_decide() -> None:
    until = NOW + timedelta(days=1)
    offers = [
        an_entry(BEN, Status.OFFERED, offer_expires_at=until + timedelta(hours=1)),
        an_entry(CLEO, Status.OFFERED, offer_expires_at=until),
    ]
    visit = a_desk(an_entry(HOST), *offers, sessions=(a_session(),))
    seen = await opened(visit)
    assert [str(each["id"]) for each in seen.html.select("h2")] == ["now", "sessions", "seats", "room"]
    assert "One request waits for a decision." in now(seen)
    assert (
        "2 seats have been offered and wait for an answer. The first offer lapses on Tuesday, 3 March 2026, 19:00"
        in now(seen)
    )
    [queue] = seen.html.select("section[aria-labelledby=now] a.button")
    expected = Link(Purpose.QUEUE, ADA, ROOM, locale="en", time_zone="Europe/Rome")
    assert visit.site.links.read(str(queue["href"]).removeprefix("/queue/"), Purpose.QUEUE) == expected


async def test_empty_roles_and_the_lack_of_sessions_need_the_offices_too() -> None:
    seen = await opened(a_desk(viable=False, missing=("coach",)))
    assert "Nobody has these roles yet: coach" in now(seen)
    assert "No session is planned. Plan sessions" in now(seen)


@every_case("status", ["published", "closed"])
async def test_named_roles_that_nobody_has_need_the_offices_though_the_room_can_run(status: str) -> None:
    someone = an_entry(BEN, Status.JOINED)
    seen = await opened(a_desk(someone, sessions=(a_session(),), empty=("moderator", "scribe"), status=status))
    invites = " Invite people" if status == "published" else ""
    assert now(seen) == f"What needs you now Nobody has these roles yet: moderator, scribe{invites}"


async def test_a_full_room_with_an_empty_role_leads_to_no_invitation() -> None:
    people = [an_entry(UUID(int=number), Status.JOINED) for number in range(8)]
    seen = await opened(a_desk(*people, sessions=(a_session(),), empty=("scribe",)))
    assert now(seen) == "What needs you now Nobody has this role yet: scribe"


async def test_a_role_that_the_format_cannot_do_without_is_named_once() -> None:
    someone = an_entry(BEN, Status.JOINED)
    seen = await opened(a_desk(someone, viable=False, missing=("coach",), empty=("coach", "scribe")))
    assert now(seen).count("coach") == 1
    assert "Nobody has this role yet: scribe" in now(seen)


async def test_a_closed_room_without_a_coach_needs_one_too() -> None:
    someone = an_entry(BEN, Status.JOINED)
    seen = await opened(
        a_desk(someone, sessions=(a_session(),), viable=False, missing=("coach",), empty=("coach",), status="closed")
    )
    assert "Nobody has these roles yet: coach" in now(seen)
    assert "Nothing needs you" not in now(seen)


async def test_a_room_without_people_needs_people_and_no_roles() -> None:
    assert "scribe" not in now(await opened(a_desk(viable=False, empty=("scribe",))))


async def test_a_room_in_which_nothing_waits_is_at_rest() -> None:
    session = a_session(topic="A case", place="Room 4")
    seen = await opened(a_desk(sessions=(session,)))
    assert now(seen) == "What needs you now Nothing needs you right now."
    assert "Monday, 2 March 2026, 19:00" in seen.words
    assert "Place: Room 4" in seen.words


async def test_a_concern_that_nobody_has_settled_needs_a_steward_first() -> None:
    visit = a_desk(an_entry(BEN), sessions=(a_session(),), host_id=HOST, steward_ids=[ADA])
    settled = ConductReports(reports=[], after=None)
    visit.gateway.answers[ListConductReports] = lambda query: some_reports() if query.open_only else settled
    seen = await opened(visit)
    assert now(seen).startswith("What needs you now Somebody reported a concern that no steward has settled yet.")
    [concerns, _] = seen.html.select("section[aria-labelledby=now] a")
    assert str(concerns["href"]).endswith("/concerns")
    visit.gateway.answers |= {
        GetRoster: a_roster([]),
        ListConductReports: settled,
    }
    assert now(await opened(visit)) == "What needs you now Nothing needs you right now."


async def test_a_draft_has_a_desk_though_membership_does_not_know_it() -> None:
    visit = a_desk(status="draft")
    visit.gateway.answers[GetRoster] = Refusal(code="room-unknown", detail="x")
    seen = await opened(visit)
    assert (seen.status, "The room is a draft" in now(seen)) == (200, True)
    assert "/queue/" not in seen.answer.text


async def test_an_ended_room_needs_nobody() -> None:
    seen = await opened(a_desk(an_entry(BEN), status="archived", viable=False))
    assert now(seen) == "What needs you now Nothing needs you right now."
    assert "/queue/" not in seen.answer.text
