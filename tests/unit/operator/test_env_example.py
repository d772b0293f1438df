"""`deploy/.env.example` lists the settings that the Compose files read from `.env`, with the actual defaults."""

import re
from pathlib import Path

from tests.support.every_case import every_case

DEPLOY = Path(__file__).parents[3] / "deploy"
EXAMPLE = (DEPLOY / ".env.example").read_text()
TAKEN = re.compile(r"\$\{(PRACTIO_\w+)(?::-([^}]*))?")
LISTED = re.compile(r"^(# )?(PRACTIO_\w+)=(.*)$", re.MULTILINE)
TOGETHER = (
    "compose.yaml",
    "compose.cluster.yaml",
    "compose.database-standby.yaml",
    "compose.production.yaml",
    "compose.production.cluster.yaml",
    "compose.production.database-standby.yaml",
    "compose.observability.yaml",
    "compose.production.observability.yaml",
)
"""The files that read the `.env` beside them; a service with its own Compose file has a table in deploy/README.md."""


def taken() -> set[tuple[str, str]]:
    return {found for name in TOGETHER for found in TAKEN.findall((DEPLOY / name).read_text())}


def test_the_example_lists_exactly_the_settings_of_the_compose_files() -> None:
    assert {name for _, name, _ in LISTED.findall(EXAMPLE)} == {name for name, _ in taken()}


@every_case(("name", "value"), [(name, value) for comment, name, value in LISTED.findall(EXAMPLE) if not comment])
def test_an_unchanged_copy_of_the_example_changes_nothing(name: str, value: str) -> None:
    assert {default for taken_name, default in taken() if taken_name == name} - {""} == {value}


def test_every_setting_is_explained() -> None:
    blocks = EXAMPLE.split("\n\n")
    assert [block for block in blocks if not re.match(r"# (?!PRACTIO_)", block)] == []
