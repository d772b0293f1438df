"""The letters that reached the mail catcher: aiosmtpd's Maildir, or maildev over HTTP."""

import email
import email.policy
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import getaddresses
from mailbox import Maildir
from pathlib import Path
from typing import Any

import httpx

from practio_operator.console.errors import OperatorError


@dataclass(frozen=True, slots=True)
class ReadLetter:
    """A letter as a person sees it; ``text`` is its plain text."""

    sender: str
    to: str
    addresses: frozenset[str]
    subject: str
    text: str
    arrived: str


def read_letters(env: Mapping[str, str], addresses: set[str]) -> list[ReadLetter]:
    """Return the letters to these addresses, oldest first, from the mail catcher in ``.practio/env``.

    Raise OperatorError if the mail catcher does not answer.
    """
    folder, url = env.get("PRACTIO_MAIL_DIR"), env.get("PRACTIO_MAIL_HTTP")
    found = _from_maildir(Path(folder)) if folder else _from_maildev(str(url))
    return sorted((letter for letter in found if letter.addresses & addresses), key=lambda letter: letter.arrived)


def _from_maildir(folder: Path) -> list[ReadLetter]:
    letters = []
    for key, message in Maildir(folder, create=False).items():
        parsed = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
        body = parsed.get_body(("plain",))
        to = str(parsed["To"])
        letters.append(
            ReadLetter(
                sender=str(parsed["From"]),
                to=to,
                addresses=frozenset(address for _, address in getaddresses([to])),
                subject=str(parsed["Subject"]),
                text=body.get_content() if body else "",
                arrived=_arrival(key),
            )
        )
    return letters


def _arrival(key: str) -> str:
    """Return when a Maildir received a letter, from its name (seconds.Mmicroseconds…), as a sortable text."""
    seconds, _, rest = key.partition(".M")
    return f"{seconds}.{rest.partition('P')[0].zfill(6)}"


def _from_maildev(url: str) -> list[ReadLetter]:
    try:
        answer = httpx.get(f"{url}/email", timeout=10, trust_env=False)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise OperatorError(f"The mail catcher at {url} does not answer: {error}.") from None
    return [
        ReadLetter(
            sender=_format(letter["from"]),
            to=_format(letter["to"]),
            addresses=frozenset(each["address"] for each in letter["to"]),
            subject=letter["subject"],
            text=letter.get("text") or "",
            arrived=letter["time"],
        )
        for letter in answer.json()
    ]


def _format(people: list[dict[str, Any]]) -> str:
    return ", ".join(f"{each.get('name') or ''} <{each['address']}>".strip() for each in people)
