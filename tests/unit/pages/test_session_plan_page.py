"""Planning one date: the roles that are proposed, what is sent, and two people who plan at once."""

from uuid import UUID

from tests.support.every_case import every_case
from tests.support.html import as_read
from tests.unit.pages.builders import ADA, ROOM
from tests.unit.pages.every_page import filled_in
from tests.unit.pages.hosts import BEN, CLEO
from tests.unit.pages.sessions import HOSTED, SESSION, a_result, a_visit_to, in_days, opened, sent
from tests.unit.pages.sites import Seen, Visit

from practio_contracts.answers import Refusal
from practio_contracts.rooms import GetSession, PlanSession, SessionResult

ABOUT = {"room_id": ROOM, "session_id": SESSION}
PLANNED = {
    "case_by": [BEN],
    "roles": [{"name": "coach", "person_id": BEN}, {"name": "observer", "person_id": CLEO}],
    "guests": ["Dr. Berg"],
}


def a_planner(result: SessionResult | None = None) -> Visit:
    return a_visit_to(result or a_result(in_days(), **PLANNED), **HOSTED)


async def saved(visit: Visit, seen: Seen, **entered: str) -> Seen:
    return await visit.post(seen.path, filled_in(seen.form("Save the plan")) | entered)


def notice(seen: Seen) -> str:
    return " ".join(seen.html.select("[role=alert]")[0].get_text().split())


def roles_of(seen: Seen) -> dict[str, str]:
    fields = filled_in(seen.form("Save the plan"))
    return {name.removeprefix("role-"): value for name, value in fields.items() if name.startswith("role-") and value}


async def test_only_what_differs_from_the_plan_is_sent() -> None:
    visit = a_planner()
    done = await saved(visit, await opened(visit, "/plan"), guests="Dr. Berg\n\n  Noor ")
    assert (done.status, "Done: planned." in done.words) == (200, True)
    assert sent(visit) == [PlanSession.model_validate(ABOUT | {"guests": ["Dr. Berg", "Noor"]})]


async def test_a_list_that_is_emptied_is_cleared() -> None:
    visit = a_planner()
    seen = await opened(visit, "/plan")
    fields = filled_in(seen.form("Save the plan"))
    del fields[f"case-{BEN}"]
    await visit.post(seen.path, fields | {f"role-{BEN}": "", f"role-{CLEO}": "", "guests": ""})
    assert sent(visit) == [PlanSession.model_validate(ABOUT | {"case_by": [], "roles": [], "guests": []})]


async def test_roles_are_given_and_those_that_stay_are_kept() -> None:
    visit = a_planner()
    await saved(visit, await opened(visit, "/plan"), **{f"role-{ADA}": "coachee", f"case-{ADA}": "yes"})
    [command] = sent(visit)
    assert isinstance(command, PlanSession)
    assert command.roles is not None
    assert [(each.name, each.person_id) for each in command.roles] == [
        ("coach", BEN),
        ("observer", CLEO),
        ("coachee", ADA),
    ]
    assert set(command.case_by or ()) == {ADA, BEN}


async def test_the_roles_that_are_proposed_are_filled_in_and_sent_when_they_are_saved() -> None:
    proposed = [{"name": "coach", "person_id": CLEO}, {"name": "observer", "person_id": ADA}]
    visit = a_planner(a_result(in_days(), proposed_roles=proposed))
    assert "it is their turn" in (await opened(visit)).words
    seen = await opened(visit, "/plan")
    assert roles_of(seen) == {str(CLEO): "coach", str(ADA): "observer"}
    await saved(visit, seen)
    [command] = sent(visit)
    assert isinstance(command, PlanSession)
    assert {(each.name, each.person_id) for each in command.roles or ()} == {("coach", CLEO), ("observer", ADA)}
    assert (command.case_by, command.guests) == (None, None)


