"""The generated schemas and the AsyncAPI document: up to date, and equal to the contract."""

import json
import shutil
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ValidationError
from tests.contracts.made import values_in
from tests.support.every_case import every_case
from tests.support.kept import in_each_file
from tests.support.thorough import part

from practio_contracts import membership, schemas
from practio_contracts.catalogue import CATALOGUE, COMMANDS, DIRECTORY, EVENTS, QUERIES
from practio_contracts.message import Command, Event, Query, private_paths

ASYNCAPI = yaml.load((schemas.FOLDER / "asyncapi.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


MODULES = sorted(Path(schemas.__file__).parent.rglob("*.py"))


@cache
def published(key: str) -> dict[str, Any]:
    """Return the committed schema of a message, which is generated from its model, as a test shows."""
    schema: dict[str, Any] = json.loads((schemas.FOLDER / f"{key}.json").read_text(encoding="utf-8"))
    return schema


def test_the_committed_files_are_generated_from_the_models() -> None:
    """To generate them takes longer than all other tests here: `make test` does so if a file or a module changed."""
    document, *others = sorted(schemas.FOLDER.iterdir())
    versions = [version("pydantic"), version("pyyaml")]
    found = in_each_file(differences_from, [document], rules=[*others, *MODULES], versions=versions)
    assert found[document] == [], "run `make schemas`"


def differences_from(document: Path) -> list[str]:
    """Return how a document, and those beside it, differ from what is generated."""
    return list(schemas.differences(document.parent))


def test_every_differing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in schemas.FOLDER.iterdir()}
    monkeypatch.setattr(schemas, "documents", lambda: committed)
    folder = Path(shutil.copytree(schemas.FOLDER, tmp_path / "schemas"))
    (folder / "envelope.json").write_text("{}", encoding="utf-8")
    (folder / "people.person-erased.v1.json").unlink()
    (folder / "people.person-missed.v1.json").write_text("{}", encoding="utf-8")
    assert set(schemas.differences(folder)) == {
        "envelope.json differs",
        "people.person-erased.v1.json is missing",
        "people.person-missed.v1.json is of no message",
    }
    schemas.write_all(folder)
    assert list(schemas.differences(folder)) == []


VALID: set[str] = set()
"""Schemas that were found valid: most definitions are in many messages."""


def check_once(schema: dict[str, Any]) -> None:
    """Raise SchemaError unless a schema is valid."""
    text = json.dumps(schema)
    if text not in VALID:
        Draft202012Validator.check_schema(schema)
        VALID.add(text)


@every_case("key", part(CATALOGUE, of=3))
def test_a_schema_is_a_valid_json_schema(key: str) -> None:
    schema = published(key)
    for definition in schema.get("$defs", {}).values():
        check_once(definition)
    check_once({**schema, "$defs": {}})
    assert schema["$id"] == f"urn:practio:schema:{key}"


@every_case("key", [key for key, message in CATALOGUE.items() if issubclass(message, Event)])
def test_an_event_is_shown_without_private_fields_and_open_to_new_ones(key: str) -> None:
    schema = published(key)
    assert "x-private" not in dict(values_in(schema))
    assert "additionalProperties" not in schema
    if private_paths(CATALOGUE[key]):
        assert not {"place", "meeting_url", "reason"} & set(dict(values_in(schema.get("$defs", {}))))


@every_case("key", [key for key, each in CATALOGUE.items() if issubclass(each, (Command, Query))])
def test_a_command_or_a_query_allows_no_unknown_field_at_any_depth(key: str) -> None:
    schema = published(key)
    objects = [part for part in (schema, *schema.get("$defs", {}).values()) if "properties" in part]
    assert [part["title"] for part in objects if part.get("additionalProperties") is not False] == []


@every_case("key", [key for key, each in CATALOGUE.items() if issubclass(each, (Command, Query))])
def test_a_command_or_a_query_is_read_by_the_names_of_the_contract_alone_at_any_depth(key: str) -> None:
    faults = [
        f"{part.__name__} reads {name} beside {field.alias}"
        for part in models_in(CATALOGUE[key])
        for name, field in part.model_fields.items()
        if field.alias not in (None, name) and reads(part, name)
    ]
    assert faults == []


def models_in(of: Any) -> set[type[BaseModel]]:
    """Return the models in a model or a type, at every depth, itself included."""
    if not (isinstance(of, type) and issubclass(of, BaseModel)):
        return {model for part in get_args(of) for model in models_in(part)}
    return {of}.union(*(models_in(field.annotation) for field in of.model_fields.values()))


def reads(part: type[BaseModel], name: str) -> bool:
    """Return whether a part accepts a field of this name, whatever its value and the other fields are."""
    try:
        part.model_validate({name: None})
    except ValidationError as error:
        return not any(each["type"] == "extra_forbidden" for each in error.errors())
    return True


def test_refusals_list_their_codes() -> None:
    refused = published("membership.command-refused.v1")
    assert refused["properties"]["code"]["enum"] == sorted(membership.RefusalCode)


def exchanges_of(action: str) -> set[str]:
    """Return the exchanges of all operations that Practio does: ``send`` or ``receive``."""
    return {
        ASYNCAPI["channels"][key]["bindings"]["amqp"]["exchange"]["name"]
        for key, operation in ASYNCAPI["operations"].items()
        if operation["action"] == action
    }


def test_the_document_states_where_practio_receives_and_where_it_publishes() -> None:
    assert exchanges_of("receive") == {COMMANDS, QUERIES, DIRECTORY}
    assert exchanges_of("send") == {EVENTS}


def test_internal_messages_are_not_in_the_document() -> None:
    inside = {
        "membership.lapse-offer.v1",
        "membership.fill-seats.v1",
        "rooms.room-drafted.v1",
        "rooms.draft-discarded.v1",
        "rooms.sponsor-reported.v1",
    } | {key for key, message in CATALOGUE.items() if issubclass(message, Event) and message.discreet}
    assert "rooms.conduct-reported.v1" in inside
    assert not inside & set(ASYNCAPI["components"]["messages"])


def test_every_reference_of_the_document_resolves() -> None:
    for name, target in values_in(ASYNCAPI):
        if name == "$ref":
            assert found(target), target


def found(reference: str) -> Any:
    if reference.startswith("./"):
        return (schemas.FOLDER / reference).exists()
    node = ASYNCAPI
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    return node
