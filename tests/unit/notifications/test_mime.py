"""Parts of mail: typed text arrives unchanged, and no header becomes two."""

import email
from email.message import EmailMessage
from email.policy import default

import pytest
from tests.support.every_case import every_case

from practio_notifications.rendering import mime

TEXTS = [
    "From the beginning\n.\n..\nFrom the end\n",
    "a blank at the end \nand = and =3D and --=_boundary\n",
    "è bello, 日本語, مرحبا, 👩‍🏫\n",
    "x" * 2_000 + "\n",
]


def read(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


@every_case("text", TEXTS)
def test_text_arrives_as_it_was_written_in_lines_that_mail_allows(text: str) -> None:
    sent = mime.serialised(
        mime.multipart("alternative", "boundary", [mime.text("plain", text), mime.text("html", text)])
    )
    assert [part.get_content().replace("\r\n", "\n") for part in read(sent).iter_parts()] == [text, text]
    assert all(len(line) <= 76 and line.isascii() for line in sent.split(b"\r\n"))
    assert b"\n" not in sent.replace(b"\r\n", b"")


@every_case("text", TEXTS)
def test_text_that_is_encoded_line_by_line_is_the_same(text: str) -> None:
    assert b"".join(mime.quoted_printable(line) for line in text.splitlines(keepends=True)) == mime.quoted_printable(
        text
    )


def test_a_calendar_entry_arrives_byte_by_byte_with_its_method() -> None:
    content = "BEGIN:VCALENDAR\r\nSUMMARY:Überlegungen\r\nEND:VCALENDAR\r\n".encode()
    part = read(mime.serialised(mime.calendar(content, "CANCEL", "session-1.ics")))
    assert part.get_payload(decode=True) == content
    assert part.get_content_type() == "text/calendar"
    assert part["Content-Type"].params == {"charset": "utf-8", "method": "CANCEL"}
    assert part.get_filename() == "session-1.ics"


@every_case("value", ["a\nBcc: all@example.org", "a\r\nBcc: all@example.org", "a\rBcc: b", "a\n b"])
def test_a_header_injection_is_not_sent(value: str) -> None:
    with pytest.raises(ValueError, match="Subject"):
        mime.serialised(mime.text("plain", "Hello"), [("Subject", value)])