async def test_the_second_of_two_people_sees_what_changed_and_keeps_theirs() -> None:
    visit = a_planner()
    seen = await opened(visit, "/plan")
    visit.gateway.answers[GetSession] = a_result(in_days(), **PLANNED | {"guests": ["Somebody else"]})
    second = await saved(visit, seen, guests="Mine")
    assert (second.status, sent(visit)) == (409, [])
    assert "Somebody has changed the plan in the meantime" in notice(second)
    assert "Somebody else" in second.html.select("[aria-labelledby=meanwhile]")[0].get_text()
    assert second.html.select("#guests")[0].get_text().strip() == "Mine"
    await saved(visit, second)
    assert sent(visit) == [PlanSession.model_validate(ABOUT | {"guests": ["Mine"]})]


@every_case(
    ("guests", "words"),
    [("\n".join("abcdefghijk"), "more than ten guests"), ("x" * 121, "too long"), ("a\x00b", "cannot be read")],
)
async def test_faulty_guests_are_marked_and_kept(guests: str, words: str) -> None:
    visit = a_planner()
    seen = await saved(visit, await opened(visit, "/plan"), guests=guests)
    assert (seen.status, sent(visit)) == (422, [])
    assert words in seen.html.select("#guests-fault")[0].get_text()
    assert seen.html.select("#guests")[0].get_text().strip()[:10] == as_read(guests[:10])


async def test_a_refusal_keeps_what_was_entered() -> None:
    visit = a_planner()
    visit.gateway.outcomes[PlanSession] = Refusal(code="person-unknown", detail="x")
    seen = await saved(visit, await opened(visit, "/plan"), guests="Mine")
    assert (seen.status, "no longer in the room" in notice(seen)) == (409, True)
    assert seen.html.select("#guests")[0].get_text().strip() == "Mine"


async def test_participants_and_stewards_and_people_after_it_plan_nothing_but_lose_no_text() -> None:
    for visit, status in (
        (a_visit_to(a_result(in_days())), 403),
        (a_visit_to(a_result(in_days()), host_id=CLEO, steward_ids=[ADA]), 403),
        (a_planner(a_result(in_days(-1))), 409),
    ):
        seen = await opened(visit, "/plan")
        assert (seen.status, seen.buttons) == (status, [])
        form = visit.site.forms.sign(PlanSession.routing_key, person_id=ADA, room_id=ROOM)
        late = await visit.post(seen.path, {"form": form, "guests": "Mine"})
        assert (late.status, "Mine" in late.words, sent(visit)) == (status, True, [])


async def test_people_whom_the_page_does_not_know_are_left_out() -> None:
    visit = a_planner()
    stranger = "00000000-0000-4000-8000-000000000009"
    entered = {f"case-{stranger}": "yes", f"role-{stranger}": "coach", "case-x": "yes", "guests": "Noor"}
    await saved(visit, await opened(visit, "/plan"), **entered)
    assert sent(visit) == [PlanSession.model_validate(ABOUT | {"guests": ["Noor"]})]


async def test_of_a_large_room_some_are_listed_those_who_answered_and_who_is_planned_among_them() -> None:
    silent = [{"person_id": UUID(int=1_000 + number), "coming": None, "note": None} for number in range(2_000)]
    people = [{"person_id": ADA, "coming": "yes", "note": None}, *silent]
    last = silent[-1]["person_id"]
    plan = {"case_by": [last], "roles": [{"name": "coach", "person_id": last}]}
    visit = a_planner(a_result(in_days(), people=people, people_left_out=400, **plan))
    seen = await opened(visit)
    assert "2201 more people are in the room" in seen.words
    planning = await opened(visit, "/plan")
    listed = {name.removeprefix("role-") for name in filled_in(planning.form("Save the plan")) if "role-" in name}
    assert (len(listed), listed >= {str(ADA), str(last)}) == (201, True)
    assert roles_of(planning) == {str(last): "coach"}
    await saved(visit, planning, guests="Noor")
    assert sent(visit) == [PlanSession.model_validate(ABOUT | {"guests": ["Noor"]})]
