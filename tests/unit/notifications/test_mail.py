"""A letter as mail, parsed back as a mail program would."""

import email
import re
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from typing import Any
from uuid import uuid4

import pytest
from email_validator import EmailNotValidError
from hypothesis import example, given
from hypothesis import strategies as some
from tests.support.every_case import every_case
from tests.unit.notifications.builders import NOW, a_contact

from practio_notifications.delivery.mail import AboutLetter, Mail, address_of, assemble
from practio_notifications.letters.kinds import KIND
from practio_notifications.rendering.encoding import encoded
from practio_notifications.rendering.mail_addresses import MailAddress
from practio_notifications.rendering.text import Rendered
from practio_notifications.rendering.wording import one_line

SENDER = MailAddress("Practio", "practio@rooms.example.org")


def a_mail(
    name: str = "Ada Moretti", *, subject: str = "Welcome", address: str = "ada@example.org", **ids: Any
) -> Mail:
    about = AboutLetter(
        **({"letter_id": uuid4(), "room_id": uuid4(), "member_id": uuid4()} | ids), kind=KIND["joined"], leaves_at=NOW
    )
    rendered = Rendered("en", subject, "Hello Ada,\nè bello.\n", "<p>Hello Ada,</p>")
    return assemble(encoded(rendered), about, reader=address_of(a_contact(name, email=address)), sender=SENDER)


def read(mail: Mail) -> EmailMessage:
    message = email.message_from_bytes(mail.content, policy=default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def reader_of(mail: Mail) -> tuple[str, str]:
    """Return name and address of the reader as RFC 2047 (6.2) has it: no space between adjacent encoded words.

    ``policy.default`` keeps that space in addresses.
    """
    written = re.sub(r"\r\n(?=[ \t])", "", str(email.message_from_bytes(mail.content)["To"]))
    name, address = parseaddr(written)
    assert [each.addr_spec for each in read(mail)["To"].addresses] == [address]
    return str(make_header(decode_header(name))), address


def test_a_mail_has_text_and_html() -> None:
    message = read(a_mail())
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert "è bello." in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_mail_is_marked_as_automatic() -> None:
    message = read(a_mail())
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Feedback-ID"] == "joined:transactional:practio"
    assert message["From"] == "Practio <practio@rooms.example.org>"


def test_each_attempt_has_the_same_message_id_and_date() -> None:
    ids: dict[str, Any] = {"letter_id": uuid4(), "room_id": uuid4(), "member_id": uuid4()}
    first, second = read(a_mail(**ids)), read(a_mail(**ids))
    assert first["Message-ID"] == second["Message-ID"] == f"<{ids['letter_id']}@rooms.example.org>"
    assert first["Date"] == second["Date"] == "Sun, 01 Mar 2026 18:00:00 +0000"


def test_letters_about_one_person_in_one_room_form_a_thread() -> None:
    way: dict[str, Any] = {"room_id": uuid4(), "member_id": uuid4()}
    first, second, other = read(a_mail(**way)), read(a_mail(**way)), read(a_mail())
    assert first["References"] == first["In-Reply-To"] == second["References"]
    assert first["References"] != other["References"]
    assert first["Message-ID"] != second["Message-ID"]


@every_case(
    "name",
    [
        "Ada Moretti",
        'Ada "the first" Moretti',
        "Moretti, Ada; <root@example.org>",
        "Åsa Ängström, Ph.D.",
        "山田 太郎",
        "مريم العلي",
        "Zoë 👩‍🏫 of a name so long that it has to be written in several encoded words, one after the other",
    ],
)
def test_a_name_arrives_unchanged(name: str) -> None:
    assert reader_of(a_mail(name)) == (name, "ada@example.org")


@some.composite
def addresses(draw: some.DrawFn) -> str:
    """Draw an address of 6 to 254 characters, with the marks that mail allows in it."""
    alphabet = "abcxyz0189!#$%&'*+-/=?^_{|}~"
    local = ".".join(draw(some.lists(some.text(alphabet, min_size=1, max_size=15), min_size=1, max_size=4)))
    labels = some.text("abcxyz019", min_size=1, max_size=60).map(lambda label: f"d{label}")
    return f"{local}@{'.'.join(draw(some.lists(labels, min_size=1, max_size=3)))}.org"[-254:]


SCRIPTS = "aeoZ ,;.:\"'\\()<>@[]=?_éßłñğ日本語山田アי שלוםمريم भारत ไทย한국어ελληνικά👩‍🏫🇮🇹—“”"
NAMES = some.one_of(some.text(min_size=1, max_size=250), some.text(SCRIPTS, min_size=1, max_size=250))


@given(name=NAMES, address=addresses())
@example(name="José García López", address="jose.garcia.lopez@ejemplo.es")
@example(name="José García López", address="jose.garcia.lopez.99@ejemplo.es")
@example(name="x" * 76, address="ada@example.org")
@example(name="x" * 199 + "y", address=f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.org")
@example(name="é" * 200, address="a@d.org")
@example(name="\u202bمريم\u202c", address="a@d.org")
@example(name=" ", address=f"ada@{'d' * 60}.d00.org")
@example(name=" ", address=f"ada@{'d' * 60}.d000.org")
def test_any_name_and_any_address_arrive_unchanged(name: str, address: str) -> None:
    mail = a_mail(name, address=address)
    assert reader_of(mail) == (one_line(name), address)
    lines = mail.content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert all(len(line) <= max(76, len(address) + len("To: ")) for line in lines if address.encode() in line)
    assert all(line.strip() for line in lines)


@every_case("typed", ["Ada\r\nBcc: all@example.org", "Ada\nSubject: other", "Ada\x00\x0b\u2028Moretti"])
def test_a_line_break_in_a_name_makes_no_header(typed: str) -> None:
    message = read(a_mail(typed))
    assert message["Bcc"] is None
    assert message.get_all("Subject") == ["Welcome"]
    assert len(message["To"].addresses) == 1


def test_a_typed_encoded_word_is_not_decoded() -> None:
    message = read(a_mail("=?utf-8?q?Bcc=3A_all?="))
    assert message["To"].addresses[0].display_name == "= ?utf-8?q?Bcc=3A_all?="


def test_the_envelope_names_only_the_reader() -> None:
    mail = a_mail("Moretti, Ada <root@example.org>")
    assert (mail.sender, mail.recipient) == ("practio@rooms.example.org", "ada@example.org")


def test_a_domain_in_another_script_is_written_in_ascii() -> None:
    assert a_mail(address="ada@bücher.example").recipient == "ada@xn--bcher-kva.example"


@every_case("address", ["ada@intranet.local", "ada@localhost", "ada@example.test"])
def test_intranet_addresses_are_accepted(address: str) -> None:
    assert a_mail(address=address).recipient == address


@every_case("address", ["ada@", "a da@example.org", "ada@exa mple.org", "ada@@example.org", "àda@example.org"])
def test_an_invalid_address_gets_no_letter(address: str) -> None:
    with pytest.raises(EmailNotValidError):
        a_mail(address=address)
