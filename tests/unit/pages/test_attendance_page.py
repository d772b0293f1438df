"""Recording who came: who is ticked, what is sent, and people who check in meanwhile."""

from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, ROOM
from tests.unit.pages.every_page import filled_in
from tests.unit.pages.hosts import BEN, CLEO
from tests.unit.pages.sessions import HOSTED, SESSION, a_result, a_visit_to, in_days, opened, running, sent
from tests.unit.pages.sites import Seen, Visit

from practio_contracts.answers import Refusal
from practio_contracts.rooms import GetSession, RecordAttendance

ABOUT = {"room_id": ROOM, "session_id": SESSION}


def a_recorder(**fields: object) -> Visit:
    return a_visit_to(a_result(running(), **{"present": [], "absent": []} | fields), **HOSTED)


def ticked(seen: Seen) -> set[UUID]:
    fields = filled_in(seen.form("Record who came"))
    return {UUID(name.removeprefix("came-")) for name in fields if name.startswith("came-")}


async def recorded(visit: Visit, seen: Seen, *came: UUID) -> Seen:
    """Record that exactly these people came."""
    fields = {name: value for name, value in filled_in(seen.form("Record who came")).items() if "came-" not in name}
    return await visit.post(seen.path, fields | {f"came-{person}": "yes" for person in came})


async def test_everybody_who_said_yes_is_ticked() -> None:
    assert ticked(await opened(a_recorder(), "/attendance")) == {BEN}


async def test_once_it_is_recorded_those_who_came_are_ticked() -> None:
    seen = await opened(a_recorder(present=[CLEO], absent=[BEN]), "/attendance")
    assert ticked(seen) == {CLEO}


async def test_the_hint_says_that_who_said_yes_and_is_not_recorded_yet_is_ticked_too() -> None:
    seen = await opened(a_recorder(present=[CLEO], absent=[]), "/attendance")
    assert ticked(seen) == {CLEO, BEN}
    assert "those who said they were coming and are not recorded yet" in seen.words


async def test_the_ticked_are_recorded_as_present_and_all_others_as_absent() -> None:
    visit = a_recorder()
    done = await recorded(visit, await opened(visit, "/attendance"), BEN, ADA)
    assert (done.status, "Done: recorded who came." in done.words) == (200, True)
    [command] = sent(visit)
    assert isinstance(command, RecordAttendance)
    assert (set(command.present), set(command.absent)) == ({ADA, BEN}, {CLEO})


async def test_only_what_differs_is_sent() -> None:
    visit = a_recorder(present=[CLEO, ADA], absent=[BEN])
    await recorded(visit, await opened(visit, "/attendance"), BEN, ADA)
    assert sent(visit) == [RecordAttendance.model_validate(ABOUT | {"present": [BEN], "absent": [CLEO]})]


async def test_somebody_who_checked_in_after_the_page_was_opened_stays_present() -> None:
    visit = a_recorder()
    seen = await opened(visit, "/attendance")
    visit.gateway.answers[GetSession] = a_result(running(), present=[CLEO], absent=[])
    await recorded(visit, seen, BEN)
    assert sent(visit) == [RecordAttendance.model_validate(ABOUT | {"present": [BEN], "absent": [ADA]})]


async def test_what_another_office_recorded_after_the_page_was_opened_stays_and_is_shown() -> None:
    visit = a_recorder(present=[BEN, CLEO], absent=[ADA])
    seen = await opened(visit, "/attendance")
    visit.gateway.answers[GetSession] = a_result(running(), present=[ADA], absent=[BEN, CLEO])
    done = await recorded(visit, seen, BEN, CLEO)
    assert sent(visit) == [RecordAttendance.model_validate(ABOUT | {"present": [], "absent": []})]
    [kept] = done.html.select(".outcome + .note")
    assert [each in kept.get_text() for each in ("Ben Okri", "Cléo <Vic>", "You")] == [True, True, True]


async def test_what_was_chosen_counts_whatever_is_recorded_meanwhile() -> None:
    visit = a_recorder(present=[BEN, CLEO], absent=[ADA])
    seen = await opened(visit, "/attendance")
    visit.gateway.answers[GetSession] = a_result(running(), present=[BEN, CLEO], absent=[ADA])
    done = await recorded(visit, seen, CLEO, ADA)
    assert sent(visit) == [RecordAttendance.model_validate(ABOUT | {"present": [ADA], "absent": [BEN]})]
    assert done.html.select(".outcome + .note") == []


async def test_the_same_form_counts_once() -> None:
    visit = a_recorder()
    seen = await opened(visit, "/attendance")
    for came in ((BEN,), (BEN,), (BEN, ADA)):
        await recorded(visit, seen, *came)
    first, again, other = (each.id for each in visit.gateway.sent)
    assert (first == again, first == other) == (True, False)


async def test_a_refusal_keeps_the_ticks() -> None:
    visit = a_recorder()
    visit.gateway.outcomes[RecordAttendance] = Refusal(code="session-over", detail="x")
    seen = await recorded(visit, await opened(visit, "/attendance"), ADA)
    assert (seen.status, ticked(seen)) == (409, {ADA})


@every_case("days", [1, -31.5])
async def test_it_is_recorded_from_the_start_until_thirty_days_after(days: float) -> None:
    seen = await opened(a_visit_to(a_result(in_days(days)), **HOSTED), "/attendance")
    assert (seen.status, seen.buttons) == (409 if days > 0 else 410, [])


