"""The inbox: messages that were handled before keep the answer of the first time.

Fields of an answer that echo what the command states, such as an address that somebody typed, are not stored: a
repetition states them again.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Table, select

from practio_chassis.context import Admitted, Key, ReceivedMessage
from practio_chassis.database.sql import among_rows, lists_of
from practio_contracts.answers import FieldError, Refusal
from practio_contracts.message import echoed_fields

_KEY = ("account", "source", "id")

ID_OF_EVENT = Refusal(
    code="invalid",
    detail="this id was used for an event: give each message of a source an id of its own",
    errors=(FieldError(field="id", message="was used for an event of this source"),),
)


def key_of(message: Admitted) -> Key:
    """Return a message's idempotency key: account, source and id.

    An invalid message without a usable id has an empty one: it shares its key with no other of its batch, and is not
    stored in the inbox.
    """
    if isinstance(message, ReceivedMessage):
        return message.key
    source, identity = message.attributes.get("source"), message.attributes.get("id")
    if isinstance(source, str) and 0 < len(source) <= 500 and "\x00" not in source and _is_uuid(identity):
        return message.account or "", source, str(UUID(identity))
    return f"{id(message)}", "", ""


def without_repetitions(batch: Sequence[Admitted]) -> list[Admitted]:
    """Return the messages of a batch in order, each key once."""
    firsts: dict[Key, Admitted] = {}
    for each in batch:
        firsts.setdefault(key_of(each), each)
    return list(firsts.values())


def keys_of(batch: Sequence[Admitted]) -> dict[str, list[str]]:
    """Return the parameters of ``stored_answers``."""
    return lists_of(_KEY, {key_of(each) for each in batch})


def stored_answers(inbox: Table) -> Select[Any]:
    """Return the query of the answers of those messages of a batch that were handled before, by their keys."""
    columns = [inbox.c[name] for name in _KEY]
    return select(*columns, inbox.c.answer).where(among_rows(columns, _KEY))


def answers_in(rows: Sequence[Row[Any]], batch: Sequence[Admitted]) -> dict[Key, bytes | None]:
    """Return the answers that ``stored_answers`` found, by key; None for a message without an answer."""
    messages = {key_of(each): each for each in batch}
    stored = {(row.account, row.source, row.id): row.answer for row in rows}
    return {key: with_echoes(answer, messages[key]) for key, answer in stored.items()}


def without_echoes(answer: bytes | None, message: Admitted) -> bytes | None:
    """Return an answer to be stored: its state without the fields that echo the command."""
    return _with_state(answer, message, lambda _: None)


def with_echoes(answer: bytes | None, message: Admitted) -> bytes | None:
    """Return a stored answer with the fields that echo the command, which the repetition states again."""
    return _with_state(answer, message, lambda stated: stated)


def _with_state(answer: bytes | None, message: Admitted, value_of: Callable[[Any], Any]) -> bytes | None:
    if (
        answer is None
        or not isinstance(message, ReceivedMessage)
        or not (names := echoed_fields(type(message.message)))
    ):
        return answer
    envelope = json.loads(answer)
    state = envelope["data"].get("state")
    if not state:
        return answer
    stated = message.message.model_dump(mode="json")
    state |= {name: value_of(stated[name]) for name in names if name in state}
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()


def _is_uuid(identity: object) -> bool:
    if not isinstance(identity, str):
        return False
    try:
        UUID(identity)
    except ValueError:
        return False
    return True
