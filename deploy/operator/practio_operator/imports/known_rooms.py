"""The rooms of a file of members: known to all services, or not yet."""

import asyncio
from uuid import UUID

from practio_contracts.client import Client
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import GetRoster
from practio_contracts.message import Query
from practio_contracts.notifications import NamePeople
from practio_contracts.rooms import GetRoom, Room, RoomResult

TRIES = 40
"""How often a service is asked for a room that it may learn of in a moment."""

_PAUSE_SECONDS = 0.25


async def room_of(client: Client, room_id: UUID) -> Room | None:
    """Return a room; None for drafts and unknown ones. Raise ClientError if the broker fails."""
    answer = await client.ask(GetRoom(room_id=room_id), actor=SYSTEM)
    return RoomResult.model_validate(answer.result).room if answer.result else None


async def host_once_known(client: Client, room_id: UUID) -> UUID | None:
    """Return the host of a room, once membership and notifications know the room; None if there is no such room.

    A room that was imported just now takes them a moment. Raise ClientError if the broker fails.
    """
    room = await room_of(client, room_id)
    if room is None:
        return None
    queries: tuple[Query, ...] = (
        GetRoster(room_id=room_id, limit=1),
        NamePeople(room_id=room_id, person_ids=[room.host_id]),
    )
    for query in queries:
        for _ in range(TRIES):
            if (await client.ask(query, actor=SYSTEM)).result is not None:
                break
            await asyncio.sleep(_PAUSE_SECONDS)
    return room.host_id
