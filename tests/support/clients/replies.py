"""Answers to calendar entries, as calendar programs mail them: made from the RFCs and their documented ways.

What differs is in ``calendars/``, one file a program, and here in the form of the mail: Google sends the answer twice,
as a form of the mail and as a file, in base64; Outlook as a form of it, in capitals or from the web without an
organiser; Apple as the only file, unencoded, and iCloud's people have paths for addresses (RFC 5545, 5546 and 6047;
MS-OXCICAL).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

FOLDER = Path(__file__).parent / "calendars"
PROGRAMS = sorted(file.stem for file in FOLDER.glob("*.ics"))
STAMP = datetime(2026, 3, 6, 8, 40, 55, tzinfo=UTC)

_LINE = 75
_ENCODINGS: Mapping[str, tuple[str, str]] = {
    "google": ("utf-8", "base64"),
    "outlook-desktop": ("iso-8859-1", "quoted-printable"),
    "outlook-web": ("utf-8", "base64"),
    "apple": ("utf-8", "8bit"),
    "icloud": ("utf-8", "7bit"),
}
"""Charset and transfer encoding of the calendar by program."""


def a_calendar_reply(
    program: str,
    *,
    organiser: str,
    uid: UUID | str,
    sequence: int,
    attendee: str = "ada@example.org",
    partstat: str = "ACCEPTED",
    comment: str = "",
    stamp: datetime = STAMP,
) -> bytes:
    """Return the mail with which a program answers an entry; ``organiser`` is the address that the entry names."""
    values = {
        "ORGANIZER": organiser,
        "UID": str(uid),
        "SEQUENCE": str(sequence),
        "ATTENDEE": attendee,
        "PARTSTAT": partstat,
        "COMMENT": comment,
        "STAMP": stamp.strftime("%Y%m%dT%H%M%SZ"),
    }
    calendar = (FOLDER / f"{program}.ics").read_text(encoding="utf-8")
    for name, value in values.items():
        calendar = calendar.replace(f"@{name}@", value)
    lines = [part for line in calendar.splitlines() for part in _folded(line)]
    return _mail(program, "\r\n".join(lines) + "\r\n", organiser, attendee).as_bytes()


def _folded(line: str) -> list[str]:
    """Return a content line as RFC 5545 (3.1) folds it, here between characters."""
    first, rest = line[:_LINE], line[_LINE:]
    return [first, *(f" {rest[start : start + _LINE - 1]}" for start in range(0, len(rest), _LINE - 1))]


def _mail(program: str, calendar: str, organiser: str, attendee: str) -> EmailMessage:
    charset, encoding = _ENCODINGS[program]
    mail = EmailMessage()
    mail["From"], mail["To"] = f"Ada Moretti <{attendee}>", organiser
    mail["Subject"] = "Accepted: Intervision for new school heads"
    mail["Message-ID"] = f"<{program}.reply@mail.example.net>"
    mail.set_content("Ada Moretti has answered the invitation.\n")
    if program in ("apple", "icloud"):
        mail.add_attachment(calendar, subtype="calendar", charset=charset, cte=_cte(encoding, calendar))
        [part] = [each for each in mail.walk() if each.get_content_type() == "text/calendar"]
        part.set_param("method", "REPLY")
        part.set_param("name", "iCal-20260306-094055.ics")
        return mail
    mail.add_alternative(calendar, subtype="calendar", charset=charset, cte=encoding, params={"method": "REPLY"})
    if program == "google":
        mail.add_attachment(calendar.encode(), maintype="application", subtype="ics", filename="invite.ics")
    return mail


def _cte(encoding: str, text: str) -> str:
    return encoding if text.isascii() or encoding == "8bit" else "quoted-printable"
