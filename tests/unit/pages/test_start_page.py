"""Starting a room: questions with advice, a draft that is saved at any time, a preview, publishing."""

from dataclasses import replace
from typing import Any

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, HOST, ROOM, a_room, a_session, an_own_room, own_rooms
from tests.unit.pages.every_page import filled_in, with_parts
from tests.unit.pages.sites import PAGES, Seen, Visit, a_visit, accepted

from practio_contracts.answers import FieldError, Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import CreateRoom, GetRoom, ListOwnRooms, PublishRoom, ReviseRoom, RoomResult

HERS = Link(Purpose.START, ADA, locale="en", time_zone="Europe/Rome")
UNKNOWN = Refusal(code="room-unknown", detail="x")


def a_start(**room: Any) -> Visit:
    visit = a_visit()
    visit.gateway.answers |= {ListOwnRooms: own_rooms()}
    has_draft(visit, **room)
    visit.gateway.outcomes |= {command: accepted(command) for command in (CreateRoom, ReviseRoom, PublishRoom)}
    return visit


def has_draft(visit: Visit, **room: Any) -> None:
    shown = a_room(**{"host_id": ADA, "status": "draft", **room})
    visit.gateway.answers[GetRoom] = RoomResult(room=shown)


async def opened(visit: Visit, path: str = "", link: Link = HERS) -> Seen:
    return await visit.get(visit.path(link) + path)


async def saved(visit: Visit, seen: Seen, **entered: str) -> Seen:
    [form] = seen.html.select("form[method=post]")
    return await visit.post(str(form.get("action") or seen.path), filled_in(form) | entered)


async def test_each_answer_gets_advice_and_nothing_is_sent() -> None:
    visit = a_start()
    seen = await opened(visit, "?domain=yes&people=no&practice=no")
    advice = [" ".join(each.get_text().split()) for each in seen.html.select("fieldset .note")]
    assert [each.split()[0] for each in advice] == ["Good:", "Talk", "Method"]
    assert visit.gateway.sent == []
    assert (
        seen.html.select("main p > a.button")[0]["href"] == f"{seen.path.partition('?')[0]}/room?format=method-practice"
    )


@every_case(
    ("query", "chosen"),
    [
        ("?format=peer-coaching", "peer-coaching"),
        ("?format=peer-coaching&practice=no", "peer-coaching"),
        ("?practice=no", "method-practice"),
        ("?practice=yes", ""),
        ("?format=bowling", ""),
        ("", ""),
    ],
)
async def test_the_form_of_a_new_room_begins_with_the_format_that_was_chosen_or_advised(
    query: str, chosen: str
) -> None:
    visit = a_start()
    [lead] = (await opened(visit, query)).html.select("main p > a.button")
    form = await visit.get(str(lead["href"]))
    assert filled_in(form.form("Save the draft"))["format"] == chosen


@every_case(
    ("room_format", "capacity", "roles"),
    [("intervision", "8", ["participant"]), ("peer-coaching", "3", ["coach: 1", "coachee: 1", "observer: 1"])],
)
async def test_the_form_of_a_new_room_begins_with_what_is_usual_in_its_format_which_follows_another_one(
    room_format: str, capacity: str, roles: list[str]
) -> None:
    visit = a_start()
    seen = await opened(visit, f"/room?format={room_format}")
    form = filled_in(seen.form("Save the draft"))
    assert (form["capacity"], form["roles"].splitlines()) == (capacity, roles)
    await saved(visit, seen, title="Cases", format="method-practice")
    [sent] = visit.gateway.sent
    assert isinstance(sent.command, CreateRoom)
    assert (sent.command.format, sent.command.model_fields_set & {"capacity", "roles"}) == ("method-practice", set())


async def test_the_questions_keep_the_format_that_was_chosen() -> None:
    seen = await opened(a_start(), "?format=peer-coaching")
    assert [str(each["value"]) for each in seen.html.select("input[name=format]")] == ["peer-coaching"]


async def test_drafts_that_were_left_are_found_again() -> None:
    visit = a_start()
    visit.gateway.answers[ListOwnRooms] = own_rooms(an_own_room("host", status="draft", title="Left <behind>"))
    seen = await opened(visit)
    [draft] = seen.html.select("[aria-labelledby=drafts] a")
    assert (draft.get_text(), draft["href"]) == ("Left <behind>", f"{seen.path}/room/{ROOM}")


