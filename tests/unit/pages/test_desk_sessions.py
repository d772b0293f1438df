"""The sessions on a room's desk: listed, planned, moved, revised and called off; what follows is seen before."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, HOST, NOW, ROOM, a_room, a_session
from tests.unit.pages.every_page import COMING, filled_in
from tests.unit.pages.fields import shown_again
from tests.unit.pages.hosts import BEN, CLEO, NO_OFFICE, a_roster
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import FieldError, Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import GetRoster
from practio_contracts.rooms import (
    CancelSession,
    ComingCounts,
    GetRoom,
    GetSession,
    ListSessions,
    RescheduleSession,
    ReviseSession,
    RoomResult,
    ScheduleSession,
    Session,
    SessionResult,
    SessionsFound,
    SessionStatus,
)

HERS = Link(Purpose.DESK, ADA, ROOM, locale="en", time_zone="Europe/Rome")
ONE_DAY = timedelta(days=1)
COMMANDS = (ScheduleSession, RescheduleSession, ReviseSession, CancelSession)
NEXT = COMING.model_copy(
    update={
        "session_id": UUID(int=6),
        "starts_at": COMING.starts_at + timedelta(days=7),
        "ends_at": COMING.ends_at + timedelta(days=7),
    }
)
EARLIER_RELEASE = SessionResult(session=COMING, coming=ComingCounts(unanswered=2))
PLAN = {"date": "2900-03-02", "time": "18:30", "minutes": "60"}


def with_sessions(*sessions: Session, **room: Any) -> Visit:
    visit = a_visit()
    visit.gateway.answers |= {
        GetRoom: RoomResult(room=a_room(**{"host_id": ADA, "place": "Main hall", **room})),
        ListSessions: SessionsFound(sessions=list(sessions), after=None),
        GetSession: EARLIER_RELEASE,
        GetRoster: a_roster([], joined=3),
    }
    visit.gateway.outcomes |= {command: accepted(command) for command in COMMANDS}
    return visit


async def opened(visit: Visit, path: str = "") -> Seen:
    return await visit.get(visit.path(HERS) + "/sessions" + path)


async def pressed(visit: Visit, seen: Seen, button: str, **entered: str) -> Seen:
    """Send a form as the page shows it, with what was entered."""
    return await visit.post(seen.path, filled_in(seen.form(button)) | entered)


def change(name: str) -> str:
    return f"/{COMING.session_id}/{name}"


def only_sent(visit: Visit) -> Any:
    [sent] = visit.gateway.sent
    assert sent.actor == ADA
    return sent.command


async def test_sessions_to_come_are_listed_with_the_ways_to_change_them() -> None:
    visit = with_sessions(COMING, a_session(topic="Begun"))
    seen = await opened(visit)
    first, begun = seen.html.select("ol.cards > li")
    assert "Tuesday, 2 March 2900, 19:00" in first.get_text(" ") or "2 March 2900" in first.get_text(" ")
    assert "Main hall" in first.get_text(" ")
    page = "Who is coming, plan, attendance"
    assert [each.get_text() for each in first.select("a")] == [page, "Move", "Topic, place or link", "Call off"]
    assert [each.get_text() for each in begun.select("a")] == [page]


async def test_sessions_that_are_over_are_listed_with_those_called_off_whose_date_is_to_come() -> None:
    off = COMING.model_copy(update={"status": SessionStatus.CANCELLED})
    visit = with_sessions(off, a_session())
    seen = await opened(visit, "?past=1")
    assert visit.gateway.queries[-1][0] == ListSessions(room_id=ROOM, when="past", limit=20)
    cancelled, over = (each.get_text(" ") for each in seen.html.select("ol.cards > li"))
    assert ("2 March 2900" in cancelled, "Called off" in cancelled, "Move" in cancelled) == (True, True, False)
    assert "Called off" not in over
    assert "Sessions that are over or called off" in seen.words


async def test_each_page_of_a_long_list_leads_to_the_next() -> None:
    visit = with_sessions(COMING)
    visit.gateway.answers[ListSessions] = SessionsFound(sessions=[COMING], after="p2")
    [more] = (await opened(visit)).html.select("a[rel=next]")
    seen = await visit.get(str(more["href"]))
    assert visit.gateway.queries[-1][0] == ListSessions(room_id=ROOM, limit=20, after="p2")
    assert "Back to the beginning" in seen.words
    visit.gateway.answers[ListSessions] = Refusal(code="invalid", detail="x")
    assert (await visit.get(str(more["href"]))).status == 404


async def test_a_series_is_planned_once_its_dates_were_seen() -> None:
    visit = with_sessions()
    first = await opened(visit, "/plan")
    entered = PLAN | {"date": "2900-03-15", "repeat": "series", "weekday": "MO", "weeks": "1", "until": "2900-12-31"}
    shown = await pressed(visit, first, "Show the dates", **entered)
    assert (shown.status, visit.gateway.sent) == (200, [])
    dates = [each.get_text(" ") for each in shown.html.select("[aria-labelledby=dates] li")]
    assert (len(dates), "15 March 2900" in dates[0]) == (12, True)
    assert [number for number, each in enumerate(dates) if "clocks change" in each] == [2]
    assert "The series goes on after these dates." in shown.words
    for _ in range(2):
        done = await pressed(visit, shown, "Plan these dates")
        assert (done.status, done.html.select("[role=status]")[0].get_text().split()[:2]) == (
            200,
            ["Done:", "planned."],
        )
    once, again = visit.gateway.sent
    assert once == again
    assert isinstance(once.command, ScheduleSession)
    assert once.command.recurrence is not None
    assert once.command.recurrence.rrule == "FREQ=WEEKLY;INTERVAL=1;UNTIL=29001231"
    assert once.command.session_id != once.id


async def test_what_was_changed_after_the_preview_is_previewed_before_it_is_done() -> None:
    visit = with_sessions()
    shown = await pressed(visit, await opened(visit, "/plan"), "Show the dates", **PLAN)
    changed = await pressed(visit, shown, "Plan these dates", time="20:00")
    assert (changed.status, visit.gateway.sent) == (200, [])
    assert "20:00" in changed.html.select("[aria-labelledby=dates] li")[0].get_text()
    await pressed(visit, changed, "Plan these dates")
    assert only_sent(visit).starts_at == datetime(2900, 3, 2, 20, 0)  # noqa: DTZ001 (a wall clock has no zone)


async def test_faults_stand_at_their_fields_and_keep_what_was_typed() -> None:
    visit = with_sessions()
    entered = PLAN | {"date": "2020-01-01", "meeting_url": "no address", "topic": "<Case>"}
    seen = await pressed(visit, await opened(visit, "/plan"), "Show the dates", **entered)
    assert (seen.status, visit.gateway.sent) == (422, [])
    assert [str(each["href"]) for each in seen.html.select("[role=alert] a")] == ["#date"]
    assert filled_in(seen.form("Show the dates")) | entered == filled_in(seen.form("Show the dates"))


@every_case(
    ("refusal", "words"),
    [
        (Refusal(code="too-many-sessions", detail="x"), "more than 200 sessions"),
        (Refusal(code="session-past", detail="x"), "would begin in the past"),
        (Refusal(code="bad-recurrence", detail="x"), "No date fits this series"),
        (
            Refusal(code="incomplete", detail="x", errors=(FieldError(field="time_zone", message="x"),)),
            "The room has no time zone yet",
        ),
    ],
)
async def test_a_refused_plan_comes_back_filled_with_the_reason_in_words(refusal: Refusal, words: str) -> None:
    visit = with_sessions()
    visit.gateway.outcomes[ScheduleSession] = refusal
    shown = await pressed(visit, await opened(visit, "/plan"), "Show the dates", **PLAN, topic="<Case>")
    refused = await pressed(visit, shown, "Plan these dates")
    assert (refused.status, words in refused.words) == (409, True)
    assert filled_in(refused.form("Plan these dates"))["topic"] == "<Case>"


async def test_a_room_without_a_zone_leads_to_the_field_for_it() -> None:
    visit = with_sessions(status="draft", time_zone=None)
    visit.gateway.outcomes[ScheduleSession] = Refusal(
        code="incomplete", detail="x", errors=(FieldError(field="time_zone", message="x"),)
    )
    shown = await pressed(visit, await opened(visit, "/plan"), "Show the dates", **PLAN)
    refused = await pressed(visit, shown, "Plan these dates")
    [link] = refused.html.select("[role=alert] a")
    path, _, field = str(link["href"]).partition("#")
    draft = await visit.get(str((await visit.get(path)).answer.headers["location"]))
    assert [each["name"] for each in draft.html.select(f"#{field}")] == ["time_zone"]


async def test_a_session_is_moved_with_those_that_follow_once_the_new_times_were_seen() -> None:
    visit = with_sessions(COMING, NEXT)
    shown = await pressed(
        visit, await opened(visit, change("move")), "Show what follows", date="2900-03-03", scope="following"
    )
    assert visit.gateway.sent == []
    assert "This concerns 2 planned dates" in shown.words
    dates = [each.get_text(" ") for each in shown.html.select("section.note li")]
    assert ["3 March 2900, 19:00" in dates[0], "10 March 2900, 19:00" in dates[1]] == [True, True]
    done = await pressed(visit, shown, "Move the session")
    assert (done.status, "Done: moved." in done.words) == (200, True)
    command = only_sent(visit)
    assert (command.session_id, command.scope, command.starts_at.day) == (COMING.session_id, "following", 3)


def with_a_series(**result: Any) -> Visit:
    """Return a visit to four weekly dates; the second was moved on its own beyond the third, so it follows by rule."""
    dates = [COMING, NEXT, *(a_week_later(NEXT, number) for number in (1, 2))]
    moved = dates[1].model_copy(update={each: getattr(dates[2], each) + ONE_DAY for each in ("starts_at", "ends_at")})
    visit = with_sessions(COMING, dates[2], moved, dates[3])
    fields = {
        "following": [each.session_id for each in dates[1:]],
        "moved_alone": [moved.session_id],
        "coming": {"yes": 2, "maybe": 1, "unanswered": 1},
        "people": [{"person_id": each} for each in (ADA, BEN, CLEO)],
        "people_left_out": 1,
    }
    visit.gateway.answers[GetSession] = SessionResult.model_validate({"session": COMING, **fields, **result})
    return visit


def a_week_later(session: Session, weeks: int) -> Session:
    times = {each: getattr(session, each) + timedelta(days=7 * weeks) for each in ("starts_at", "ends_at")}
    return session.model_copy(update={"session_id": UUID(int=60 + weeks), **times})


async def followed(visit: Visit, name: str, **entered: str) -> Seen:
    return await pressed(visit, await opened(visit, change(name)), "Show what follows", scope="following", **entered)


async def test_dates_that_were_moved_on_their_own_are_not_counted_among_those_that_move() -> None:
    shown = await followed(with_a_series(), "move", date="2900-03-03")
    assert "This concerns 3 planned dates" in shown.words
    dates = [each.get_text(" ") for each in shown.html.select("section.note li")]
    assert [day in date for day, date in zip(("3 March", "17 March", "24 March"), dates, strict=True)] == [True] * 3


@every_case(("name", "entered"), [("cancel", {"reason": "Ill."}), ("revise", {"topic": "Another case"})])
async def test_dates_that_were_moved_on_their_own_are_called_off_and_revised_too(
    name: str, entered: dict[str, str]
) -> None:
    assert "This concerns 4 planned dates" in (await followed(with_a_series(), name, **entered)).words


async def test_the_times_of_others_are_not_guessed_from_a_date_that_was_moved_on_its_own() -> None:
    shown = await followed(with_a_series(moved_alone=[COMING.session_id]), "move", date="2900-03-03")
    assert "This concerns 4 planned dates" in shown.words
    assert len(shown.html.select("section.note li")) == 1


async def test_before_a_move_is_sent_it_says_how_many_people_are_asked_again() -> None:
    visit = with_a_series()
    shown = await pressed(visit, await opened(visit, change("move")), "Show what follows", date="2900-03-03")
    assert "3 people will be asked again whether they are coming." in shown.words
    assert "3 answers that were given for this date no longer count." in shown.words
    assert visit.gateway.sent == []
    draft = with_a_series()
    draft.gateway.answers[GetRoom] = RoomResult(room=a_room(host_id=ADA, status="draft"))
    seen = await pressed(draft, await opened(draft, change("move")), "Show what follows", date="2900-03-03")
    assert "asked again" not in seen.words


@every_case(
    ("name", "entered"),
    [("move", {"date": "2900-03-03"}), ("revise", {"topic": "New"}), ("cancel", {"reason": "Ill."})],
)
async def test_before_a_date_is_changed_it_says_how_many_people_get_an_email(
    name: str, entered: dict[str, str]
) -> None:
    visit = with_a_series()
    shown = await pressed(visit, await opened(visit, change(name)), "Show what follows", **entered)
    assert "3 other people who are in the room or run it get an email" in shown.words


@every_case(
    ("roster", "words"),
    [
        (a_roster([], joined=3, waitlisted=2), "5 other people who are in the room or run it get an email"),
        (a_roster([]), "2 other people who are in the room or run it get an email"),
        (NO_OFFICE, "The people in the room and those who run it get an email"),
    ],
)
async def test_before_dates_are_planned_it_says_how_many_people_get_an_email(roster: Any, words: str) -> None:
    visit = with_sessions(facilitator_ids=[BEN], steward_ids=[CLEO])
    visit.gateway.answers[GetRoster] = roster
    shown = await pressed(visit, await opened(visit, "/plan"), "Show the dates", **PLAN)
    assert words in shown.words


async def test_in_an_empty_room_nobody_gets_an_email_about_its_dates() -> None:
    visit = with_sessions()
    visit.gateway.answers[GetRoster] = a_roster([])
    shown = await pressed(visit, await opened(visit, "/plan"), "Show the dates", **PLAN)
    assert "Nobody else is in the room or runs it, so nobody gets an email." in shown.words


@every_case(("name", "button"), [("move", "Move the session"), ("cancel", "Call it off")])
async def test_a_move_by_somebody_else_is_shown_before_ones_own_change(name: str, button: str) -> None:
    visit = with_sessions(COMING)
    entered = {"date": "2900-03-03"} if name == "move" else {"reason": "Snow <here>."}
    seen = await opened(visit, change(name))
    shown = await pressed(visit, seen, "Show what follows", **entered)
    later = COMING.model_copy(
        update={each: getattr(COMING, each) + timedelta(days=30) for each in ("starts_at", "ends_at")}
    )
    visit.gateway.answers[ListSessions] = SessionsFound(sessions=[later], after=None)
    for behind in (await pressed(visit, shown, button), await pressed(visit, seen, "Show what follows", **entered)):
        assert (behind.status, visit.gateway.sent) == (409, [])
        assert "Somebody else has moved this session in the meantime" in behind.words
        assert "1 April 2900" in behind.html.select("[role=alert]")[0].get_text()
        assert filled_in(behind.form(button)).items() >= entered.items()
    done = await pressed(visit, behind, button)
    assert (done.status, only_sent(visit).session_id) == (200, COMING.session_id)


async def test_a_button_that_is_pressed_twice_is_no_move_by_somebody_else() -> None:
    visit = with_sessions(COMING)
    shown = await pressed(visit, await opened(visit, change("move")), "Show what follows", date="2900-03-03")
    await pressed(visit, shown, "Move the session")
    moved = COMING.model_copy(
        update={each: getattr(COMING, each) + timedelta(days=1) for each in ("starts_at", "ends_at")}
    )
    visit.gateway.answers[ListSessions] = SessionsFound(sessions=[moved], after=None)
    again = await pressed(visit, shown, "Move the session")
    assert (again.status, "Done: moved." in again.words) == (200, True)
    assert len({each.id for each in visit.gateway.sent}) == 1


async def test_a_topic_is_changed_and_others_changes_meanwhile_are_kept_and_shown() -> None:
    visit = with_sessions(COMING)
    first = await opened(visit, change("revise"))
    theirs = COMING.model_copy(update={"topic": "Theirs", "place": "Garden"})
    visit.gateway.answers[ListSessions] = SessionsFound(sessions=[theirs], after=None)
    shown = await pressed(visit, first, "Show what follows", topic="Mine")
    assert "Changed in the meantime by somebody else Theirs" in shown.words
    assert (shown.status, "Somebody else has changed this in the meantime" in shown.words) == (409, True)
    await pressed(visit, shown, "Make this change")
    command = only_sent(visit)
    assert (command.topic, command.model_fields_set) == ("Mine", {"room_id", "session_id", "topic", "scope"})


async def test_a_topic_that_somebody_else_changes_after_the_preview_is_shown_before_ones_own() -> None:
    visit = with_sessions(COMING)
    shown = await pressed(visit, await opened(visit, change("revise")), "Show what follows", topic="Mine")
    assert shown.status == 200
    for fields, status in (({"place": "Garden"}, 200), ({"topic": "Theirs"}, 409), ({"topic": "Mine"}, 200)):
        visit.gateway.sent.clear()
        visit.gateway.answers[ListSessions] = SessionsFound(sessions=[COMING.model_copy(update=fields)], after=None)
        done = await pressed(visit, shown, "Make this change")
        assert (done.status, len(visit.gateway.sent)) == (status, status == 200)
        if status == 409:
            assert "Changed in the meantime by somebody else Theirs" in done.words
            assert filled_in(done.form("Make this change"))["topic"] == "Mine"
            await pressed(visit, done, "Make this change")
            assert only_sent(visit).topic == "Mine"


async def test_a_session_is_called_off_once_what_follows_was_seen() -> None:
    visit = with_sessions(COMING, NEXT)
    shown = await pressed(
        visit, await opened(visit, change("cancel")), "Show what follows", reason="Ill.", scope="following"
    )
    assert "The series ends: no further date is planned." in shown.words
    assert visit.gateway.sent == []
    done = await pressed(visit, shown, "Call it off")
    assert done.html.select("title")[0].get_text().startswith("Done: called off. · Sessions: Intervision")
    assert only_sent(visit) == CancelSession(
        room_id=ROOM, session_id=COMING.session_id, reason="Ill.", scope="following"
    )


async def test_a_button_pressed_twice_is_answered_though_the_session_is_gone() -> None:
    visit = with_sessions(COMING)
    shown = await pressed(visit, await opened(visit, change("cancel")), "Show what follows", reason="Ill.")
    await pressed(visit, shown, "Call it off")
    visit.gateway.answers[ListSessions] = SessionsFound(sessions=[], after=None)
    assert "Done: called off." in (await pressed(visit, shown, "Call it off")).words
    first, again = visit.gateway.sent
    assert first == again


@every_case("name", ["move", "revise", "cancel"])
async def test_a_session_that_is_gone_cannot_be_changed_and_nothing_typed_is_lost(name: str) -> None:
    visit = with_sessions(COMING)
    first = await opened(visit, change(name))
    visit.gateway.answers[ListSessions] = SessionsFound(sessions=[a_session()], after=None)
    assert (await opened(visit, change(name))).status == 409
    seen = await pressed(visit, first, "Show what follows", topic="Mine", reason="Mine")
    assert (seen.status, "This session cannot be changed" in seen.words) == (409, True)
    shown = {"move": ["2900-03-02", "19:00", "60"], "revise": ["Mine"], "cancel": ["Mine"]}[name]
    expected = [*shown, "Only this date"]
    assert [each.get_text() for each in seen.html.select("[aria-labelledby=written] .typed")] == expected


@every_case(
    "room",
    [{"host_id": HOST, "steward_ids": [ADA]}, {"status": "archived"}],
    ids=["steward", "ended"],
)
async def test_a_steward_and_an_ended_room_have_sessions_but_no_way_to_change_them(room: dict[str, Any]) -> None:
    visit = with_sessions(COMING, **room)
    listed = await opened(visit)
    ways = [each.get_text() for each in listed.html.select("ol.cards a")]
    assert (listed.status, ways, "Plan sessions" in listed.words) == (200, ["Who is coming, plan, attendance"], False)
    for path in ("/plan", change("move"), change("revise"), change("cancel")):
        assert (await opened(visit, path)).status == 403


async def test_an_office_lost_while_the_page_was_open_loses_nothing_that_was_typed() -> None:
    visit = with_sessions()
    first = await opened(visit, "/plan")
    visit.gateway.answers[GetRoom] = RoomResult(room=a_room(host_id=HOST))
    seen = await pressed(visit, first, "Show the dates", **PLAN, topic="Mine")
    assert (seen.status, visit.gateway.sent) == (403, [])
    assert dict(shown_again(seen)) == {
        "Date": PLAN["date"],
        "Begins at": PLAN["time"],
        "Length in minutes": PLAN["minutes"],
        "How often?": "Once",
        "Weeks between two dates": "1",
        "Topic (optional)": "Mine",
    }


async def test_times_are_those_of_the_room_wherever_the_reader_is() -> None:
    visit = with_sessions(COMING, time_zone="America/New_York")
    seen = await opened(visit, change("move"))
    assert "America/New_York" in seen.words
    local = COMING.starts_at - timedelta(hours=5)
    assert filled_in(seen.form("Show what follows"))["time"] == f"{local:%H:%M}"
    assert NOW.year < COMING.starts_at.year
