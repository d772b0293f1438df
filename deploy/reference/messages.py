"""Every message for outside systems, from the committed documents: schemas, asyncapi.yaml, examples."""

import json
from collections.abc import Iterator, Sequence
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
    "practio.directory": "event of people",
    "practio.events": "event",
    REPLIES: "answer",
}


@dataclass(frozen=True, slots=True)
class DescribedMessage:
    """A message with everything that a reader needs; ``examples`` has complete envelopes by name."""

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
        """Return the owner: the first part of its routing key."""
        return self.key.partition(".")[0]


def described(contracts: Path = CONTRACTS) -> list[DescribedMessage]:
    """Return every message of ``asyncapi.yaml``, in its order."""
    text = (contracts / "schemas" / "asyncapi.yaml").read_text(encoding="utf-8")
    document = yaml.load(text, Loader=yaml.CSafeLoader)
    return [_described(key, document, contracts) for key in document["components"]["messages"]]


def by_owner(messages: Sequence[DescribedMessage]) -> dict[str, list[DescribedMessage]]:
    """Return the messages of each owner; commands first, then queries, events and answers."""
    order = list(_KINDS)
    sorted_ = sorted(messages, key=lambda each: (each.owner, order.index(each.exchange)))
    return {owner: list(found) for owner, found in groupby(sorted_, key=lambda each: each.owner)}


def _described(key: str, document: dict[str, Any], contracts: Path) -> DescribedMessage:
    message = document["components"]["messages"][key]
    channel = document["channels"].get(key)
    exchange = channel["bindings"]["amqp"]["exchange"]["name"] if channel else REPLIES
    return DescribedMessage(
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
    """Return the examples by name; a file has the routing key as its name, and a variant if a message has several."""
    found = sorted(path for path in folder.glob(f"{key}*.json") if path.name[len(key)] == ".")
    return {path.stem.removeprefix(key).lstrip(".") or "example": _as_received(key, path) for path in found}


def _as_received(key: str, path: Path) -> str:
    """Return an example without the fields that only services read."""
    event = json.loads(path.read_text(encoding="utf-8"))
    message = CATALOGUE[key]
    if issubclass(message, Event) and private_paths(message):
        event["data"] = without_private(message.model_validate(event["data"]))
    return json.dumps(event, indent=2, ensure_ascii=False)
