"""Reports of letters that came back, as mail servers write them."""

from collections.abc import Sequence
from uuid import UUID

_HEADERS = "From: MAILER-DAEMON@mail.example.net\nTo: {to}\nMessage-ID: <{message_id}>\nSubject: Undelivered\n"
_PARTS = """MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="=_"

--=_
Content-Type: text/plain

It could not be delivered.

--=_
Content-Type: message/{kind}

{fields}

--=_
Content-Type: {returned_as}

From: Practio <practio@example.org>
To: Ada Moretti <{reader}>
Message-ID: <{letter_id}@example.org>
Subject: A seat is yours

--=_--
"""


def a_report(
    letter_id: UUID | str,
    reader: str = "ada@example.org",
    *,
    action: str = "failed",
    status: str = "5.1.1",
    to: str = "practio@example.org",
    message_id: str = "report-1@mail.example.net",
    recipient: Sequence[str] = (),
    returned_as: str = "message/rfc822",
) -> bytes:
    """Return a delivery status (RFC 3464) of a letter to ``reader``; ``recipient`` are the recipient's fields."""
    named = recipient or [f"Final-Recipient: rfc822; {reader}"]
    fields = "\n".join(["Reporting-MTA: dns; mail.example.net", "", *named, f"Action: {action}", f"Status: {status}"])
    return _report("delivery-status", fields, letter_id, reader, to, message_id, returned_as)


def a_complaint(letter_id: UUID | str, reader: str = "ada@example.org") -> bytes:
    """Return a complaint (RFC 5965) about a letter to ``reader``."""
    fields = "Feedback-Type: abuse\nUser-Agent: Mailer/1.0\nVersion: 1"
    return _report(
        "feedback-report", fields, letter_id, reader, "practio@example.org", "c@example.net", "message/rfc822"
    )


def _report(
    kind: str, fields: str, letter_id: UUID | str, reader: str, to: str, message_id: str, returned_as: str
) -> bytes:
    parts = _PARTS.format(kind=kind, fields=fields, reader=reader, letter_id=letter_id, returned_as=returned_as)
    return (_HEADERS.format(to=to, message_id=message_id) + parts).encode()
