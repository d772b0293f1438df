"""Signed links from letters to pages: each for one purpose and a limited time (extra ``links``).

Notifications signs them, pages reads them; nobody else has the keys. A link names its person, the room, and the
purpose; it contains no secret, and its holder acts as its person for that purpose until it expires, or until the
person's links end (``link_version`` of ``notifications.get-preferences``).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from pydantic import AfterValidator, SecretStr

SHORTEST_KEY = 32
"""Characters of a key, at least: 32 random ones cannot be guessed."""


class Purpose(StrEnum):
    """The purpose of a link, which is also the first part of its path."""

    WAY = "way"  # a person's own membership in one room: its state, and the available commands
    DESK = "desk"  # a room as its host, facilitators and stewards run it
    MEMORY = "memory"  # a room's notes, for the people in it and its offices
    SESSION = "session"  # one session (of a room) for one person: coming or not, who comes, being there
    CHECK_IN = "check-in"  # one session, for all who read its code there; never acts as its person, who showed it
    FEEDBACK = "feedback"  # one session (of a room): how useful a person in the room found it
    QUEUE = "queue"  # a room's requests, for its host, facilitators and stewards
    ROOMS = "rooms"  # a person looks for rooms, requests to join, and sees their memberships
    CARE = "care"  # a person looks after many rooms: those that they run, worst first
    START = "start"  # a person starts a room, or completes one draft (with a room)
    PREFERENCES = "preferences"  # which letters a person wants, and when
    INTRODUCE = "introduce"  # a person says who they are: name, language, time zone
    STOP = "stop"  # no more letters of one category (RFC 8058)
    ME = "me"  # what is known of a person: as a file, ending all links, leaving everything
    SPONSOR = "sponsor"  # the report on a sponsor's rooms, for one of its delegates
    CERTIFICATE = "certificate"  # what a person attended in a room, to be printed; it changes nothing
    CALENDAR = "calendar"  # a person's agenda for a calendar program, which reads it and changes nothing


LIFETIMES: Mapping[Purpose, timedelta] = {
    Purpose.WAY: timedelta(days=90),
    Purpose.DESK: timedelta(days=30),
    Purpose.MEMORY: timedelta(days=90),
    Purpose.SESSION: timedelta(days=400),
    Purpose.CHECK_IN: timedelta(days=8),
    Purpose.FEEDBACK: timedelta(days=30),
    Purpose.QUEUE: timedelta(days=30),
    Purpose.ROOMS: timedelta(days=7),
    Purpose.CARE: timedelta(days=30),
    Purpose.START: timedelta(days=7),
    Purpose.PREFERENCES: timedelta(days=90),
    Purpose.INTRODUCE: timedelta(days=2),
    Purpose.STOP: timedelta(days=365),
    Purpose.ME: timedelta(days=7),
    Purpose.SPONSOR: timedelta(days=30),
    Purpose.CERTIFICATE: timedelta(days=365),
    Purpose.CALENDAR: timedelta(days=3650),
}
"""How long after its signing a link is good.

A link to a session ends ``AFTER_A_SESSION``, and its code with the session: they are signed with ``not_after``. A code
is shown from half an hour before its session, which lasts seven days at most: it works all that time.
"""

AFTER_A_SESSION = timedelta(days=30)
"""How long after the end of a session its page can be opened."""


_FIELDS = 9
"""The number of fields in a token.

