"""Subjects arrive as they were written, with any characters and any folding."""

import email
import email.policy

from tests.support.every_case import every_case

from practio_notifications.rendering import mime

TITLES = [
    "heads of small schools",
    "a b c d e f g — h i j k l “m” n o p q r s t u v w x y z é è à",
    "日本語の部屋でありますように" * 4,
    "Überlegungen zur täglichen Praxis größerer Häuser",
    "x" * 150,
]
SUBJECTS = [
    "A seat for you in “Intervision for {}”: please answer",
    "You are on the waitlist for “{}”",
    "Tomás Herrera would like to join “{}”",
    "You are in: {}",
    "Souhaitez-vous devenir l’hôte de «\u00a0{}\u00a0»\u202f?",
]


@every_case("title", TITLES)
@every_case("subject", SUBJECTS)
def test_a_subject_is_read_as_it_was_written(title: str, subject: str) -> None:
    written = mime.header("Subject", subject.format(title))
    sent = mime.serialised(mime.text("plain", "Hello"), [("Subject", written)])
    assert email.message_from_bytes(sent, policy=email.policy.default)["Subject"] == subject.format(title)
    assert max(map(len, sent.split(b"\r\n"))) < 200
