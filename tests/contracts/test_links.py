"""Links: good for their person, room and purpose, for their time, whichever of the keys signed them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from itsdangerous import URLSafeTimedSerializer
from pydantic import TypeAdapter, ValidationError
from tests.support.every_case import every_case

from practio_contracts.links import (
    AFTER_A_SESSION,
    LIFETIMES,
    ExpiredLinkError,
    ForgedLinkError,
    Link,
    LinkKeys,
    Links,
    PagesUrl,
    Purpose,
    keys_in,
)

NEW, OLD, FOREIGN = "n" * 32, "o" * 32, "f" * 32
PAGES = "https://rooms.example.org"
ADA = UUID("0194a1f2-51c0-7fde-8e43-0d40bd57deea")
ROOM = UUID("0194a1f2-51c0-7fde-8e43-0d40bd57dee1")
SESSION = UUID("0194a1f2-51c0-7fde-8e43-0d40bd57dee2")
LINK = Link(Purpose.WAY, ADA, ROOM, locale="it-IT", time_zone="Europe/Rome")


def links(*keys: str) -> Links:
    return Links(PAGES, keys)


@every_case(
    "link",
    [
        LINK,
        Link(Purpose.ROOMS, ADA),
        Link(Purpose.STOP, ADA, category="activity", version=3),
        Link(Purpose.FEEDBACK, ADA, ROOM, session_id=SESSION),
        Link(Purpose.SESSION, ADA, ROOM, session_id=SESSION),
        Link(Purpose.CHECK_IN, ADA, ROOM, session_id=SESSION),
        Link(Purpose.SPONSOR, ADA, sponsor_id=SESSION),
    ],
)
def test_a_link_is_read_as_it_was_signed(link: Link) -> None:
    url = links(NEW).url(link)
    assert url.startswith(f"{PAGES}/{link.purpose}/")
    assert links(NEW).read(url.rpartition("/")[2], link.purpose) == link


@every_case(
    "fields",
    [
        [None],
        [None, "it-IT", "Europe/Rome"],
        [None, "it-IT", "Europe/Rome", None],
        [None, "it-IT", "Europe/Rome", None, 0],
        [None, "it-IT", "Europe/Rome", None, 0, None, "more"],
    ],
)
def test_a_link_of_the_release_before_or_after_is_read(fields: list[str | None]) -> None:
    token = URLSafeTimedSerializer(NEW, salt="practio.way").dumps([ADA.hex, ROOM.hex, *fields])
    found = links(NEW).read(token, Purpose.WAY)
    assert (found.person_id, found.room_id, found.locale) == (ADA, ROOM, fields[1] if fields[1:] else None)
    assert (found.version, found.session_id) == (0, None)


def test_keys_are_changed_one_at_a_time() -> None:
    before = links(OLD).token(LINK)
    assert links(NEW, OLD).read(before, Purpose.WAY) == LINK
    assert links(NEW).read(links(NEW, OLD).token(LINK), Purpose.WAY) == LINK
    with pytest.raises(ForgedLinkError):
        links(NEW).read(before, Purpose.WAY)


def test_a_link_is_for_one_purpose() -> None:
    token = links(NEW).token(LINK)
    for purpose in set(Purpose) - {Purpose.WAY}:
        with pytest.raises(ForgedLinkError):
            links(NEW).read(token, purpose)


def test_a_changed_link_is_forged() -> None:
    token = links(NEW).token(LINK)
    fields, at, signature = token.rsplit(".", 2)
    of_another = links(NEW).token(replace(LINK, person_id=ROOM)).rsplit(".", 2)[0]
    for forged in (
        f"{of_another}.{at}.{signature}",
        f"{token}x",
        fields,
        "",
        "ä",
        links(FOREIGN).token(LINK),
        "." * 500,
    ):
        with pytest.raises(ForgedLinkError):
            links(NEW).read(forged, Purpose.WAY)


def test_a_link_expires_after_its_lifetime() -> None:
    assert set(LIFETIMES) == set(Purpose)
    over = Links(PAGES, [NEW], {each: timedelta(seconds=-1) for each in Purpose})
    with pytest.raises(ExpiredLinkError):
        over.read(over.token(LINK), Purpose.WAY)


def test_a_link_derived_from_another_expires_with_it() -> None:
    week = links(NEW).read(links(NEW).token(Link(Purpose.ROOMS, ADA)), Purpose.ROOMS)
    made = links(NEW).read(links(NEW).token(replace(week, purpose=Purpose.WAY, room_id=ROOM)), Purpose.WAY)
    assert made.not_after == week.not_after
    ended = replace(LINK, not_after=datetime.now(UTC) - timedelta(seconds=2))
    with pytest.raises(ExpiredLinkError):
        links(NEW).read(links(NEW).token(ended), Purpose.WAY)


def test_a_link_to_a_session_ends_a_while_after_it() -> None:
    ends_at = datetime.now(UTC).replace(microsecond=0) - AFTER_A_SESSION
    for purpose in (Purpose.SESSION, Purpose.CHECK_IN):
        link = Link(purpose, ADA, ROOM, session_id=SESSION, not_after=ends_at + AFTER_A_SESSION + timedelta(hours=1))
        assert links(NEW).read(links(NEW).token(link), purpose).not_after == link.not_after
        with pytest.raises(ExpiredLinkError):
            links(NEW).read(links(NEW).token(replace(link, not_after=ends_at)), purpose)


def test_a_link_derived_from_a_longer_lived_one_has_its_own_lifetime() -> None:
    year = links(NEW).read(links(NEW).token(Link(Purpose.STOP, ADA, category="activity")), Purpose.STOP)
    made = links(NEW).read(links(NEW).token(replace(year, purpose=Purpose.PREFERENCES)), Purpose.PREFERENCES)
    assert made.not_after is not None
    assert year.not_after is not None
    assert made.not_after < year.not_after


@every_case("written", ["", "short", f"{NEW},short", " , "])
def test_a_key_that_could_be_guessed_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match="at least 32 characters"):
        TypeAdapter(LinkKeys).validate_python(written)
    assert keys_in(f"{NEW}, {OLD}") == [NEW, OLD]


def test_the_address_of_pages_is_a_web_address() -> None:
    known = TypeAdapter(PagesUrl)
    assert known.validate_python("https://example.org/practio/") == "https://example.org/practio"
    for written in ("rooms.example.org", "ftp://example.org", "https://a@b", "https://example.org?x=1", "https://"):
        with pytest.raises(ValidationError, match="https://rooms"):
            known.validate_python(written)