A later release appends some, but never one that narrows what a link is for: that is a new purpose.
"""


class LinkError(Exception):
    """A token that is not good."""


class ForgedLinkError(LinkError):
    """A token that none of the keys signed for this purpose, or that was damaged on its way."""


class ExpiredLinkError(LinkError):
    """A token that was good once."""


@dataclass(frozen=True, slots=True)
class Link:
    """The person (``person_id``), the purpose, and the room (of a way, desk, …) or the category of letters (stop).

    A link to a session, its code or its form of feedback names the session (``session_id``) besides the room; one to a
    sponsor's report names the sponsor (``sponsor_id``) and no room.

    ``locale`` (BCP 47) and ``time_zone`` (IANA) are the person's, so that a page has the language of the letter.
    ``version`` is that of the person's links when it was made: 0 until they first end. ``not_after`` is the expiry of a
    link that was read; links derived from it for another purpose expire then too.
    """

    purpose: Purpose
    person_id: UUID
    room_id: UUID | None = None
    category: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    not_after: datetime | None = field(default=None, compare=False)
    version: int = 0
    session_id: UUID | None = None
    sponsor_id: UUID | None = None


def keys_in(written: str) -> list[str]:
    """Return the keys in ``written``, separated by commas, newest first; raise ValueError if one is too short."""
    keys = [key.strip() for key in written.split(",") if key.strip()]
    if not keys or any(len(key) < SHORTEST_KEY for key in keys):
        raise ValueError(
            f"one key is required, or several separated by commas, of at least {SHORTEST_KEY} characters each"
        )
    return keys


def _keys(written: SecretStr) -> SecretStr:
    keys_in(written.get_secret_value())
    return written


def _base_url(written: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#@]*)?", written):
        raise ValueError("must be an address such as https://rooms.example.org, without query and fragment")
    return written.rstrip("/")


LinkKeys = Annotated[SecretStr, AfterValidator(_keys)]
"""Keys as a setting: the first one signs, all of them are believed, so that keys are changed one at a time."""

PagesUrl = Annotated[str, AfterValidator(_base_url)]
"""The public base URL of pages, without a slash at its end."""


class Links:
    """Signs links and reads them back; ``keys`` the newest first."""

    def __init__(self, pages_url: str, keys: Sequence[str], lifetimes: Mapping[Purpose, timedelta] = LIFETIMES) -> None:
        self._pages_url = pages_url
        self._lifetimes = lifetimes
        oldest_first = list(reversed(keys))
        self._signers = {each: URLSafeTimedSerializer(oldest_first, salt=f"practio.{each}") for each in Purpose}

    @property
    def pages_url(self) -> str:
        """Return the base address of all pages."""
        return self._pages_url

    def url(self, link: Link) -> str:
        """Return the address of the page for ``link``, valid from now for as long as its purpose allows."""
        return f"{self._pages_url}/{link.purpose}/{self.token(link)}"

    def token(self, link: Link) -> str:
        """Return ``link`` signed, in characters that are valid in a URL."""
        room = link.room_id.hex if link.room_id else None
        over = link.not_after and int(link.not_after.timestamp())
        session = link.session_id.hex if link.session_id else None
        fields = [link.person_id.hex, room, link.category, link.locale, link.time_zone, over, link.version, session]
        if link.sponsor_id:
            fields.append(link.sponsor_id.hex)
        token: str = self._signers[link.purpose].dumps(fields)
        return token

    def read(self, token: str, purpose: Purpose) -> Link:
        """Return the link that was signed for ``purpose``; raise ForgedLinkError or ExpiredLinkError."""
        lifetime = self._lifetimes[purpose]
        try:
            fields, signed_at = self._signers[purpose].loads(
                token, max_age=int(lifetime.total_seconds()), return_timestamp=True
            )
        except SignatureExpired as error:
            raise ExpiredLinkError("the link has expired") from error
        except BadSignature as error:
            raise ForgedLinkError("the link has no valid signature") from error
        return _still_good(_link(purpose, fields, signed_at + lifetime))


def _link(purpose: Purpose, fields: Sequence[Any], own_end: datetime) -> Link:
    """Read tokens of the previous and the next release too: theirs may have fewer fields, or more at the end."""
    person_id, room_id, category, locale, time_zone, over, version, session_id, sponsor_id = [
        *fields,
        *[None] * _FIELDS,
    ][:_FIELDS]
    end = min(own_end, datetime.fromtimestamp(over, UTC)) if over else own_end
    sponsor_id = sponsor_id if purpose is Purpose.SPONSOR else None
    room, session, sponsor = (UUID(each) if each else None for each in (room_id, session_id, sponsor_id))
    return Link(purpose, UUID(person_id), room, category, locale, time_zone, end, version or 0, session, sponsor)


def _still_good(link: Link) -> Link:
    if link.not_after is not None and link.not_after < datetime.now(UTC):
        raise ExpiredLinkError("the link has expired")
    return link