async def test_participants_record_nothing() -> None:
    visit = a_visit_to(a_result(running()))
    seen = await opened(visit, "/attendance")
    assert (seen.status, seen.buttons) == (403, [])
    form = visit.site.forms.sign(RecordAttendance.routing_key, person_id=ADA, room_id=ROOM)
    assert (await visit.post(seen.path, {"form": form, f"shown-{BEN}": "no"})).status == 403
    assert sent(visit) == []


async def test_fields_that_name_nobody_are_left_out() -> None:
    visit = a_recorder()
    seen = await opened(visit, "/attendance")
    fields = filled_in(seen.form("Record who came")) | {"shown-x": "no", f"shown-{UUID(int=99)}": "no", "came-": "yes"}
    await visit.post(seen.path, fields)
    [command] = sent(visit)
    assert isinstance(command, RecordAttendance)
    assert {*command.present, *command.absent} == {ADA, BEN, CLEO}


MANY = [UUID(int=number) for number in range(1_000, 2_200)]


def a_crowd(**fields: object) -> Visit:
    """Return a visit to a session of 1,200 people, of whom the first 700 have said that they come; one does not fit."""
    people = [{"person_id": each, "coming": "yes" if number < 700 else None} for number, each in enumerate(MANY)]
    return a_recorder(people=people, people_left_out=1, **fields)


def shown_on(seen: Seen) -> list[UUID]:
    return [UUID(str(each["name"]).removeprefix("shown-")) for each in seen.html.select("input[name^=shown-]")]


async def test_more_people_than_a_command_states_are_recorded_page_by_page() -> None:
    visit = a_crowd()
    seen = await opened(visit, "/attendance")
    assert "This page has 500 of them and is recorded on its own. 700 more follow." in seen.words
    assert "One more person in the room cannot be listed here." in seen.words
    pages = []
    for _ in range(3):
        pages.append(shown_on(seen))
        button = seen.form("Record who came")
        seen = await visit.post(str(button["action"]), filled_in(button))
    assert [each for page in pages for each in page] == MANY
    assert [len(page) for page in pages] == [500, 500, 200]
    assert [(len(each.present), len(each.absent)) for each in recorded_by(visit)] == [(500, 0), (200, 300), (0, 200)]
    assert "Done: recorded who came." in seen.words
    assert shown_on(seen) == []


async def turned(visit: Visit, seen: Seen, words: str, fields: dict[str, str] | None = None) -> Seen:
    """Press the button with these words that turns the page; with ``fields``, instead of what the page shows."""
    form = seen.form("Record who came")
    [turn] = [str(each["value"]) for each in form.select("button[name=turn]") if each.get_text() == words]
    return await visit.post(str(form["action"]), (filled_in(form) if fields is None else fields) | {"turn": turn})


async def test_ticks_are_kept_when_the_page_is_turned_and_recorded_with_any_other() -> None:
    visit = a_crowd()
    first = await opened(visit, "/attendance")
    left = {name: text for name, text in filled_in(first.form("Record who came")).items() if str(MANY[3]) not in name}
    second = await turned(visit, first, "Show more people", left | {f"shown-{MANY[3]}": "yes"})
    assert (second.status, sent(visit), shown_on(second)) == (200, [], [MANY[3], *MANY[500:1000]])
    assert "One change that you chose on another page of this list is kept." in second.words
    third = await turned(
        visit, second, "Show more people", filled_in(second.form("Record who came")) | tick_of(MANY[-300])
    )
    assert (MANY[3] in ticked(third), MANY[-300] in ticked(third)) == (False, True)
    form = third.form("Record who came")
    await visit.post(str(form["action"]), filled_in(form))
    [command] = recorded_by(visit)
    assert (command.present, command.absent) == ([MANY[-300]], [MANY[3], *MANY[1000:]])
    again = await turned(visit, third, "Back to the beginning")
    assert (MANY[3] in ticked(again), MANY[4] in ticked(again)) == (False, True)


def tick_of(person: UUID) -> dict[str, str]:
    return {f"came-{person}": "yes"}


async def test_more_people_than_a_command_states_are_recorded_by_several_however_often_it_is_sent() -> None:
    visit = a_crowd()
    first = await opened(visit, "/attendance")
    left = {name: text for name, text in filled_in(first.form("Record who came")).items() if "came-" not in name}
    second = await turned(visit, first, "Show more people", left)
    form = second.form("Record who came")
    for _ in range(2):
        await visit.post(str(form["action"]), filled_in(form))
    assert [(len(each.present), len(each.absent)) for each in recorded_by(visit)] == [(0, 500), (200, 300)] * 2
    ids = [each.id for each in visit.gateway.sent]
    assert (ids[:2], len(set(ids))) == (ids[2:], 2)


async def test_a_page_of_people_that_is_refused_comes_back_with_its_ticks_and_the_others_are_a_button_away() -> None:
    visit = a_crowd()
    first = await opened(visit, "/attendance")
    second = await turned(visit, first, "Show more people")
    visit.gateway.outcomes[RecordAttendance] = Refusal(code="session-over", detail="x")
    fields = {name: value for name, value in filled_in(second.form("Record who came")).items() if "came-" not in name}
    address = str(second.form("Record who came")["action"])
    refused = await visit.post(address, fields | {f"came-{MANY[-300]}": "yes"})
    assert (refused.status, ticked(refused), shown_on(refused)) == (409, {MANY[-300]}, MANY[500:1000])
    assert (await visit.get(f"{second.path.partition('?')[0]}?after=nobody")).status == 404


def recorded_by(visit: Visit) -> list[RecordAttendance]:
    return [each for each in sent(visit) if isinstance(each, RecordAttendance)]
