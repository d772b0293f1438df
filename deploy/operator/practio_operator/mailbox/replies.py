"""Answers of calendars to the entries in letters: METHOD:REPLY (RFC 5546, 3.2.3) by mail (RFC 6047). Pure.

Only answers to our entries count: the id of one is in the address of its organiser, to which calendars answer. Whether
it is also the right person, session and version is known to notifications (``notifications.report-reply.v1``).
"""

import email
import email.policy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid5

from icalendar import Calendar
from pydantic import ValidationError

from practio_contracts.notifications import ReplyMatched, ReportReply
from practio_contracts.rooms import AnswerSession

_NAMESPACE = UUID("2f4ac5f1-7d0e-5c2b-8f61-9c0e3c1f5a84")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_FORMS = ("text/calendar", "application/ics")
_COMING = {"ACCEPTED": "yes", "DECLINED": "no", "TENTATIVE": "maybe"}
"""What is an answer; not NEEDS-ACTION, nor DELEGATED, since nobody comes in another person's place."""

_RETURNED_TO = ("Delivered-To", "X-Original-To", "To")
_LONGEST_NOTE = 300
_MOST_CHARACTERS = 200_000
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What the library raises for what is no calendar; OverflowError for a date that no calendar has is among them."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: what is to be matched, and what it says; ``id`` is the same however often the mail is read."""

    id: UUID
    report: ReportReply
    coming: str
    note: str | None


def replies_in(content: bytes) -> list[Reply]:
    """Return the answers in a mail; none if it is no answer to an entry of ours. Each form of a mail says the same."""
    mail = email.message_from_bytes(content, policy=email.policy.default)
    for part in mail.walk():
        if part.get_content_type() in _FORMS and (found := list(_in_part(mail, part))):
            return found
    return []


def answer_of(reply: Reply, whose: ReplyMatched) -> AnswerSession:
    """Return the command for an answer; without a comment it states no note, so that one from the page stays."""
    about = {"room_id": whose.room_id, "session_id": whose.session_id, "person_id": whose.person_id}
    note = {} if reply.note is None else {"note": reply.note}
    return AnswerSession.model_validate(about | note | {"coming": reply.coming})


def _in_part(mail: Message, part: Message) -> Iterator[Reply]:
    try:
        calendar = Calendar.from_ical(_text(part))
        if str(calendar.get("METHOD", "")).upper() == "REPLY":
            for event in calendar.walk("VEVENT"):
                yield from _in_event(mail, event)
    except _UNREADABLE:
        return


def _text(part: Message) -> str:
    """Return what a part says, in its own encoding; lines end as RFC 5545 wants it."""
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)  # a part that is no calendar is not read
    try:
        written = payload.decode(str(part.get_param("charset") or "utf-8"))
    except (LookupError, UnicodeDecodeError):
        written = payload.decode("utf-8", errors="replace")
    return "\r\n".join(written.removeprefix("\ufeff").strip()[:_MOST_CHARACTERS].splitlines())


def _in_event(mail: Message, event: Any) -> Iterator[Reply]:
    reply_id, uid = _reply_id(mail, event), _UUID.fullmatch(str(event.get("UID", "")).strip())
    for attendee in _each(event.get("ATTENDEE")):
        coming = _COMING.get(str(attendee.params.get("PARTSTAT", "")).upper())
        if reply_id is None or coming is None:
            continue
        note = _note(event, attendee)
        try:
            report = ReportReply(
                reply_id=reply_id,
                session_id=UUID(uid[0]) if uid else UUID(int=0),  # another system's, which notifications refuses
                email=_address(attendee),
                sequence=int(event.get("SEQUENCE", 0)),
                replied_at=_written_at(event),
            )
        except ValidationError:
            continue
        identity = uuid5(_NAMESPACE, f"{report.model_dump_json()} {coming} {note}")
        yield Reply(identity, report, coming, note)
        return


def _reply_id(mail: Message, event: Any) -> UUID | None:
    """Return the id in the organiser's address, or in that to which the mail went."""
    places = [str(event.get("ORGANIZER", ""))]
    places += [str(value) for name in _RETURNED_TO for value in mail.get_all(name, [])]
    return next((UUID(found[0]) for place in places if (found := _UUID.search(place))), None)


def _address(attendee: Any) -> str:
    """Return the address of an attendee.

    Apple's calendars name people by paths or ids, and their address in EMAIL. SENT-BY is who answered for them.
    """
    scheme, _, address = str(attendee).strip().partition(":")
    return unquote(address).strip() if scheme.lower() == "mailto" else str(attendee.params.get("EMAIL", ""))


def _written_at(event: Any) -> datetime:
    """Return when an answer was given: DTSTAMP, which a message has to have; without an offset in UTC."""
    written: datetime = event["DTSTAMP"].dt
    return written if written.tzinfo else written.replace(tzinfo=UTC)


def _note(event: Any, attendee: Any) -> str | None:
    """Return what a person wrote beside their answer: COMMENT, or Google's parameter of the attendee."""
    written = [str(each) for each in _each(event.get("COMMENT"))] or [attendee.params.get("X-RESPONSE-COMMENT", "")]
    note = _CONTROL.sub(" ", " ".join(written)).strip()[:_LONGEST_NOTE].strip()
    return note or None


def _each(found: Any) -> Sequence[Any]:
    if found is None:
        return []
    return found if isinstance(found, list) else [found]
