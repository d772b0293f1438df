"""The mail catcher of a stack in containers, read over HTTP."""

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import httpx
from tests.support.stack.mailbox import ReceivedLetter


@dataclass(frozen=True)
class MailCatcher:
    """Maildev at ``url``; ``letters`` are asked for again each time, in order of arrival, without their bodies."""

    url: str

    @property
    def letters(self) -> list[ReceivedLetter]:
        """Return every letter that was caught, once for each recipient."""
        answer = httpx.get(f"{self.url}/email", timeout=30, trust_env=False)
        return [
            ReceivedLetter(to["address"], _headers(caught))
            for caught in answer.json()
            for to in caught["envelope"]["to"]
        ]


def _headers(caught: dict[str, Any]) -> EmailMessage:
    message = EmailMessage()
    for name in ("Message-ID", "Feedback-ID", "Subject"):
        message[name] = caught["headers"][name.lower()]
    return message
