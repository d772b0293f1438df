"""The frozen examples: whatever the models become, these must be readable for ever."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from tests.contracts.envelopes import Data
from tests.support.every_case import every_case

from practio_contracts.catalogue import CATALOGUE
from practio_contracts.envelope import CONTENT_TYPE, Envelope, read, write

CONTRACTS = Path(__file__).parents[2] / "contracts"
STRUCTURED = sorted((CONTRACTS / "examples").glob("*.json"))
BINARY = sorted((CONTRACTS / "examples" / "binary").glob("*.json"))


def key_of(example: Path) -> str:
    """Return the routing key that an example's name begins with."""
    return ".".join(example.name.split(".")[:3])


def name_of(example: Path) -> str:
    return example.stem


def loaded(name: str) -> Data:
    schema: Data = json.loads((CONTRACTS / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    return schema


def faults_by(schema: Data, value: Any) -> list[str]:
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(value)]


def test_every_message_of_the_catalogue_has_an_example() -> None:
    assert {key_of(example) for example in STRUCTURED} == set(CATALOGUE)


@every_case("example", STRUCTURED, ids=name_of)
def test_an_example_is_read(example: Path) -> None:
    received = read(example.read_bytes(), routing_key=key_of(example), content_type=CONTENT_TYPE)
    assert isinstance(received, Envelope), received


@every_case("example", STRUCTURED, ids=name_of)
def test_an_example_fits_its_schemas(example: Path) -> None:
    envelope = json.loads(example.read_text(encoding="utf-8"))
    assert faults_by(loaded("envelope"), envelope) == []
    assert faults_by(loaded(key_of(example)), envelope["data"]) == []


@every_case("example", STRUCTURED, ids=name_of)
def test_no_field_of_an_example_is_lost(example: Path) -> None:
    received = read(example.read_bytes(), routing_key=key_of(example), content_type=CONTENT_TYPE)
    assert isinstance(received, Envelope)
    stated, kept = json.loads(example.read_text(encoding="utf-8")), json.loads(write(received))
    assert stated["data"] == shared(stated["data"], kept["data"])
    assert stated["subject"] == kept["subject"] if "subject" in stated else True


def shared(stated: Any, kept: Any) -> Any:
    """Return ``kept`` with the fields that ``stated`` has: defaults that were added meanwhile aside."""
    if isinstance(stated, dict) and isinstance(kept, dict):
        return {name: shared(stated[name], kept[name]) for name in stated if name in kept}
    if isinstance(stated, list) and isinstance(kept, list) and len(stated) == len(kept):
        return [shared(one, other) for one, other in zip(stated, kept, strict=True)]
    return kept


@every_case("example", BINARY, ids=name_of)
def test_an_example_in_binary_mode_is_read_as_the_structured_one(example: Path) -> None:
    binary = json.loads(example.read_text(encoding="utf-8"))
    key = key_of(example)
    received = read(
        json.dumps(binary["data"]).encode(),
        routing_key=key,
        content_type=binary["content_type"],
        headers=binary["headers"],
    )
    structured = (CONTRACTS / "examples" / example.name).read_bytes()
    assert received == read(structured, routing_key=key, content_type=CONTENT_TYPE)
