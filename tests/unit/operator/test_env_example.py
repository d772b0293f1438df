"""`deploy/.env.example` lists what the Compose files take from `.env`, with the defaults that hold."""

import re
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[3] / "deploy"
EXAMPLE = (DEPLOY / ".env.example").read_text()
TAKEN = re.compile(r"\$\{(PRACTIO_\w+)(?::-([^}]*))?")
LISTED = re.compile(r"^(# )?(PRACTIO_\w+)=(.*)$", re.MULTILINE)
TOGETHER = (
    "compose.yaml",
    "compose.cluster.yaml",
    "compose.production.yaml",
    "compose.production.cluster.yaml",
    "compose.observability.yaml",
    "compose.production.observability.yaml",
)
"""The files that read the `.env` beside them; a service alone has a table in deploy/README.md."""


def taken() -> set[tuple[str, str]]:
    return {found for name in TOGETHER for found in TAKEN.findall((DEPLOY / name).read_text())}


def test_it_lists_every_setting_that_the_compose_files_take_and_no_other() -> None:
    assert {name for _, name, _ in LISTED.findall(EXAMPLE)} == {name for name, _ in taken()}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for comment, name, value in LISTED.findall(EXAMPLE) if not comment]
)
def test_copied_and_left_as_it_is_it_changes_nothing(name: str, value: str) -> None:
    assert {default for taken_name, default in taken() if taken_name == name} - {""} == {value}


def test_every_setting_is_explained() -> None:
    blocks = EXAMPLE.split("\n\n")
    assert [block for block in blocks if not re.match(r"# (?!PRACTIO_)", block)] == []
