"""The changes that a migration may make while the previous release works: only expand (CONTRIBUTING.md, Upgrades)."""

import re
from collections.abc import Iterator
from importlib.resources import files
from io import StringIO

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import Script, ScriptDirectory

_HARMLESS = (
    r"CREATE FUNCTION ",
    r"CREATE TABLE ",
    r"CREATE INDEX ",
    r"CREATE VIEW ",
    r"LOCK TABLE ",
    r"ALTER TABLE \w+ ADD COLUMN (?!.* NOT NULL)",
    r"ALTER TABLE \w+ ADD COLUMN .* (DEFAULT |GENERATED ALWAYS AS ).*",
    r"ALTER TABLE \w+ ALTER COLUMN \w+ SET DEFAULT ",
    r"ALTER TABLE \w+ (RE)?SET \(fillfactor",
    r"COMMENT ON ",
    r"UPDATE ",
)
_OF_A_TABLE = r"(CREATE UNIQUE INDEX \w+ ON|ALTER TABLE|INSERT INTO) (?P<table>\w+)"


def migrations_of(service: str) -> list[Script]:
    """Return a service's migrations, oldest first."""
    folder = str(files(f"practio_{service}") / "migrations")
    return list(reversed(list(ScriptDirectory(folder).walk_revisions())))


def statements_of(migration: Script) -> list[str]:
    """Return the SQL of a migration's upgrade, one statement per line; nothing is executed."""
    written = StringIO()
    offline = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written})
    with Operations.context(offline):
        migration.module.upgrade()
    parts = (" ".join(part.split()) for part in re.split(r";\s*(?:\n|$)", written.getvalue()))
    return [part for part in parts if part]


def not_expanding(statements: list[str]) -> Iterator[str]:
    """Yield the statements that could break the release before: it inserts and reads rows as it always did.

    A table of the same migration is not known to that release, so its own constraints and unique indexes are harmless.
    """
    own = {statement.split()[2] for statement in statements if statement.startswith("CREATE TABLE ")}
    for statement in statements:
        about = re.match(_OF_A_TABLE, statement)
        if not any(re.match(rule, statement) for rule in _HARMLESS) and not (about and about["table"] in own):
            yield statement
