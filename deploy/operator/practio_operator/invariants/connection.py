"""The connection of the checks: an administrator's, but read-only, and with bounded statements."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg

from practio_chassis.database.hosts import Hosts
from practio_operator.console.errors import NotCheckedError
from practio_operator.provisioning.target import ProvisionTarget

_SETTINGS = {
    "application_name": "practio-invariants",
    "statement_timeout": "300s",
    "work_mem": "64MB",
    "max_parallel_workers_per_gather": "0",  # a container has little shared memory, and the services need the cores
    "timezone": "UTC",
}

COLUMNS_READ: Mapping[str, Sequence[str]] = {
    "membership.room": (
        *("room_id", "snapshot", "capacity", "taken", "held", "waiting", "pending", "by_role", "beyond", "most"),
        *("last_number", "told"),
    ),
    "membership.membership": (
        *("membership_id", "room_id", "person_id", "status", "version", "number", "wishes", "role", "set_aside"),
        *("offer_expires_at", "invitation_expires_at", "request_expires_at", "over_capacity", "barred"),
    ),
    "membership.overdue_membership": ("membership_id", "room_id", "person_id", "status", "due_at"),
    "membership.place_to_give_up": ("room_id", "person_id", "membership_id", "to_room_id", "seated_at"),
    "membership.buddy": ("room_id", "person_id", "buddy_id"),
    "membership.room_to_fill": ("room_id", "capacity", "used"),
    "membership.room_to_end": ("room_id", "status"),
    "membership.history": ("id", "membership_id", "room_id", "person_id", "from_status", "to_status"),
    "membership.numbering": ("begins_at",),
    "membership.timer": ("key", "due_at", "data"),
    "rooms.room": ("room_id", "status", "seats_free", "waiting"),
    "rooms.latest": ("source", "subject", "sequence"),
}
"""The columns that the checks read, by table or view."""

_MISSING_COLUMNS = """
SELECT place || '.' || name
FROM unnest($1::text[], $2::text[]) AS needed (place, name)
WHERE NOT EXISTS (
    SELECT FROM pg_attribute WHERE attrelid = to_regclass(place) AND attname = name AND NOT attisdropped
)
"""


@asynccontextmanager
async def read_only_connection(target: ProvisionTarget) -> AsyncIterator[asyncpg.Connection]:
    """Connect to the target's database, which must have all tables. Raise NotCheckedError if anything fails."""
    place = urlsplit(target.database_url).netloc.rpartition("@")[2]
    try:
        connection = await Hosts(target.database_url).connect(
            database=target.database, timeout=10, server_settings=_SETTINGS
        )
        try:
            # Not one of the settings: with it, no server of several would count as one to be written on.
            await connection.execute("SET default_transaction_read_only = on")
            await _ensure_complete(connection, f"{target.database} at {place}")
            yield connection
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = str(error) or type(error).__name__
        raise NotCheckedError(f"The database at {place} cannot be checked: {reason}.") from error


async def _ensure_complete(connection: asyncpg.Connection, name: str) -> None:
    columns = [(place, column) for place, needed in COLUMNS_READ.items() for column in needed]
    rows = await connection.fetch(_MISSING_COLUMNS, *map(list, zip(*columns, strict=True)))
    if rows:
        more = f" and {len(rows) - 1} more columns" if len(rows) > 1 else ""
        raise NotCheckedError(
            f"The database {name} has no {rows[0][0]}{more}: its schemas are missing or from another release. "
            "Run `practio provision --migrate` to bring them up to date."
        )
