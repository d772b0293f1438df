"""The code of a session, and the page to which it leads: it acts for nobody, and says what to do."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, ROOM
from tests.unit.pages.hosts import NO_OFFICE
from tests.unit.pages.sessions import HOSTED, SESSION, a_link, a_result, a_visit_to, in_days, opened, running, sent
from tests.unit.pages.sites import Seen, Visit

from practio_contracts.links import Link, Purpose
from practio_contracts.notifications import SendLink
from practio_contracts.rooms import GetSession, Session, SessionStatus
from practio_contracts.rooms.sessions import LONGEST
from practio_pages.qr_codes import qr_code_svg
from practio_pages.site import NOBODY

CODE = Link(Purpose.CHECK_IN, ADA, ROOM, session_id=SESSION)


async def scanned(visit: Visit, **headers: str) -> Seen:
    return await visit.get(visit.path(CODE), **headers)


def a_visit_by_code(session: Session) -> Visit:
    return a_visit_to(a_result(session), **HOSTED)


async def address_on(visit: Visit) -> str:
    seen = await opened(visit, "/code")
    return str(seen.html.select("figcaption a")[0]["href"])


async def test_the_code_leads_to_the_check_in_page_and_names_no_reader() -> None:
    session = running()
    visit = a_visit_by_code(session)
    address = await address_on(visit)
    token = urlsplit(address).path.rpartition("/")[2]
    found = visit.site.links.read(token, Purpose.CHECK_IN)
    assert found == CODE
    assert found.not_after == session.ends_at
    assert (await visit.get(urlsplit(address).path)).status == 200


async def test_the_code_ends_with_the_link_of_the_page_that_shows_it() -> None:
    visit = a_visit_by_code(running(minutes=600))
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=10)
    seen = await visit.get(visit.path(a_link(not_after=end)) + "/code")
    token = str(seen.html.select("figcaption a")[0]["href"]).rpartition("/")[2]
    assert visit.site.links.read(token, Purpose.CHECK_IN).not_after == end


@every_case(
    ("session", "shown"),
    [
        (in_days(1), False),
        (in_days(10 / 1440), True),
        (running(), True),
        (in_days(-1), False),
        (running(status=SessionStatus.CANCELLED), False),
    ],
)
async def test_the_code_is_shown_from_half_an_hour_before_until_the_end(session: Session, shown: bool) -> None:
    seen = await opened(a_visit_by_code(session), "/code")
    assert (seen.status, bool(seen.html.select("svg.code"))) == (200, shown)
    assert bool(seen.html.select("figcaption a")) is shown


async def test_only_offices_show_the_code() -> None:
    seen = await opened(a_visit_to(a_result(running())), "/code")
    assert (seen.status, seen.html.select("svg")) == (403, [])


def test_a_code_is_drawn_with_lines_and_without_text_or_style() -> None:
    drawn = qr_code_svg("https://rooms.example.org/check-in/<script>&\"'" + "x" * 200)
    assert re.fullmatch(r'<svg viewBox="0 0 \d+ \d+" class="code">(<path [^<>]+/>)+</svg>', drawn.strip())
    assert not re.search(r"style=|script|example", drawn)


async def test_the_page_sends_a_link_in_nobodys_name_and_reveals_nothing() -> None:
    visit = a_visit_by_code(running())
    seen = await visit.press(await scanned(visit), "Send me a link", email=" bea@example.org ")
    assert (seen.status, "an email with a link is on its way" in seen.words) == (200, True)
    assert [(each.command, each.actor) for each in visit.gateway.sent] == [(SendLink(email="bea@example.org"), NOBODY)]


async def test_it_shows_what_the_session_is_and_nobody_who_comes() -> None:
    seen = await scanned(a_visit_by_code(running(topic="A hard start", place="Room 4")))
    assert "A hard start" in seen.words
    for secret in ("Ben", "cake", "Room 4", "How we began"):
        assert secret not in seen.answer.text


async def test_it_is_in_the_language_of_the_browser() -> None:
    seen = await scanned(a_visit_by_code(running()), **{"accept-language": "de"})
    assert seen.html["lang"] == "de"


@every_case(
    ("session", "words"),
    [
        (in_days(1), "too early to check in"),
        (in_days(-0.5), "This session is over"),
        (running(status=SessionStatus.CANCELLED), "called off"),
    ],
)
async def test_at_other_times_it_says_why_nobody_checks_in(session: Session, words: str) -> None:
    visit = a_visit_by_code(session)
    seen = await scanned(visit)
    assert (seen.status, words in seen.words, seen.buttons) == (409, True, [])
    form = visit.site.forms.sign(SendLink.routing_key, person_id=NOBODY, room_id=ROOM)
    await visit.post(seen.path, {"form": form, "email": "bea@example.org"})
    assert sent(visit) == []


async def test_who_scans_the_code_after_the_session_reads_that_it_can_still_be_recorded() -> None:
    visit = a_visit_by_code(in_days(-0.5))
    over = datetime.now(UTC) - timedelta(minutes=5)
    seen = await visit.get(visit.path(replace(CODE, not_after=over)))
    assert (seen.status, "they can still record it" in seen.words) == (410, True)
    assert "Links in emails" not in seen.words


async def test_a_code_that_its_person_may_not_read_any_more_no_longer_works() -> None:
    visit = a_visit_by_code(running())
    visit.gateway.answers[GetSession] = NO_OFFICE
    seen = await scanned(visit)
    assert (seen.status, "new code" in seen.words) == (404, True)


async def test_no_address_and_too_many_requests_are_said_and_what_was_typed_is_kept() -> None:
    visit = a_visit_by_code(running())
    seen = await visit.press(await scanned(visit), "Send me a link", email="bea at example")
    assert (seen.status, seen.html.select("#email")[0]["value"]) == (422, "bea at example")
    for _ in range(3):
        await visit.press(await scanned(visit), "Send me a link", email="bea@example.org")
    seen = await visit.press(await scanned(visit), "Send me a link", email="bea@example.org")
    assert (seen.status, int(seen.answer.headers["retry-after"]) > 0) == (429, True)
    assert seen.html.select("#email")[0]["value"] == "bea@example.org"


async def test_a_whole_room_behind_one_address_gets_its_links_by_the_code() -> None:
    visit = a_visit_by_code(running())
    seen = await scanned(visit)
    for number in range(100):
        asked = await visit.press(seen, "Send me a link", email=f"p{number}@example.org")
        assert asked.status == 200
    assert (await visit.press(seen, "Send me a link", email="late@example.org")).status == 429
    assert len(sent(visit)) == 100


async def test_a_code_works_until_the_longest_session_ends() -> None:
    session = in_days(25 / 1440, minutes=LONGEST // timedelta(minutes=1))
    visit = a_visit_by_code(session)
    token = urlsplit(await address_on(visit)).path.rpartition("/")[2]
    assert visit.site.links.read(token, Purpose.CHECK_IN).not_after == session.ends_at


async def test_a_code_opens_no_other_page_of_its_person() -> None:
    visit = a_visit_by_code(running())
    token = visit.path(CODE).rpartition("/")[2]
    for purpose in set(Purpose) - {Purpose.CHECK_IN, Purpose.CALENDAR}:
        assert (await visit.get(f"/{purpose}/{token}")).status == 404
