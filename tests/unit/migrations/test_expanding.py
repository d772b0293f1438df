"""Every migration leaves the release before able to work, so that services are upgraded one by one."""

from tests.support.every_case import every_case
from tests.unit.migrations.expanding import migrations_of, not_expanding, statements_of

from practio_contracts.catalogue import SERVICES

UNRELEASED = "no release ever worked on the schema before it"
ONE_SUBJECT_AS_BEFORE = "the release before writes each retried command with one subject, and names no constraint"
EXCEPTIONS = {
    ("membership", "0002"): UNRELEASED,
    ("membership", "0015"): ONE_SUBJECT_AS_BEFORE,
    ("notifications", "0003"): UNRELEASED,
    ("notifications", "0005"): UNRELEASED,
    ("notifications", "0029"): ONE_SUBJECT_AS_BEFORE,
    ("rooms", "0004"): UNRELEASED,
    ("rooms", "0026"): ONE_SUBJECT_AS_BEFORE,
}
LATER = {(service, each.revision): each for service in SERVICES for each in migrations_of(service)[1:]}


@every_case("migration", LATER, ids="-".join)
def test_a_migration_after_the_first_only_expands_or_is_an_exception_with_a_reason(migration: tuple[str, str]) -> None:
    found = list(not_expanding(statements_of(LATER[migration])))
    assert bool(found) == (migration in EXCEPTIONS), found


def test_every_exception_names_an_existing_migration() -> None:
    assert set(EXCEPTIONS) <= set(LATER)


@every_case(
    "statement",
    [
        "DROP TABLE room",
        "DROP INDEX room_newest",
        "DELETE FROM room",
        "TRUNCATE room",
        "ALTER TABLE room DROP COLUMN title",
        "ALTER TABLE room RENAME TO place",
        "ALTER TABLE room RENAME title TO name",
        "ALTER TABLE room ALTER COLUMN title SET NOT NULL",
        "ALTER TABLE room ALTER COLUMN title DROP NOT NULL",
        "ALTER TABLE room ALTER COLUMN title DROP DEFAULT",
        "ALTER TABLE room ALTER COLUMN title TYPE INTEGER",
        "ALTER TABLE room ADD COLUMN title TEXT NOT NULL",
        "ALTER TABLE room ADD CONSTRAINT few CHECK (capacity < 9)",
        "CREATE UNIQUE INDEX room_once ON room (title)",
        "INSERT INTO room (title) VALUES ('')",
        "CREATE TRIGGER keep BEFORE UPDATE ON room EXECUTE FUNCTION keep()",
    ],
)
def test_a_statement_that_breaks_the_release_before_is_refused(statement: str) -> None:
    assert list(not_expanding(["CREATE TABLE other (id UUID NOT NULL)", statement])) == [statement]


@every_case(
    "statement",
    [
        "CREATE TABLE note (note_id UUID NOT NULL)",
        "CREATE INDEX room_by_title ON room (title)",
        "CREATE FUNCTION folded(typed text) RETURNS text LANGUAGE sql RETURN lower(typed)",
        "CREATE VIEW titled AS SELECT title FROM room",
        "ALTER TABLE room ADD COLUMN title TEXT",
        "ALTER TABLE room ADD COLUMN title TEXT DEFAULT '' NOT NULL",
        "ALTER TABLE room ALTER COLUMN title SET DEFAULT ''",
        "ALTER TABLE other ADD CONSTRAINT few CHECK (capacity < 9)",
        "CREATE UNIQUE INDEX other_once ON other (title)",
        "INSERT INTO other (id) SELECT room_id FROM room",
        "UPDATE room SET title = ''",
    ],
)
def test_a_statement_invisible_to_the_release_before_passes(statement: str) -> None:
    assert list(not_expanding(["CREATE TABLE other (id UUID NOT NULL)", statement])) == []