async def test_a_draft_is_saved_and_the_same_form_creates_but_one_room() -> None:
    visit = a_start(title="Cases")
    seen = await opened(visit, "/room")
    done = await saved(visit, seen, title="Cases")
    assert (done.status, "Saved as a draft" in done.html.select("[role=status]")[0].get_text()) == (200, True)
    await saved(visit, seen, title="Cases")
    first, again = visit.gateway.sent
    assert (first, isinstance(first.command, CreateRoom), first.actor) == (again, True, ADA)
    visit.gateway.outcomes[CreateRoom] = Refusal(code="id-taken", detail="x")
    other = await saved(visit, seen, title="Other")
    assert (other.status, "The draft was changed in the meantime" in other.words) == (409, True)
    assert filled_in(other.form("Save the draft"))["title"] == "Other"
    assert "Cases" in other.html.select("[aria-labelledby=meanwhile]")[0].get_text()
    await saved(visit, other)
    assert isinstance(visit.gateway.sent[-1].command, ReviseRoom)
    assert len({each.command.room_id for each in visit.gateway.sent[:3] if isinstance(each.command, CreateRoom)}) == 1


async def test_a_format_that_was_changed_alone_brings_its_own_capacity_and_roles() -> None:
    visit = a_start(capacity=8, roles=[{"name": "participant"}])
    await saved(visit, await opened(visit, f"/room/{ROOM}"), format="peer-coaching")
    [sent] = visit.gateway.sent
    assert sent.command.model_fields_set.isdisjoint({"capacity", "roles"})


@every_case("path", ["/room", f"/room/{ROOM}"])
async def test_what_a_format_brings_is_said_and_every_time_zone_offered(path: str) -> None:
    seen = await opened(a_start(), path)
    hints = {name: seen.html.select(f"#{name}-hint")[0].get_text() for name in ("capacity", "roles")}
    assert [each for each in ("8", "3", "10", "16") if each not in hints["capacity"]] == []
    assert "coach, coachee and observer" in hints["roles"]
    [zone] = seen.html.select("input[name=time_zone]")
    assert "Europe/Rome" in {each["value"] for each in seen.html.select(f"datalist#{zone['list']} option")}


async def test_faults_stand_at_their_fields_and_keep_what_was_typed() -> None:
    visit = a_start()
    seen = await saved(visit, await opened(visit, "/room"), title="<Cases>", capacity="many", purpose="Mine")
    assert (seen.status, visit.gateway.sent) == (422, [])
    assert [str(each["href"]) for each in seen.html.select("[role=alert] a")] == ["#capacity"]
    kept = filled_in(seen.form("Save the draft"))
    assert (kept["title"], kept["capacity"], kept["purpose"]) == ("<Cases>", "many", "Mine")


async def test_two_who_edit_at_once_see_what_changed_and_lose_nothing() -> None:
    visit = a_start(version=3)
    seen = await opened(visit, f"/room/{ROOM}")
    has_draft(visit, version=4, purpose="From another window")
    visit.gateway.outcomes[ReviseRoom] = Refusal(code="version-conflict", detail="x")
    late = await saved(visit, seen, purpose="Mine")
    assert late.status == 409
    assert "From another window" in late.html.select("[aria-labelledby=meanwhile]")[0].get_text()
    visit.gateway.outcomes[ReviseRoom] = accepted(ReviseRoom)
    await saved(visit, late)
    first, second = (each.command for each in visit.gateway.sent)
    assert isinstance(first, ReviseRoom)
    assert isinstance(second, ReviseRoom)
    assert (first.expected_version, second.expected_version, second.purpose) == (3, 4, "Mine")


async def test_a_draft_is_previewed_without_place_and_link_then_published() -> None:
    visit = a_start(place="Secret hall", meeting_url="https://meet.example.org/secret")
    draft = await opened(visit, f"/room/{ROOM}")
    lead = await saved(visit, draft, then="preview")
    assert (lead.status, lead.answer.headers["location"]) == (303, f"{draft.path}/preview")
    preview = await visit.get(lead.answer.headers["location"])
    assert ("Think through cases together." in preview.words, "ecret" in preview.answer.text) == (True, False)
    has_draft(visit, status="published")
    for _ in range(2):
        done = await saved(visit, preview)
        assert "Done: the room is published." in done.words
        assert f"{PAGES}/room/{ROOM}" in done.words
    _, first, again = visit.gateway.sent
    assert (first, first.command) == (again, PublishRoom(room_id=ROOM))


