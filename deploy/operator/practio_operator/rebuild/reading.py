"""What each service knows, read from the tables of all of them, a page at a time, without changing anything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from practio_contracts import membership
from practio_contracts.rooms import Room
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget

_ROOMS = "SELECT room_id FROM rooms.room WHERE room_id > $1 ORDER BY room_id LIMIT $2"
_HEARD_ROOMS = "SELECT room_id FROM membership.room WHERE room_id > $1 ORDER BY room_id LIMIT $2"

_LOST_ROOMS = """
SELECT coalesce(read.snapshot, heard.snapshot::jsonb)::text AS snapshot
FROM membership.room AS heard FULL JOIN notifications.room AS read USING (room_id)
WHERE room_id > $1 AND coalesce(read.snapshot, heard.snapshot::jsonb) ->> 'status' <> 'draft'
  AND NOT EXISTS (SELECT FROM rooms.room AS own WHERE own.room_id = coalesce(read.room_id, heard.room_id))
ORDER BY room_id LIMIT $2
"""
"""Notifications comes first: it alone knows place and link."""

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
    (SELECT person_id FROM rooms.forgotten AS known
     WHERE person_id > $1 AND NOT EXISTS (
         SELECT FROM notifications.contact AS told WHERE told.person_id = known.person_id AND email IS NOT NULL
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
"""Erased since the backup of notifications, or told again by the directory: nothing here says which."""

_UNHEARD_ROOMS = """
SELECT count(*)
FROM rooms.room AS own
CROSS JOIN (SELECT coalesce(max(begins_at), 0) AS begins_at FROM rooms.numbering) AS numbering
LEFT JOIN membership.latest AS heard ON heard.source = '/practio/rooms' AND heard.subject = own.room_id::text
LEFT JOIN notifications.latest AS read ON read.source = '/practio/rooms' AND read.subject = own.room_id::text
WHERE least(coalesce(heard.sequence, -1), coalesce(read.sequence, -1))
    < numbering.begins_at + (own.snapshot ->> 'version')::bigint
"""

_UNHEARD_MEMBERSHIPS = """
SELECT count(*)
FROM membership.membership AS own
CROSS JOIN (SELECT coalesce(max(begins_at), 0) AS begins_at FROM membership.numbering) AS numbering
LEFT JOIN notifications.latest AS read
    ON read.source = '/practio/membership' AND read.subject = own.membership_id::text
WHERE coalesce(read.sequence, -1) < numbering.begins_at + own.version
"""

_OUTBOX = "SELECT count(*) FROM (SELECT FROM {service}.outbox LIMIT $1) AS first"

_COUNTS = """
SELECT (SELECT count(*) FROM rooms.room) AS rooms, (SELECT count(*) FROM membership.membership) AS memberships
"""

FIRST = UUID(int=0)


class Known:
    """What is known in all schemas, by one connection."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def counts(self) -> tuple[int, int]:
        """Give how many rooms and memberships there are."""
        row = await self._connection.fetchrow(_COUNTS)
        return row["rooms"], row["memberships"]

    async def erased(self, *, after: UUID, most: int) -> list[UUID]:
        """Give the next people who were erased, as far as anybody knows it still."""
        return [row[0] for row in await self._connection.fetch(_ERASED, after, most)]

    async def perhaps_erased(self) -> list[UUID]:
        """Give whom rooms knows as erased, and whose address notifications has."""
        return [row[0] for row in await self._connection.fetch(_PERHAPS_ERASED)]

    async def lost_rooms(self, *, after: UUID, most: int) -> list[Room]:
        """Give the next rooms, drafts aside, that others were told of and that rooms does not know."""
        return [Room.model_validate_json(row[0]) for row in await self._connection.fetch(_LOST_ROOMS, after, most)]

    async def rooms(self, *, after: UUID, most: int) -> list[UUID]:
        """Give the next rooms of rooms."""
        return [row[0] for row in await self._connection.fetch(_ROOMS, after, most)]

    async def received_rooms(self, *, after: UUID, most: int) -> list[UUID]:
        """Give the next rooms of membership."""
        return [row[0] for row in await self._connection.fetch(_HEARD_ROOMS, after, most)]

    async def memberships(self, *, after: UUID, most: int) -> list[membership.KnownMembership]:
        """Give the next memberships that anybody knows of."""
        rows = await self._connection.fetch(_MEMBERSHIPS, after, most)
        return [membership.KnownMembership(**row) for row in rows]

    async def outbox(self, service: str, *, most: int) -> int:
        """Give how many events a service has decided and not yet said; of more than ``most`` only that many."""
        return int(await self._connection.fetchval(_OUTBOX.format(service=service), most))

    async def unheard_rooms(self) -> int:
        """Give how many rooms membership or notifications know only as they were before."""
        return int(await self._connection.fetchval(_UNHEARD_ROOMS))

    async def unheard_memberships(self) -> int:
        """Give how many memberships notifications knows only as they were before."""
        return int(await self._connection.fetchval(_UNHEARD_MEMBERSHIPS))


@asynccontextmanager
async def knowing(target: ProvisionTarget) -> AsyncIterator[Known]:
    """Connect to the target's database; what goes wrong is an OperatorError."""
    async with administering(target) as connection:
        await connection.execute("SET default_transaction_read_only = on")
        yield Known(connection)
