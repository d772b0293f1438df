"""The rooms, memberships and people in the tables of all services, read page by page, without changing anything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from practio_contracts import membership
from practio_contracts.rooms import Room
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget

_ROOMS = "SELECT room_id FROM rooms.room WHERE room_id > $1 ORDER BY room_id LIMIT $2"
_RECEIVED_ROOMS = "SELECT room_id FROM membership.room WHERE room_id > $1 ORDER BY room_id LIMIT $2"

_LOST_ROOMS = """
SELECT coalesce(notified.snapshot, projected.snapshot::jsonb)::text AS snapshot
FROM membership.room AS projected FULL JOIN notifications.room AS notified USING (room_id)
WHERE room_id > $1 AND coalesce(notified.snapshot, projected.snapshot::jsonb) ->> 'status' <> 'draft'
  AND NOT EXISTS (SELECT FROM rooms.room AS owned WHERE owned.room_id = coalesce(notified.room_id, projected.room_id))
ORDER BY room_id LIMIT $2
"""
"""The snapshot of notifications comes first: it alone contains place and meeting URL."""

_MEMBERSHIPS = """
SELECT membership_id, room_id, person_id
FROM (
    (SELECT membership_id, room_id, person_id FROM membership.membership
     WHERE membership_id > $1 ORDER BY membership_id LIMIT $2)
    UNION
    (SELECT membership_id, room_id, person_id FROM rooms.presence
     WHERE membership_id > $1 ORDER BY membership_id LIMIT $2)
    UNION
    (SELECT membership_id, room_id, person_id FROM notifications.standing
     WHERE membership_id > $1 AND status <> 'withdrawn' ORDER BY membership_id LIMIT $2)
) AS known
ORDER BY membership_id LIMIT $2
"""

_ERASED = """
SELECT person_id
FROM (
    (SELECT person_id FROM notifications.contact
     WHERE person_id > $1 AND email IS NULL ORDER BY person_id LIMIT $2)
    UNION
    (SELECT person_id
     FROM (
         SELECT person_id FROM rooms.forgotten
         UNION SELECT person_id FROM membership.forgotten
         UNION SELECT person_id FROM notifications.forgotten
     ) AS known
     WHERE person_id > $1 AND NOT EXISTS (
         SELECT FROM notifications.contact AS contact WHERE contact.person_id = known.person_id AND email IS NOT NULL
     )
     ORDER BY person_id LIMIT $2)
) AS erased
ORDER BY person_id LIMIT $2
"""

_PERHAPS_ERASED = """
SELECT person_id FROM rooms.forgotten JOIN notifications.contact USING (person_id)
WHERE email IS NOT NULL
ORDER BY person_id
"""
"""Erased since the backup of notifications, or registered again by the directory: the tables cannot tell which."""

_OUTDATED_ROOMS = """
SELECT count(*)
FROM rooms.room AS owned
CROSS JOIN (SELECT coalesce(max(begins_at), 0) AS begins_at FROM rooms.numbering) AS numbering
LEFT JOIN membership.latest AS projected
    ON projected.source = '/practio/rooms' AND projected.subject = owned.room_id::text
LEFT JOIN notifications.latest AS notified
    ON notified.source = '/practio/rooms' AND notified.subject = owned.room_id::text
WHERE least(coalesce(projected.sequence, -1), coalesce(notified.sequence, -1))
    < numbering.begins_at + (owned.snapshot ->> 'version')::bigint
"""

_OUTDATED_MEMBERSHIPS = """
SELECT count(*)
FROM membership.membership AS owned
CROSS JOIN (SELECT coalesce(max(begins_at), 0) AS begins_at FROM membership.numbering) AS numbering
LEFT JOIN notifications.latest AS notified
    ON notified.source = '/practio/membership' AND notified.subject = owned.membership_id::text
WHERE coalesce(notified.sequence, -1) < numbering.begins_at + owned.version
"""

_OUTBOX = "SELECT count(*) FROM (SELECT FROM {service}.outbox LIMIT $1) AS first"

_COUNTS = """
SELECT (SELECT count(*) FROM rooms.room) AS rooms, (SELECT count(*) FROM membership.membership) AS memberships
"""

FIRST = UUID(int=0)


class AllSchemas:
    """The content of all schemas, on one connection."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def counts(self) -> tuple[int, int]:
        """Return the numbers of rooms and memberships."""
        row = await self._connection.fetchrow(_COUNTS)
        return row["rooms"], row["memberships"]

    async def erased(self, *, after: UUID, most: int) -> list[UUID]:
        """Return the next erased people, as far as any service still knows of the erasure."""
        return [row[0] for row in await self._connection.fetch(_ERASED, after, most)]

    async def perhaps_erased(self) -> list[UUID]:
        """Return the people whom rooms knows as erased, and whose address notifications has."""
        return [row[0] for row in await self._connection.fetch(_PERHAPS_ERASED)]

    async def lost_rooms(self, *, after: UUID, most: int) -> list[Room]:
        """Return the next rooms, except drafts, that other services know and rooms does not."""
        return [Room.model_validate_json(row[0]) for row in await self._connection.fetch(_LOST_ROOMS, after, most)]

    async def rooms(self, *, after: UUID, most: int) -> list[UUID]:
        """Return the next rooms of rooms."""
        return [row[0] for row in await self._connection.fetch(_ROOMS, after, most)]

    async def received_rooms(self, *, after: UUID, most: int) -> list[UUID]:
        """Return the next rooms of membership."""
        return [row[0] for row in await self._connection.fetch(_RECEIVED_ROOMS, after, most)]

    async def memberships(self, *, after: UUID, most: int) -> list[membership.KnownMembership]:
        """Return the next memberships that any service knows."""
        rows = await self._connection.fetch(_MEMBERSHIPS, after, most)
        return [membership.KnownMembership(**row) for row in rows]

    async def outbox(self, service: str, *, most: int) -> int:
        """Return how many events of a service are not yet published, at most ``most``."""
        return int(await self._connection.fetchval(_OUTBOX.format(service=service), most))

    async def outdated_rooms(self) -> int:
        """Return how many rooms membership or notifications know only in an older version."""
        return int(await self._connection.fetchval(_OUTDATED_ROOMS))

    async def outdated_memberships(self) -> int:
        """Return how many memberships notifications knows only in an older version."""
        return int(await self._connection.fetchval(_OUTDATED_MEMBERSHIPS))


@asynccontextmanager
async def read_schemas(target: ProvisionTarget) -> AsyncIterator[AllSchemas]:
    """Connect to the target's database. Raise OperatorError if anything fails."""
    async with administering(target) as connection:
        await connection.execute("SET default_transaction_read_only = on")
        yield AllSchemas(connection)
