"""Letters about sessions as people live them: who gets which, while what is true, and when they leave."""

from datetime import time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from tests.support.every_case import every_case
from tests.unit.notifications.builders import (
    COMMAND_ID,
    FACILITATOR,
    GUEST,
    HOST,
    MEMBER,
    NOW,
    STEWARD,
    a_contact,
    a_room,
    a_session,
    a_true_situation,
    an_event_for,
    some_pages,
)

from practio_contracts.notifications import Activity, Preferences, QuietHours
from practio_contracts.rooms import Announced, Coming, RoomStatus, Session, SessionAtRisk, SessionOver, SessionStatus
from practio_notifications.letters.compose import letters_from
from practio_notifications.letters.dates import AnnouncedSession
from practio_notifications.letters.digests import Gather, Unwanted, Wait, disposition
from practio_notifications.letters.kinds import KIND
from practio_notifications.letters.recipients import Audience, Cause
from practio_notifications.letters.relevance import LOOKED_BACK_FOR, SkipReason, skip_reason
from practio_notifications.rendering.text import draft, render_digest, rendered

ROME = ZoneInfo("Europe/Rome")
ROOM = a_room()
WAITING = uuid4()
AUDIENCE = Audience(ROOM, frozenset({MEMBER, GUEST}), frozenset({WAITING}))
AN_EVENING = NOW.replace(hour=21)
"""10 in the evening in Rome: quiet hours."""


def written(event: Cause, by: str = "system") -> set[tuple[str, Any]]:
    """Return kind and reader of each letter that an event causes."""
    return {(each.kind.name, each.person_id) for each in letters_from(uuid4(), event, AUDIENCE, by=by)}


def skipped(kind: str, event: Cause, reader: Any = MEMBER, after: timedelta = timedelta(), **fields: Any) -> Any:
    situation = a_true_situation(event, **fields)
    return skip_reason(KIND[kind], event, COMMAND_ID, reader, situation, NOW + after)


def over(**fields: Any) -> SessionOver:
    return SessionOver(room_id=ROOM.room_id, session_id=uuid4(), ended_at=fields.pop("ended_at", NOW))


def an_announcement(to: str = "joined", by: Any = HOST) -> Announced:
    whole = {"room_id": ROOM.room_id, "announcement_id": uuid4(), "to": to, "by": str(by), "text": "Bring a chair."}
    return Announced.model_validate(whole)


def test_a_session_that_is_over_has_one_letter_to_each_person_with_a_seat_and_one_to_the_host() -> None:
    assert written(over()) == {("session-over", MEMBER), ("session-over", GUEST), ("session-to-record", HOST)}


def test_a_session_at_risk_has_one_letter_to_each_office() -> None:
    at_risk = an_event_for(KIND["session-at-risk"], room_id=ROOM.room_id)
    assert written(at_risk) == {("session-at-risk", person) for person in (HOST, FACILITATOR, STEWARD)}


def test_a_word_of_the_host_goes_to_all_others_in_the_room_and_to_those_who_wait_if_they_are_meant() -> None:
    in_the_room = {("announced", person) for person in (FACILITATOR, STEWARD, MEMBER, GUEST)}
    assert written(an_announcement(), by=str(HOST)) == in_the_room
    assert written(an_announcement("everybody"), by=str(HOST)) == in_the_room | {("announced", WAITING)}


def test_who_said_no_is_neither_reminded_nor_asked_how_it_was() -> None:
    assert skipped("session-reminder", an_event_for(KIND["session-reminder"]), answer=Coming.NO) is SkipReason.SAID_NO
    assert skipped("session-over", over(), answer=Coming.NO) is SkipReason.SAID_NO


@every_case("answer", [Coming.YES, Coming.MAYBE, None])
def test_everybody_else_is(answer: Coming | None) -> None:
    assert skipped("session-reminder", an_event_for(KIND["session-reminder"]), answer=answer) is None
    assert skipped("session-over", over(), answer=answer) is None


def test_a_host_who_did_not_come_records_who_did() -> None:
    assert skipped("session-to-record", over(), reader=HOST, room=ROOM, answer=Coming.NO) is None


def test_who_has_left_the_room_is_not_asked_how_it_was() -> None:
    assert skipped("session-over", over(), seated=False) is SkipReason.ROOM_LEFT


@every_case("kind", ["session-over", "session-to-record"])
def test_a_letter_after_a_session_leaves_within_a_week(kind: str) -> None:
    reader = HOST if kind == "session-to-record" else MEMBER
    just_before = LOOKED_BACK_FOR - timedelta(microseconds=1)
    assert skipped(kind, over(), reader, after=just_before, room=ROOM) is None
    assert skipped(kind, over(), reader, after=LOOKED_BACK_FOR, room=ROOM) is SkipReason.MOVED_ON


@every_case("status", [RoomStatus.ARCHIVED, RoomStatus.CANCELLED])
def test_a_room_that_is_over_asks_nobody_how_it_was_and_its_host_who_came(status: RoomStatus) -> None:
    room = a_room(status=status)
    assert skipped("session-over", over(), room=room) is SkipReason.MOVED_ON
    assert skipped("session-to-record", over(), reader=HOST, room=room) is None


