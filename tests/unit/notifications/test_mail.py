"""A letter as mail, parsed back as a mail program would."""

import email
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID, uuid4

import pytest
from email_validator import EmailNotValidError
from tests.unit.notifications.builders import NOW, a_contact

from practio_notifications.delivery.mail import About, Mail, address_of, assemble
from practio_notifications.letters.kinds import KIND
from practio_notifications.rendering.text import Rendered

SENDER = Address("Practio", addr_spec="practio@rooms.example.org")


def a_mail(
    name: str = "Ada Moretti", *, subject: str = "Welcome", address: str = "ada@example.org", **ids: Any
) -> Mail:
    about = About(
        **({"letter_id": uuid4(), "room_id": uuid4(), "member_id": uuid4()} | ids), kind=KIND["joined"], created_at=NOW
    )
    rendered = Rendered("en", subject, "Hello Ada,\nè bello.\n", "<p>Hello Ada,</p>")
    return assemble(rendered, about, reader=address_of(a_contact(name, email=address)), sender=SENDER)


def read(mail: Mail) -> EmailMessage:
    message = email.message_from_bytes(mail.content, policy=default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def test_a_mail_has_text_and_html() -> None:
    message = read(a_mail())
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert "è bello." in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_mail_says_that_no_person_sent_it() -> None:
    message = read(a_mail())
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Feedback-ID"] == "joined:transactional:practio"
    assert message["From"] == "Practio <practio@rooms.example.org>"


def test_each_attempt_has_the_same_message_id_and_date() -> None:
    ids = {"letter_id": uuid4(), "room_id": uuid4(), "member_id": uuid4()}
    first, second = read(a_mail(**ids)), read(a_mail(**ids))
    assert first["Message-ID"] == second["Message-ID"] == f"<{ids['letter_id']}@rooms.example.org>"
    assert first["Date"] == second["Date"] == "Sun, 01 Mar 2026 18:00:00 +0000"


def test_letters_about_one_way_in_one_room_form_a_thread() -> None:
    way: dict[str, UUID] = {"room_id": uuid4(), "member_id": uuid4()}
    first, second, other = read(a_mail(**way)), read(a_mail(**way)), read(a_mail())
    assert first["References"] == first["In-Reply-To"] == second["References"]
    assert first["References"] != other["References"]
    assert first["Message-ID"] != second["Message-ID"]


@pytest.mark.parametrize(
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
def test_a_name_arrives_as_it_was_told(name: str) -> None:
    [reader] = read(a_mail(name))["To"].addresses
    assert reader.addr_spec == "ada@example.org"
    assert reader.display_name == name


@pytest.mark.parametrize("typed", ["Ada\r\nBcc: all@example.org", "Ada\nSubject: other", "Ada\x00\x0b\u2028Moretti"])
def test_a_line_break_in_a_name_makes_no_header(typed: str) -> None:
    message = read(a_mail(typed))
    assert message["Bcc"] is None
    assert message.get_all("Subject") == ["Welcome"]
    assert len(message["To"].addresses) == 1


def test_an_encoded_word_that_somebody_typed_is_not_decoded() -> None:
    message = read(a_mail("=?utf-8?q?Bcc=3A_all?="))
    assert message["To"].addresses[0].display_name == "= ?utf-8?q?Bcc=3A_all?="


def test_the_envelope_names_the_reader_alone() -> None:
    mail = a_mail("Moretti, Ada <root@example.org>")
    assert (mail.sender, mail.recipient) == ("practio@rooms.example.org", "ada@example.org")


def test_a_domain_in_another_script_is_written_in_ascii() -> None:
    assert a_mail(address="ada@bücher.example").recipient == "ada@xn--bcher-kva.example"


@pytest.mark.parametrize("address", ["ada@intranet.local", "ada@localhost", "ada@example.test"])
def test_addresses_of_an_intranet_are_taken(address: str) -> None:
    assert a_mail(address=address).recipient == address


@pytest.mark.parametrize(
    "address", ["ada@", "a da@example.org", "ada@exa mple.org", "ada@@example.org", "àda@example.org"]
)
def test_what_is_no_address_is_not_written_to(address: str) -> None:
    with pytest.raises(EmailNotValidError):
        a_mail(address=address)
