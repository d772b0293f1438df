"""The calendar that programs subscribe to: the agenda in the person's zone, and plain answers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event
from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, NOW, an_appointment
from tests.unit.pages.every_page import ROOMS, a_full_visit
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_chassis.people.erasures import PERSON_ERASED
from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.notifications import EndedLinks, EndLinks, GetPreferences
from practio_contracts.rooms import AgendaEntry, AgendaFound, ListAgenda
from practio_pages.pages.calendar_feed import feed_of, tag_of

LINK = Link(Purpose.CALENDAR, ADA, locale="it-IT", time_zone="America/New_York")
ENTRY = an_appointment(
    topic="A hard\nstart",
    meeting_url="https://meet.example.org/x",
    place="Via Po 1",
    room_title="Intervision; for leads",
    revision=4,
)


def a_visit_with(*entries: AgendaEntry, a_page: int = 100) -> Visit:
    """Return a browser at a site with an agenda, of which each answer has ``a_page`` sessions."""

    def answer(query: ListAgenda) -> AgendaFound:
        start = int(query.after or 0)
        end = start + a_page
        return AgendaFound(sessions=list(entries[start:end]), after=str(end) if end < len(entries) else None)

    visit = a_visit()
    visit.gateway.answers[ListAgenda] = answer
    return visit


async def read(visit: Visit, link: Link = LINK, *, known: str = "") -> Seen:
    return await visit.get(f"{visit.path(link)}.ics", **{"if-none-match": known})


def calendar_in(seen: Seen) -> Calendar:
    assert seen.answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = Calendar.from_ical(seen.answer.content)
    assert isinstance(found, Calendar)
    return found


def events_in(seen: Seen) -> list[Event]:
    return [each for each in calendar_in(seen).walk("VEVENT") if isinstance(each, Event)]


async def test_a_program_reads_the_sessions_in_the_person_s_zone() -> None:
    visit = a_visit_with(ENTRY)
    seen = await read(visit)
    [event] = events_in(seen)
    assert event.start == NOW.astimezone(ZoneInfo("America/New_York"))
    assert event["DTSTART"].params["TZID"] == "America/New_York"
    assert event.end - event.start == timedelta(minutes=90)
    assert (str(event["UID"]), event["SEQUENCE"]) == (str(ENTRY.session.session_id), 4)
    assert str(event["SUMMARY"]) == "A hard start (Intervision; for leads)"
    assert (str(event["LOCATION"]), str(event["URL"])) == ("Via Po 1", "https://meet.example.org/x")
    assert [str(zone["TZID"]) for zone in calendar_in(seen).walk("VTIMEZONE")] == ["America/New_York"]
    assert visit.gateway.sent == []
    assert {actor for _, actor in visit.gateway.queries} == {ADA}


async def test_without_a_zone_of_the_person_a_session_has_that_of_its_room() -> None:
    entries = [
        an_appointment(time_zone=zone, session_id=UUID(int=at)) for at, zone in enumerate(("Europe/Rome", "UTC"))
    ]
    seen = await read(a_visit_with(*entries), Link(Purpose.CALENDAR, ADA))
    assert [event["DTSTART"].params.get("TZID") for event in events_in(seen)] == ["Europe/Rome", None]
    assert [event.start for event in events_in(seen)] == [NOW, NOW]


async def test_a_program_is_asked_to_come_back_within_the_hour() -> None:
    seen = await read(a_visit_with(ENTRY))
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in seen.answer.content
    assert b"X-PUBLISHED-TTL:PT1H\r\n" in seen.answer.content


async def test_an_agenda_of_several_pages_is_one_calendar() -> None:
    entries = [an_appointment(session_id=UUID(int=number)) for number in range(1, 8)]
    seen = await read(a_visit_with(*entries, a_page=3))
    assert [str(event["UID"]) for event in events_in(seen)] == [str(each.session.session_id) for each in entries]


async def test_an_empty_agenda_is_an_empty_calendar() -> None:
    assert events_in(await read(a_visit_with())) == []


async def test_a_program_that_has_the_feed_gets_it_again_only_after_a_change() -> None:
    visit = a_visit_with(ENTRY)
    tag = (await read(visit)).answer.headers["etag"]
    known = await read(visit, known=f'"other", {tag}')
    assert (known.status, known.answer.content, known.answer.headers["etag"]) == (304, b"", tag)
    moved = a_visit_with(an_appointment(starts_at=NOW + timedelta(days=1), ends_at=NOW + timedelta(days=1, hours=1)))
    assert (await read(moved, known=tag)).status == 200


def test_the_tag_does_not_depend_on_when_the_feed_is_made() -> None:
    def tag(stamp: datetime, **fields: Any) -> str:
        return tag_of(feed_of([an_appointment(**fields)], zone="Europe/Rome", stamp=stamp))

    now = datetime.now(UTC)
    assert tag(now) == tag(now + timedelta(days=1))
    assert tag(now) != tag(now, revision=9)


_HARD = r"Ab, auf; \\ zu: „Überlegungen“, " + "ß, " * 40 + "🪑" * 30
_NAMED = "https://meet.example.org/" + "ä,;" * 30


@every_case("zone", ["Europe/Rome", "UTC", "Etc/UTC", "GMT", "Asia/Kathmandu"])
@every_case(
    "fields", [{}, {"topic": _HARD, "room_title": _HARD, "place": _HARD}, {"topic": "\n", "meeting_url": _NAMED}]
)
def test_an_event_is_written_as_icalendar_writes_it(zone: str, fields: dict[str, Any]) -> None:
    entry = an_appointment(**fields)
    session, own, urls = entry.session, ZoneInfo(zone), {entry.session.room_id: "https://rooms.example.org/room/x"}
    for public_urls in (None, urls):
        feed = feed_of([entry], zone=zone, stamp=NOW, public_urls=public_urls)
        [read] = [each for each in Calendar.from_ical(feed).walk("VEVENT") if isinstance(each, Event)]
        assert read.to_ical() in feed
        assert (read.start, read.end) == (session.starts_at.astimezone(own), session.ends_at.astimezone(own))
        assert str(read.get("LOCATION", "")) == " ".join((entry.place or entry.meeting_url or "").split())


def _ended(visit: Visit) -> None:
    visit.gateway.link_version = 1


def _renewed(visit: Visit) -> None:
    visit.gateway.calendar_version = 1


def _erased(visit: Visit) -> None:
    visit.gateway.answers[GetPreferences] = PERSON_ERASED


def _away(visit: Visit) -> None:
    visit.gateway.is_away = True


def _failed(visit: Visit) -> None:
    visit.gateway.answers[ListAgenda] = Refusal(code="failed", detail="x")


@every_case(("happens", "status"), [(_ended, 410), (_renewed, 410), (_erased, 410), (_away, 503), (_failed, 503)])
async def test_a_program_gets_a_plain_answer(happens: Callable[[Visit], None], status: int) -> None:
    visit = a_visit_with(ENTRY)
    happens(visit)
    seen = await read(visit)
    assert seen.status == status
    assert seen.answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "<" not in seen.answer.text


async def test_an_expired_or_damaged_address_gets_a_plain_answer_too() -> None:
    visit = a_visit_with(ENTRY)
    expired = Link(Purpose.CALENDAR, ADA, not_after=NOW)
    assert (await read(visit, expired)).status == 410
    damaged = await visit.get("/calendar/x.ics")
    assert (damaged.status, damaged.answer.headers["content-type"]) == (404, "text/plain; charset=utf-8")


async def test_a_calendar_is_read_and_nothing_else() -> None:
    visit = a_visit_with(ENTRY)
    assert (await visit.post(f"{visit.path(LINK)}.ics", {})).status == 405
    assert visit.gateway.sent == []


async def test_own_rooms_show_an_address_that_outlasts_their_link_and_opens_the_calendar_alone() -> None:
    visit = a_full_visit()
    seen = await visit.get(ROOMS.opened_by(visit, not_after=datetime.now(UTC) + timedelta(hours=1)))
    address = seen.html.select("code")[0].get_text()
    [subscribe] = [str(each["href"]) for each in seen.html.select("a[href^=webcal]")]
    assert subscribe.partition("://")[2] == address.partition("://")[2]
    token = address.rpartition("/")[2].removesuffix(".ics")
    link = visit.site.links.read(token, Purpose.CALENDAR)
    assert (link.person_id, link.room_id, link.time_zone) == (ADA, None, "Europe/Rome")
    assert link.not_after is not None
    assert link.not_after > datetime.now(UTC) + timedelta(days=3600)
    for purpose in set(Purpose) - {Purpose.CALENDAR}:
        assert (await visit.get(f"/{purpose}/{token}" + ("/data" if purpose is Purpose.ME else ""))).status == 404


def address_in(seen: Seen) -> str:
    """Return the path of the address of the calendar that a page shows."""
    return urlsplit(seen.html.select("code")[0].get_text()).path


async def test_a_new_address_ends_the_former_one_and_no_other_link() -> None:
    visit = a_full_visit()
    visit.gateway.answers[ListAgenda] = AgendaFound(sessions=[ENTRY], after=None)
    rooms = await visit.get(ROOMS.opened_by(visit))
    former = address_in(rooms)

    def renew(command: EndLinks) -> CommandAccepted:
        visit.gateway.calendar_version += 1
        renewed = visit.gateway.calendar_version
        return accepted(EndLinks, person_id=str(ADA), version=0, calendar_version=renewed)

    visit.gateway.outcomes[EndLinks] = renew
    seen = await visit.press(rooms, "Get a new calendar address")
    assert "the former one no longer works" in seen.html.select("[role=status]")[0].get_text()
    assert seen.html.select("details[open] code")
    [sent] = visit.gateway.sent
    assert (sent.command, sent.actor) == (EndLinks(person_id=ADA, only=EndedLinks.CALENDAR), ADA)
    assert [(await visit.get(path)).status for path in (former, address_in(seen))] == [410, 200]
    again = await visit.get(rooms.path)
    assert (again.status, (await visit.get(address_in(again))).status) == (200, 200)


async def test_a_refused_renewal_is_said_and_the_address_stays() -> None:
    visit = a_full_visit()
    rooms = await visit.get(ROOMS.opened_by(visit))
    visit.gateway.outcomes[EndLinks] = Refusal(code="invalid", detail="x")
    seen = await visit.press(rooms, "Get a new calendar address")
    assert (seen.status, len(seen.html.select("[role=alert]"))) == (409, 1)
    assert (await visit.get(address_in(seen))).status == 200
