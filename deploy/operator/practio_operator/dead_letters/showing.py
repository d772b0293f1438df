"""How a dead letter is shown to operators: what it is and why, and in full, with its texts masked."""

import re
from datetime import UTC, datetime
from typing import Any

from practio_operator.dead_letters.dead_letter import DeadLetter
from practio_operator.dead_letters.filter import age_of

MASK = "•••"
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def summary(letter: DeadLetter) -> dict[str, Any]:
    """Return what a dead letter is, why it is one, and since when."""
    return {
        "id": letter.id,
        "queue": letter.queue,
        "message": letter.routing_key,
        "reason": letter.reason,
        "detail": letter.detail,
        "died_at": letter.died_at,
        "age": age_of(letter.died_at, now=datetime.now(UTC)),
    }


def full(letter: DeadLetter, *, personal: bool) -> dict[str, Any]:
    """Return a dead letter with its body; unless ``personal``, texts are masked."""
    return summary(letter) | {"account": letter.account, "body": _body(letter, personal=personal)}


def _body(letter: DeadLetter, *, personal: bool) -> Any:
    content = letter.content
    if content is None:
        body = letter.message.body
        return body.decode(errors="replace") if personal else f"{len(body)} bytes that are not JSON"
    if personal:
        return content
    if not isinstance(content, dict):
        return masked(content)
    return content | {"data": masked(content["data"])} if "data" in content else content


def masked(value: Any) -> Any:
    """Return JSON values with every text masked except ids, which identify nobody without our own data."""
    match value:
        case dict():
            return {name: masked(each) for name, each in value.items()}
        case list():
            return [masked(each) for each in value]
        case str() if not _ID.fullmatch(value):
            return MASK
    return value
