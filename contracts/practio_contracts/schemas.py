"""JSON Schemas for outside systems, and asyncapi.yaml: ``python -m practio_contracts.schemas [--check]``.

A schema describes a message's ``data``; events are shown without their private fields, as outside systems receive them.
Fields with a default are not required, so that older messages stay valid.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from practio_contracts import membership, notifications, rooms
from practio_contracts.answers import Answer, CommandRefused
from practio_contracts.asyncapi import asyncapi
from practio_contracts.catalogue import CATALOGUE
from practio_contracts.envelope import Envelope
from practio_contracts.message import Event, Message

FOLDER = Path(__file__).parents[1] / "schemas"

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFUSAL_CODES: dict[str, type[StrEnum]] = {
    "rooms": rooms.RefusalCode,
    "membership": membership.RefusalCode,
    "notifications": notifications.RefusalCode,
}


_PUBLISHED_NAMES = {
    "KnownMembership": "Known",
    "MembershipReplayed": "MembershipSaidAgain",
    "ReplayMemberships": "SayMembershipsAgain",
    "ReplayRooms": "SayRoomsAgain",
    "RestoreRoom": "TakeRoomBack",
    "RoomReplayed": "RoomSaidAgain",
    "SessionReplayed": "SessionSaidAgain",
    "AccessInput": "WishedAccess",
    "GuidelinesInput": "WishedGuidelines",
    "QuestionInput": "WishedQuestion",
    "RoleInput": "WishedRole",
    "SponsorInput": "WishedSponsor",
    "WaitlistInput": "WishedWaitlist",
}
"""The titles in published schemas, and names under ``$defs``, of classes that have another name here."""


class _Plain(GenerateJsonSchema):
    """Leaves out titles that only repeat the names of fields, and keeps the names that are published."""

    def normalize_name(self, name: str) -> str:
        return super().normalize_name(_PUBLISHED_NAMES.get(name, name))

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        published = super().model_schema(schema)
        if "title" in published:
            published["title"] = _PUBLISHED_NAMES.get(published["title"], published["title"])
        return published

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema_of(message: type[Message]) -> Schema:
    """Return the JSON Schema of a message's ``data``; its ``$id`` is the envelope's ``dataschema``."""
    schema = message.model_json_schema(schema_generator=_Plain)
    if issubclass(message, Event):
        _drop_private(schema)
    if issubclass(message, (Answer, CommandRefused)):
        _list_codes(schema, _REFUSAL_CODES[message.owner()])
    return _with_id(schema, message.routing_key)


def envelope_schema() -> Schema:
    """Return the JSON Schema of the envelope, with any ``data``."""
    schema = Envelope.model_json_schema(schema_generator=_Plain)
    schema["required"] = ["specversion", *schema["required"]]
    schema["properties"]["type"]["pattern"] = r"^practio\.[a-z]+\.[a-z-]+\.v[0-9]+$"
    schema["properties"]["data"] = {"type": "object"}
    return _with_id(schema, "envelope")


def _with_id(schema: Schema, name: str) -> Schema:
    return {"$schema": _DIALECT, "$id": f"urn:practio:schema:{name}", **schema}


def _drop_private(schema: Schema) -> None:
    for part in (schema, *schema.get("$defs", {}).values()):
        fields = part.get("properties", {})
        for name in [name for name, field in fields.items() if field.get("x-private")]:
            del fields[name]


def _list_codes(schema: Schema, codes: type[StrEnum]) -> None:
    field = schema["properties"]["code"]
    text = next(arm for arm in field.get("anyOf", [field]) if arm["type"] == "string")
    text["enum"] = sorted(codes)


def documents() -> dict[str, str]:
    """Return every generated file's text by its name."""
    schemas = {"envelope": envelope_schema()} | {key: schema_of(message) for key, message in CATALOGUE.items()}
    texts = {
        f"{name}.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in schemas.items()
    }
    texts["asyncapi.yaml"] = yaml.dump(
        asyncapi(), Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=120
    )
    return texts


def differences(folder: Path) -> Iterator[str]:
    """Yield, for each file in ``folder``, how it differs from the models; nothing if all are current."""
    texts = documents()
    for name, text in texts.items():
        path = folder / name
        if not path.exists():
            yield f"{name} is missing"
        elif path.read_text(encoding="utf-8") != text:
            yield f"{name} differs"
    yield from (f"{path.name} is of no message" for path in sorted(folder.iterdir()) if path.name not in texts)


def write_all(folder: Path) -> None:
    """Write every file again and remove those of no message."""
    texts = documents()
    for path in folder.iterdir():
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or with ``--check`` list differences; return the exit code, 1 if there are any."""
    parser = argparse.ArgumentParser(prog="python -m practio_contracts.schemas", description="Write contracts/schemas.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and say what differs")
    if not parser.parse_args(arguments).check:
        FOLDER.mkdir(exist_ok=True)
        write_all(FOLDER)
        return 0
    found = list(differences(FOLDER))
    for difference in found:
        print(f"contracts/schemas: {difference}; `make schemas` writes it again", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
