"""The database, read as an administrator who cannot change anything: one snapshot per look, and bounded statements."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg

from practio_operator.errors import NotCheckedError
from practio_operator.provisioning.target import ProvisionTarget

_SETTINGS = {
    "application_name": "practio-invariants",
    "default_transaction_read_only": "on",
    "statement_timeout": "300s",
    "work_mem": "64MB",
    "max_parallel_workers_per_gather": "0",  # a container has little shared memory, and the services need the cores
    "timezone": "UTC",
}

NEEDED: Mapping[str, Sequence[str]] = {
    "membership.room": (
        *("room_id", "snapshot", "capacity", "taken", "held", "waiting", "pending", "by_role", "beyond", "most"),
        *("last_number", "told"),
    ),
    "membership.membership": (
        *("membership_id", "room_id", "person_id", "status", "version", "number", "wishes", "role", "set_aside"),
        *("offer_expires_at", "invitation_expires_at", "over_capacity", "barred"),
    ),
    "membership.history": ("id", "membership_id", "room_id", "person_id", "from_status", "to_status"),
    "membership.numbering": ("begins_at",),
    "membership.timer": ("key", "due_at", "data"),
    "rooms.room": ("room_id", "status", "seats_free", "waiting"),
    "rooms.latest": ("source", "subject", "sequence"),
}
"""The columns that the checks read, by table."""

_LACKING = """
SELECT place || '.' || name
FROM unnest($1::text[], $2::text[]) AS needed (place, name)
WHERE NOT EXISTS (
    SELECT FROM pg_attribute WHERE attrelid = to_regclass(place) AND attname = name AND NOT attisdropped
)
"""


@asynccontextmanager
async def reading(target: ProvisionTarget) -> AsyncIterator[asyncpg.Connection]:
    """Connect to the target's database, which must have all tables; any failure is a NotCheckedError."""
    place = urlsplit(target.database_url).netloc.rpartition("@")[2]
    try:
        connection = await asyncpg.connect(
            target.database_url, database=target.database, timeout=10, server_settings=_SETTINGS
        )
        try:
            await _ensure_complete(connection, f"{target.database} at {place}")
            yield connection
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = str(error) or type(error).__name__
        raise NotCheckedError(f"The database at {place} cannot be checked: {reason}.") from error


async def _ensure_complete(connection: asyncpg.Connection, name: str) -> None:
    columns = [(place, column) for place, needed in NEEDED.items() for column in needed]
    rows = await connection.fetch(_LACKING, *map(list, zip(*columns, strict=True)))
    if rows:
        more = f" and {len(rows) - 1} more columns" if len(rows) > 1 else ""
        raise NotCheckedError(
            f"The database {name} lacks {rows[0][0]}{more}: its schemas are missing or of another release; "
            "`practio provision --migrate` brings them up to date."
        )
