"""A word to everybody: to whom, how often, and what is kept."""

from datetime import UTC, datetime
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, HOST, ROOM, a_room_shown, a_session
from tests.unit.pages.hosts import BEN, CLEO, a_roster, an_entry
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import GetRoster, Status
from practio_contracts.rooms import Addressees, Announce, GetRoom, ListSessions, SessionsFound

NO_SESSIONS = SessionsFound(sessions=[], after=None)
AGAIN_AT = datetime(2900, 3, 2, 18, tzinfo=UTC)


def a_host(**room: object) -> Visit:
    visit = a_visit()
    entries = [an_entry(ADA, Status.JOINED), an_entry(BEN, Status.OFFERED), an_entry(CLEO, Status.WAITLISTED)]
    visit.gateway.answers |= {GetRoom: a_room_shown(**room), GetRoster: a_roster(entries), ListSessions: NO_SESSIONS}
    visit.gateway.outcomes[Announce] = accepted(Announce)
    return visit


async def opened(visit: Visit) -> Seen:
    return await visit.get(visit.path(Link(Purpose.DESK, HOST, ROOM, locale="en")) + "/announce")


def announced(visit: Visit) -> list[tuple[str, Addressees]]:
    return [(each.command.text, each.command.to) for each in visit.gateway.sent if isinstance(each.command, Announce)]


async def test_it_says_how_many_people_get_the_words_and_how_often_before_they_go() -> None:
    seen = await opened(a_host())
    assert "The people in the room (1 person)" in seen.words
    assert "on the waitlist (3 people)" in seen.words
    assert "At most two such emails go out in seven days" in seen.words


async def test_those_who_run_the_room_are_counted_but_not_the_author() -> None:
    seen = await opened(a_host(facilitator_ids=[CLEO, BEN], steward_ids=[HOST, BEN]))
    assert "The people in the room (3 people)" in seen.words
    assert "on the waitlist (5 people)" in seen.words


async def test_it_says_when_the_words_are_read_before_and_after_they_are_sent() -> None:
    visit = a_host()
    before = await opened(visit)
    assert "with their news of the day, at 8 in the morning" in before.words
    assert "one email" not in before.words
    after = await visit.press(before, "Send it", text="Hello", to="joined")
    [notice] = after.html.select("[role=status]")
    assert "with their next news of the day, at 8 in the morning" in notice.get_text()


@every_case("to", Addressees)
async def test_the_words_are_sent(to: Addressees) -> None:
    visit = a_host()
    seen = await visit.press(await opened(visit), "Send it", text=" We meet outside.\r\nBring a coat. ", to=to.value)
    assert (seen.status, "will be sent" in seen.html.select("[role=status]")[0].get_text()) == (200, True)
    assert announced(visit) == [("We meet outside.\nBring a coat.", to)]


async def test_the_same_form_announces_once_and_with_other_words_something_else() -> None:
    visit = a_host()
    seen = await opened(visit)
    for text in ("One", "One", "Two"):
        await visit.press(seen, "Send it", text=text, to="joined")
    ids = [(each.id, each.command.announcement_id) for each in visit.gateway.sent]  # type: ignore[union-attr]
    assert (ids[0] == ids[1], ids[0][0] == ids[2][0], ids[0][1] == ids[2][1]) == (True, False, False)


async def test_the_words_can_be_about_one_of_the_next_sessions() -> None:
    visit = a_host()
    other = a_session(session_id=UUID(int=6), status="cancelled")
    visit.gateway.answers[ListSessions] = SessionsFound(sessions=[a_session(topic="A <case>"), other], after=None)
    seen = await opened(visit)
    offered = {str(each["value"]): each.get_text() for each in seen.html.select("#session option")}
    assert list(offered) == ["", str(UUID(int=5))]
    assert offered[str(UUID(int=5))].endswith("A <case>")
    await visit.press(seen, "Send it", text="Hello", to="joined", session=str(UUID(int=5)))
    await visit.press(seen, "Send it", text="Hello", to="joined", session="")
    assert [each.command.session_id for each in visit.gateway.sent] == [UUID(int=5), None]  # type: ignore[union-attr]


async def test_a_form_that_comes_back_keeps_the_session() -> None:
    visit = a_host()
    visit.gateway.answers[ListSessions] = SessionsFound(sessions=[a_session()], after=None)
    seen = await visit.press(await opened(visit), "Send it", text=" ", to="joined", session=str(UUID(int=5)))
    assert seen.html.select("#session option[selected]")[0]["value"] == str(UUID(int=5))


async def test_too_many_are_refused_in_words_with_the_time_and_the_text_is_kept() -> None:
    visit = a_host()
    visit.gateway.outcomes[Announce] = Refusal(code="too-many", detail="English only", retry_after=AGAIN_AT)
    seen = await visit.press(await opened(visit), "Send it", text="Hello", to="everybody")
    [notice] = seen.html.select("[role=alert]")
    assert (seen.status, "2900" in notice.get_text(), "English only" in seen.words) == (409, True, False)
    assert seen.html.select("#text")[0].get_text().strip() == "Hello"
    assert seen.html.select("[name=to][checked]")[0]["value"] == "everybody"


@every_case("text", ["", "   ", "x" * 2_001, "a\x00b"])
async def test_faulty_words_are_marked_and_kept(text: str) -> None:
    visit = a_host()
    seen = await visit.press(await opened(visit), "Send it", text=text, to="everybody")
    assert (seen.status, announced(visit), len(seen.html.select("#text-fault"))) == (422, [], 1)
    assert len(seen.html.select("#text")[0].get_text().strip()) == len(text.strip())
    assert seen.html.select("[name=to][checked]")[0]["value"] == "everybody"


STEWARD = {"host_id": CLEO, "steward_ids": [HOST]}


@every_case("room", [STEWARD, {"status": "archived"}, {"status": "draft"}])
async def test_others_and_in_rooms_that_do_not_go_on_announce_nothing_and_lose_no_text(room: dict[str, object]) -> None:
    visit = a_host()
    seen = await opened(visit)
    visit.gateway.answers[GetRoom] = a_room_shown(**room)
    visit.gateway.outcomes[Announce] = Refusal(code="not-allowed", detail="x")
    assert ((await opened(visit)).status, (await opened(visit)).buttons) == (403, [])
    late = await visit.press(seen, "Send it", text="Hello", to="joined")
    assert (late.status, "Hello" in late.words) == (403, True)
