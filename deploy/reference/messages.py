"""Every message that outside systems meet, as the committed documents tell it: schemas, asyncapi.yaml, examples."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml
from deploy.reference.fields import Field, Schema, fields_of

from practio_contracts.catalogue import CATALOGUE
from practio_contracts.message import Event, private_paths, without_private

CONTRACTS = Path(__file__).parents[2] / "contracts"
REPLIES = "amq.rabbitmq.reply-to"
_KINDS = {
    "practio.commands": "command",
    "practio.queries": "query",
    "practio.directory": "fact of people",
    "practio.events": "fact",
    REPLIES: "answer",
}


@dataclass(frozen=True, slots=True)
class Described:
    """A message as a reader wants to know it; ``examples`` are whole envelopes by a name each."""

    key: str
    kind: str
    exchange: str
    summary: str
    required: tuple[str, ...]
    fields: tuple[Field, ...]
    answers: tuple[str, ...]
    examples: dict[str, str]

    @property
    def owner(self) -> str:
        """Give who takes or says it: the first part of its routing key."""
        return self.key.partition(".")[0]


def described(contracts: Path = CONTRACTS) -> list[Described]:
    """Give every message of ``asyncapi.yaml``, in its order."""
    document = yaml.safe_load((contracts / "schemas" / "asyncapi.yaml").read_text(encoding="utf-8"))
    return [_described(key, document, contracts) for key in document["components"]["messages"]]


def by_owner(messages: list[Described]) -> dict[str, list[Described]]:
    """Give the messages of each owner; within one, commands first, then queries, events and answers."""
    order = list(_KINDS)
    sorted_ = sorted(messages, key=lambda each: (each.owner, order.index(each.exchange)))
    return {owner: list(found) for owner, found in groupby(sorted_, key=lambda each: each.owner)}


def _described(key: str, document: dict[str, Any], contracts: Path) -> Described:
    message = document["components"]["messages"][key]
    channel = document["channels"].get(key)
    exchange = channel["bindings"]["amqp"]["exchange"]["name"] if channel else REPLIES
    return Described(
        key=key,
        kind=_KINDS[exchange],
        exchange=exchange,
        summary=message["summary"].replace("`", ""),
        required=tuple(message["payload"]["allOf"][1]["required"]),
        fields=tuple(fields_of(_schema(key, contracts))),
        answers=tuple(_answers(document["operations"].get(key, {}))),
        examples=_examples(key, contracts / "examples"),
    )


def _schema(key: str, contracts: Path) -> Schema:
    schema: Schema = json.loads((contracts / "schemas" / f"{key}.json").read_text(encoding="utf-8"))
    return schema


def _answers(operation: dict[str, Any]) -> Iterator[str]:
    for each in operation.get("reply", {}).get("messages", ()):
        yield each["$ref"].rpartition("/")[2]


def _examples(key: str, folder: Path) -> dict[str, str]:
    """Files are named by routing key, and by what they show where a message has several."""
    found = sorted(path for path in folder.glob(f"{key}*.json") if path.name[len(key)] == ".")
    return {path.stem.removeprefix(key).lstrip(".") or "example": _as_received(key, path) for path in found}


def _as_received(key: str, path: Path) -> str:
    """Leave out of an event what services alone read."""
    event = json.loads(path.read_text(encoding="utf-8"))
    message = CATALOGUE[key]
    if issubclass(message, Event) and private_paths(message):
        event["data"] = without_private(message.model_validate(event["data"]))
    return json.dumps(event, indent=2, ensure_ascii=False)
