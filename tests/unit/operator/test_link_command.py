"""`practio link`: which pages it leads to, what they need, and what signs."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from tests.support.every_case import every_case
from tests.unit.notifications.builders import FACILITATOR, HOST, MEMBER, STEWARD, a_membership, a_room, a_session
from typer.testing import CliRunner

from practio_contracts.links import Link, Purpose
from practio_contracts.membership import Status
from practio_contracts.notifications import Introduction, PreferencesFound
from practio_contracts.rooms import ComingCounts, SessionResult, SessionStatus
from practio_operator.console.errors import OperatorError, UsageError
from practio_operator.links.page import (
    LinkedPage,
    check_words,
    why_closed,
    why_no_feedback,
    why_no_introduction,
    why_no_session,
)
from practio_operator.links.signer import link_signer
from practio_operator.main import command_line

KEY = "k" * 32
DRAFT = a_room(status="draft")
PUBLISHED = a_room()
SECOND = timedelta(seconds=1)
BEGINS = datetime(2026, 3, 2, 18, tzinfo=UTC)
ENDS = BEGINS + timedelta(minutes=90)
BEFORE = BEGINS - timedelta(days=7)


@every_case(
    "page",
    [
        LinkedPage.WAY,
        LinkedPage.DESK,
        LinkedPage.QUEUE,
        LinkedPage.MEMORY,
        LinkedPage.SESSION,
        LinkedPage.FEEDBACK,
        LinkedPage.CERTIFICATE,
    ],
)
def test_a_page_about_a_room_needs_the_room(page: LinkedPage) -> None:
    result = CliRunner().invoke(command_line("link"), ["link", str(MEMBER), "--page", page])
    assert isinstance(result.exception, UsageError)
    assert "--room" in str(result.exception)


@every_case(
    "page",
    [
        LinkedPage.ROOMS,
        LinkedPage.CARE,
        LinkedPage.PREFERENCES,
        LinkedPage.ME,
        LinkedPage.CALENDAR,
        LinkedPage.SPONSOR,
        LinkedPage.INTRODUCE,
    ],
)
def test_a_page_about_no_room_refuses_one(page: LinkedPage) -> None:
    result = CliRunner().invoke(command_line("link"), ["link", str(MEMBER), "--page", page, "--room", str(uuid4())])
    assert isinstance(result.exception, UsageError)
    assert "leave out --room" in str(result.exception)


def test_two_pages_are_about_a_session_and_no_other_page_is() -> None:
    for page in (LinkedPage.SESSION, LinkedPage.FEEDBACK):
        check_words(page, uuid4(), uuid4())
        with pytest.raises(UsageError, match="name it with --session"):
            check_words(page, uuid4(), None)
    with pytest.raises(UsageError, match="leave out --session"):
        check_words(LinkedPage.WAY, uuid4(), uuid4())


def test_a_sponsor_s_report_is_about_a_sponsor_and_no_other_page_is() -> None:
    check_words(LinkedPage.SPONSOR, None, None, uuid4())
    with pytest.raises(UsageError, match="name it with --sponsor"):
        check_words(LinkedPage.SPONSOR, None, None)
    with pytest.raises(UsageError, match="leave out --sponsor"):
        check_words(LinkedPage.CARE, None, None, uuid4())


def test_pages_are_found_below_the_token_where_pages_has_them() -> None:
    endings = {page: page.ending for page in LinkedPage if page.ending}
    assert endings == {LinkedPage.ME: "/data", LinkedPage.CALENDAR: ".ics"}


@every_case(
    ("now", "since", "status", "words"),
    [
        (BEGINS, BEFORE, SessionStatus.SCHEDULED, None),
        (BEGINS - SECOND, BEFORE, SessionStatus.SCHEDULED, "once the session has begun"),
        (BEGINS, BEFORE, SessionStatus.CANCELLED, "called off"),
        (ENDS, ENDS - SECOND, SessionStatus.SCHEDULED, None),
        (ENDS, ENDS, SessionStatus.SCHEDULED, "joined after the session"),
    ],
)
def test_feedback_opens_to_who_was_in_the_room_when_a_session_took_place(
    now: datetime, since: datetime, status: SessionStatus, words: str | None
) -> None:
    session = a_session(starts_at=BEGINS, ends_at=ENDS, status=status)
    why = why_no_feedback(session, a_membership(Status.JOINED, since=since), now)
    assert why is None if words is None else words in str(why)


def test_every_page_that_a_person_opens_by_a_link_can_be_linked_to() -> None:
    of_letters_or_codes = {Purpose.STOP, Purpose.CHECK_IN}
    assert {page.purpose for page in LinkedPage} == set(Purpose) - of_letters_or_codes


def test_the_page_of_a_session_opens_to_the_people_in_the_room_until_30_days_after_it() -> None:
    coming = ComingCounts(unanswered=1)
    session = SessionResult(
        session=a_session(starts_at=BEGINS, ends_at=ENDS),
        coming=coming,
        people=[],
    )
    assert why_no_session(session, ENDS + timedelta(days=30)) is None
    assert "until 30 days after" in str(why_no_session(session, ENDS + timedelta(days=30) + SECOND))
    assert why_no_session(session.model_copy(update={"people": None}), BEGINS) == "is not in it"
    assert "no session" in str(why_no_session(None, BEGINS))


@every_case(
    ("introduction", "words"),
    [
        (Introduction(email="ada@example.org"), None),
        (Introduction(email=None), "somebody else has"),
        (None, "is registered already"),
    ],
)
def test_who_is_registered_cannot_say_who_they_are(introduction: Introduction | None, words: str | None) -> None:
    why = why_no_introduction(PreferencesFound(person_id=MEMBER, introduction=introduction))
    assert why is None if words is None else words in str(why)


def test_feedback_is_closed_to_who_is_not_in_the_room_and_to_unknown_sessions() -> None:
    assert why_no_feedback(a_session(), a_membership(Status.WITHDRAWN), ENDS) == "is not in it"
    assert why_no_feedback(a_session(), None, ENDS) == "is not in it"
    assert "no session" in str(why_no_feedback(None, a_membership(Status.JOINED), ENDS))


@every_case(
    ("page", "person", "opens"),
    [
        (LinkedPage.WAY, MEMBER, True),
        *(
            (page, person, True)
            for page in (LinkedPage.DESK, LinkedPage.QUEUE)
            for person in (HOST, FACILITATOR, STEWARD)
        ),
        (LinkedPage.DESK, MEMBER, False),
        (LinkedPage.QUEUE, MEMBER, False),
        (LinkedPage.START, HOST, False),
    ],
)
def test_a_page_of_a_room_opens_to_those_who_may_see_it(page: LinkedPage, person: UUID, opens: bool) -> None:
    assert (why_closed(page, PUBLISHED, person) is None) is opens


@every_case(("person", "opens"), [(HOST, True), (FACILITATOR, False)])
def test_a_draft_is_completed_by_its_host_alone(person: UUID, opens: bool) -> None:
    assert (why_closed(LinkedPage.START, DRAFT, person) is None) is opens


def test_links_are_signed_with_the_first_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACTIO_PAGES_URL", "https://rooms.example.org")
    monkeypatch.setenv("PRACTIO_LINK_KEYS", f"{KEY},{'o' * 32}")
    signer = link_signer()
    address = signer.url(Link(Purpose.ROOMS, MEMBER))
    assert address.startswith("https://rooms.example.org/rooms/")
    monkeypatch.setenv("PRACTIO_LINK_KEYS", KEY)
    assert link_signer().read(address.rpartition("/")[2], Purpose.ROOMS).person_id == MEMBER


@every_case(
    ("url", "keys", "words"),
    [
        ("https://rooms.example.org", "", "both"),
        ("", KEY, "both"),
        ("rooms", KEY, "PRACTIO_PAGES_URL is not an address"),
        ("https://rooms.example.org", "short", "PRACTIO_LINK_KEYS: one key is required"),
    ],
)
def test_wrong_settings_are_one_sentence_without_the_key(url: str, keys: str, words: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRACTIO_PAGES_URL", url)
        patch.setenv("PRACTIO_LINK_KEYS", keys)
        with pytest.raises(OperatorError, match=words) as refused:
            link_signer()
    assert KEY not in str(refused.value)


def test_keys_of_the_demo_sign_nothing_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRACTIO_ENVIRONMENT", "production")
    monkeypatch.setenv("PRACTIO_PAGES_URL", "https://rooms.example.org")
    monkeypatch.setenv("PRACTIO_LINK_KEYS", "demo-link-key-that-everybody-can-read")
    with pytest.raises(OperatorError, match="not safe for production"):
        link_signer()