@every_case(
    "changed", [{"starts_at": NOW + timedelta(days=3)}, {"status": SessionStatus.CANCELLED}], ids=lambda each: str(each)
)
def test_a_session_that_was_moved_or_called_off_is_no_longer_at_risk(changed: dict[str, Any]) -> None:
    event = an_event_for(KIND["session-at-risk"])
    assert isinstance(event, SessionAtRisk)
    session = a_session(session_id=event.session_id, **({"starts_at": event.starts_at} | changed))
    sessions = (AnnouncedSession(session, COMMAND_ID),)
    assert skipped("session-at-risk", event, HOST, sessions=sessions) is SkipReason.SESSION_OVER
    assert skipped("session-at-risk", event, HOST) is None


@every_case("leads", [True, False])
@every_case("has_pages", [True, False])
def test_only_host_and_facilitators_read_that_they_can_move_a_session_at_risk(leads: bool, has_pages: bool) -> None:
    """Rooms refuses stewards."""
    kind = KIND["session-at-risk"]
    event = an_event_for(kind)
    situation = a_true_situation(event, leads=leads)
    pages = some_pages(FACILITATOR if leads else STEWARD) if has_pages else None
    text = " ".join(rendered(draft(kind, event, a_contact(), situation, pages=pages)).text.split())
    assert ("Only the host and the facilitators can move the session" in text) is not leads
    assert ("Move or call off the session" in text) is (leads and has_pages)
    assert ("See who is coming" in text) is has_pages


def test_a_word_reaches_only_those_who_are_still_meant() -> None:
    assert skipped("announced", an_announcement(), WAITING, seated=False, waiting=True) is SkipReason.ROOM_LEFT
    assert skipped("announced", an_announcement("everybody"), WAITING, seated=False, waiting=True) is None
    assert skipped("announced", an_announcement("everybody"), WAITING, seated=False) is SkipReason.ROOM_LEFT


def in_words(session: Session, *, seated: bool = True, is_digest: bool = False) -> str:
    event = an_announcement("everybody").model_copy(update={"session_id": session.session_id})
    sessions = (AnnouncedSession(session, COMMAND_ID),)
    situation = a_true_situation(event, sessions=sessions, seated=seated, waiting=not seated)
    kind, pages = KIND["announced"], some_pages(MEMBER)
    if is_digest:
        return render_digest(KIND["activity-digest"], [(kind, event, situation)], pages).text
    return rendered(draft(kind, event, a_contact(), situation, pages=pages)).text


@every_case("is_digest", [False, True])
def test_a_word_about_a_session_has_its_date_and_leads_to_its_page(is_digest: bool) -> None:
    text = in_words(a_session(), is_digest=is_digest)
    assert "Session: Sunday, 8 March 2026, 19:00" in text
    assert "Topic: The first case" in text
    assert "/session/the-room" in text


@every_case("is_digest", [False, True])
def test_who_waits_for_a_seat_learns_the_date_that_a_word_is_about_but_not_where(is_digest: bool) -> None:
    text = in_words(a_session(place="Via Verdi 2"), seated=False, is_digest=is_digest)
    assert "Session: Sunday, 8 March 2026, 19:00" in text
    assert ("Via Verdi" in text, "/session/" in text) == (False, False)


def test_a_word_about_a_session_that_was_called_off_has_no_date() -> None:
    assert "Session:" not in in_words(a_session(status=SessionStatus.CANCELLED))


def test_what_happens_after_a_session_waits_for_the_end_of_quiet_hours_and_ends_with_the_reminders() -> None:
    quiet = Preferences(person_id=MEMBER, quiet_hours=QuietHours.model_validate({"from": "21:00", "to": "08:00"}))
    wait = disposition(KIND["session-over"].category, ROOM.room_id, quiet, ROME, AN_EVENING)
    assert isinstance(wait, Wait)
    assert wait.until.astimezone(ROME).time() == time(8)
    without = quiet.model_copy(update={"reminders": False})
    off = disposition(KIND["session-to-record"].category, ROOM.room_id, without, ROME, AN_EVENING)
    assert off is Unwanted.CATEGORY_OFF


def test_offices_learn_of_a_session_at_risk_at_once_whatever_they_want() -> None:
    silent = Preferences(person_id=HOST, reminders=False, activity=Activity.OFF, muted_room_ids=[ROOM.room_id])
    assert disposition(KIND["session-at-risk"].category, ROOM.room_id, silent, ROME, AN_EVENING) is None


def test_a_word_comes_with_the_news_of_the_day_and_ends_with_them() -> None:
    usual, off = Preferences(person_id=MEMBER), Preferences(person_id=MEMBER, activity=Activity.OFF)
    category = KIND["announced"].category
    assert isinstance(disposition(category, ROOM.room_id, usual, ROME, NOW), Gather)
    assert disposition(category, ROOM.room_id, off, ROME, NOW) is Unwanted.CATEGORY_OFF


def test_a_session_is_said_not_to_run_only_if_people_or_roles_are_missing() -> None:
    """A case can be named until the session begins."""
    kind = KIND["session-at-risk"]
    event = an_event_for(kind)
    assert isinstance(event, SessionAtRisk)
    complete = event.model_copy(update={"people_needed": 0, "missing_roles": [], "case_missing": True})
    for at_risk, cannot_run in (
        (complete, False),
        (complete.model_copy(update={"people_needed": 1}), True),
        (complete.model_copy(update={"missing_roles": ["coach"]}), True),
    ):
        letter = rendered(draft(kind, at_risk, a_contact(), a_true_situation(at_risk), pages=some_pages(HOST)))
        text = " ".join(letter.text.split())
        assert ("As things stand" in text, "cannot run" in text) == (cannot_run, cannot_run)
        assert "Nobody is bringing a case." in text
