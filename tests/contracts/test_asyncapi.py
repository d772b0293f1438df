"""asyncapi.yaml is valid by the AsyncAPI Initiative's own JSON Schema of 3.0."""

import json
import shutil
import subprocess
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from practio_contracts import schemas

pytestmark = pytest.mark.thorough  # it downloads the official schema, and `make test` downloads nothing

SPECS = "@asyncapi/specs@6"
DOCUMENT = schemas.FOLDER / "asyncapi.yaml"


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Draft7Validator:
    """Return the official schema, fetched by npm; a sentence says why it is not available."""
    if not shutil.which("npm"):
        pytest.skip("asyncapi.yaml was not held against the official schema: npm is missing (Debian package npm)")
    folder = tmp_path_factory.mktemp("specs")
    fetch = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", SPECS]
    fetched = subprocess.run(fetch, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    if fetched.returncode:
        pytest.skip(f"asyncapi.yaml was not checked against the official schema: npm printed {fetched.stderr[-200:]}")
    return Draft7Validator(json.loads((folder / "node_modules/@asyncapi/specs/schemas/3.0.0.json").read_text("utf-8")))


def faults(official: Draft7Validator, document: Any) -> list[str]:
    return [f"{'/'.join(map(str, each.path))}: {each.message[:200]}" for each in official.iter_errors(document)]


def read(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)


def test_the_document_fits_the_official_schema(official: Draft7Validator) -> None:
    assert faults(official, read(DOCUMENT.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("here", "wrong"),
    [
        ("action: receive", "action: take"),
        ("protocol: amqp", "protokoll: amqp"),
        ("is: routingKey", "is: routing"),
        ("title: Practio", "titel: Practio"),
    ],
)
def test_a_document_with_a_fault_does_not(official: Draft7Validator, here: str, wrong: str) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert here in text
    assert faults(official, read(text.replace(here, wrong)))