@every_case(
    ("policy", "how"),
    [("open", "you join right away"), ("approval", "reads your request"), ("invitation", "by invitation")],
)
async def test_a_preview_shows_the_planned_sessions_and_how_to_join(policy: str, how: str) -> None:
    visit = a_start()
    draft = a_room(host_id=ADA, status="draft", access={"policy": policy})
    planned = a_session(topic="A <first> case", place="Secret hall")
    visit.gateway.answers[GetRoom] = RoomResult(room=draft, sessions=[planned])
    seen = await opened(visit, f"/room/{ROOM}/preview")
    [sessions, joining] = (
        seen.html.select(f"article section[aria-labelledby={each}]")[0] for each in ("sessions", "in")
    )
    assert "A <first> case" in sessions.get_text()
    assert how in joining.get_text()
    assert (joining.select("a"), "Secret hall" in seen.words) == ([], False)


async def test_what_is_missing_for_publishing_stands_at_its_field() -> None:
    visit = a_start(domain=None, capacity=4, format="peer-coaching")
    errors = (FieldError(field="domain", message="x"), FieldError(field="capacity", message="x"))
    visit.gateway.outcomes[PublishRoom] = Refusal(code="incomplete", detail="x", errors=errors)
    seen = await saved(visit, await opened(visit, f"/room/{ROOM}/preview"))
    assert (seen.status, "The room is not published yet" in seen.words) == (409, True)
    assert "Please fill this in." in seen.html.select("#domain-fault")[0].get_text()
    assert "choose a multiple of three" in seen.html.select("#capacity-fault")[0].get_text()


async def test_a_published_room_leads_to_its_desk_and_keeps_what_was_typed() -> None:
    visit = a_start()
    seen = await opened(visit, f"/room/{ROOM}")
    has_draft(visit, status="published")
    late = await saved(visit, seen, purpose="Mine")
    assert ("no longer a draft" in late.words, visit.gateway.sent) == (True, [])
    assert "Mine" in [each.get_text() for each in late.html.select("[aria-labelledby=written] .typed")]
    [desk] = late.html.select("main a.button")
    assert visit.site.links.read(str(desk["href"]).removeprefix("/desk/"), Purpose.DESK).room_id == ROOM


@every_case("path", ["", "/preview"])
async def test_only_its_host_completes_a_draft(path: str) -> None:
    visit = a_start(host_id=HOST, facilitator_ids=[ADA])
    assert (await opened(visit, f"/room/{ROOM}{path}")).status == 403
    visit.gateway.answers[GetRoom] = UNKNOWN
    assert (await opened(visit, f"/room/{ROOM}{path}")).status == 404


async def test_a_link_to_one_draft_starts_no_other_room() -> None:
    visit = a_start()
    bound = replace(HERS, room_id=ROOM)
    lead = await opened(visit, link=bound)
    assert (lead.status, lead.answer.headers["location"]) == (303, f"{lead.path}/room/{ROOM}")
    assert (await opened(visit, "/room", bound)).status == 404
    assert (await opened(visit, f"/room/{HOST}", bound)).status == 404
    fields = filled_in((await opened(visit, "/room")).form("Save the draft"))
    assert (await visit.post(f"{visit.path(bound)}/room", fields | {"title": "x"})).status == 404
    assert visit.gateway.sent == []


async def test_where_nobody_starts_rooms_drafts_are_still_completed() -> None:
    visit = a_start()
    fields = filled_in((await opened(visit, "/room")).form("Save the draft"))
    with_parts(visit, may_start=False)
    refused = await visit.post(f"{visit.path(HERS)}/room", fields | {"title": "Mine", "purpose": "Also mine"})
    assert [(await opened(visit)).status, (await opened(visit, "/room")).status, refused.status] == [403, 403, 403]
    assert [each.get_text() for each in refused.html.select(".typed")][:2] == ["Mine", "Also mine"]
    assert visit.gateway.sent == []
    assert (await opened(visit, f"/room/{ROOM}")).status == 200
