"""A message's fields as rows of a table, from its JSON Schema."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

_FORMATS = {"uuid": "UUID", "date-time": "instant, RFC 3339", "date": "date", "uri": "URL", "email": "mail address"}
_LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "length {} or more",
    "maxLength": "length {} or less",
    "minItems": "{} or more entries",
    "maxItems": "{} or fewer entries",
    "maxProperties": "{} or fewer entries",
    "pattern": "like {}",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its dotted path inside ``data`` (``[]`` marks lists), its type, and its limits."""

    path: str
    kind: str
    required: bool
    limits: str
    about: str


def fields_of(schema: Schema) -> list[Field]:
    """Return every field of a message, each followed by the fields of its parts."""
    return list(_fields(schema, schema.get("$defs", {}), path="", inside=()))


def _fields(part: Schema, parts: Schema, *, path: str, inside: tuple[str, ...]) -> Iterator[Field]:
    for name, stated in part.get("properties", {}).items():
        arms, full_path = list(_arms(stated, parts)), f"{path}{name}"
        yield Field(
            path=full_path,
            kind=" or ".join(dict.fromkeys(_kind(arm, parts) for arm in arms)),
            required=name in part.get("required", ()),
            limits="; ".join(dict.fromkeys(limit for arm in [*arms, stated] for limit in _limits(arm))),
            about=_plain(stated.get("description", "")),
        )
        for arm in arms:
            yield from _fields_within(arm, parts, path=full_path, inside=inside)


def _fields_within(arm: Schema, parts: Schema, *, path: str, inside: tuple[str, ...]) -> Iterator[Field]:
    """Yield the fields of objects and lists of objects, each type once: a part may contain itself."""
    if "items" in arm:
        for each in _arms(arm["items"], parts):
            yield from _fields_within(each, parts, path=f"{path}[]", inside=inside)
    elif "properties" in arm and arm.get("title", "") not in inside:
        yield from _fields(arm, parts, path=f"{path}.", inside=(*inside, arm.get("title", "")))


def _arms(stated: Schema, parts: Schema) -> Iterator[Schema]:
    if "$ref" in stated:
        yield from _arms(parts[stated["$ref"].rpartition("/")[2]], parts)
    elif "anyOf" in stated:
        for arm in stated["anyOf"]:
            yield from _arms(arm, parts)
    else:
        yield stated


def _kind(arm: Schema, parts: Schema) -> str:
    if "const" in arm:
        return json.dumps(arm["const"])
    if "enum" in arm:
        return "one of " + ", ".join(arm["enum"])
    if "items" in arm:
        return "list of " + " or ".join(_kind(each, parts) for each in _arms(arm["items"], parts))
    named = {"null": "null", "string": "text", "boolean": "true or false", "object": "object"}
    kind = arm.get("type", "anything")
    return _FORMATS.get(arm.get("format", "")) or str(named.get(kind, kind))


def _limits(arm: Schema) -> Iterator[str]:
    yield from (text.format(arm[key]) for key, text in _LIMITS.items() if key in arm)
    if arm.get("default") is not None:
        yield f"{json.dumps(arm['default'])} if it is not given"
    yield from (_limits(arm["items"]) if isinstance(arm.get("items"), dict) else ())


def _plain(text: str) -> str:
    return " ".join(text.replace("``", "").split())
