"""Subjects arrive as they were written, whatever characters a title has and wherever its line is folded."""

import email
import email.policy
from email.message import EmailMessage

import pytest

from practio_notifications.mailer.mail import SubjectPolicy

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
    "Tomás Herrera asks to join “{}”",
    "You are in: {}",
]


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_is_read_as_it_was_written(title: str, subject: str) -> None:
    message = EmailMessage(policy=SubjectPolicy(linesep="\r\n"))
    message["Subject"] = subject.format(title)
    sent = message.as_bytes()
    assert email.message_from_bytes(sent, policy=email.policy.default)["Subject"] == subject.format(title)
    assert max(map(len, sent.split(b"\r\n"))) < 200
