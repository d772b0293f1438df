"""What the sweep of a lonely membership finds, and what is lost for it."""

import json
from collections import Counter
from uuid import UUID

from tests.integration.membership.membership_service import Data, MembershipService, of_ourselves, of_room, people
from tests.support.stack.example_service import received
from tests.unit.membership.builders import HOST

from practio_chassis.context import ReceivedMessage
from practio_chassis.service import Running
from practio_contracts.catalogue import CATALOGUE
from practio_contracts.membership import Invite, Withdraw
from practio_contracts.message import InternalCommand, Message
from practio_contracts.rooms import Room, RoomCancelled, RoomStatus
from practio_membership.periodic.sweep import CHUNK, sweep_once

END = """UPDATE room SET snapshot = replace(snapshot, '"status":"published"', '"status":"archived"')"""
SEATS = "UPDATE room SET capacity = 9, most = 9, snapshot = jsonb_set(snapshot::jsonb, '{capacity}', '9')::text"
EXPIRIES = {"offered": "offer_expires_at", "invited": "invitation_expires_at", "requested": "request_expires_at"}


async def swept(membership: MembershipService, *, chunk: int = CHUNK) -> list[tuple[str, Data]]:
    """Let the sweep look once; return the commands that it sent, taken out of the outbox."""
    await membership.change("DELETE FROM outbox")
    count = await sweep_once(Running(membership.transaction.background, None), chunk=chunk)
    rows = await membership.rows("DELETE FROM outbox RETURNING routing_key, internal, id")
    assert len(rows) == count
    return [(row.routing_key, json.loads(row.internal)["data"]) for row in sorted(rows, key=lambda row: row.id)]


async def heal(membership: MembershipService, *, chunk: int = CHUNK) -> Counter[str]:
    """Sweep, and handle what was sent and what follows from it; return how many commands of each kind were sent."""
    commands = await swept(membership, chunk=chunk)
    await handle(membership, commands)
    return Counter(key.split(".")[1] for key, _ in commands)


async def handle(membership: MembershipService, commands: list[tuple[str, Data]]) -> None:
    while commands:
        await membership.change("DELETE FROM outbox")
        await membership.take(*(command(key, data) for key, data in commands))
        rows = await membership.rows("DELETE FROM outbox RETURNING routing_key, internal, id")
        internal = [row for row in rows if issubclass(CATALOGUE[row.routing_key], InternalCommand)]
        commands = [(row.routing_key, json.loads(row.internal)["data"]) for row in internal]


def command(key: str, data: Data) -> ReceivedMessage[Message]:
    message = CATALOGUE[key].model_validate(data)
    assert isinstance(message, InternalCommand)
    return of_ourselves(message)


async def lose_all_timers(membership: MembershipService) -> None:
    """Lose what would have acted: the timers, and the commands that are on their way."""
    await membership.change("DELETE FROM timer")
    await membership.change("DELETE FROM outbox")


async def expire(membership: MembershipService, status: str, *, minutes: int = 2) -> None:
    """Let everything in this status be overdue by some minutes."""
    await membership.change(
        f"UPDATE membership SET {EXPIRIES[status]} = now() - make_interval(mins => :minutes) WHERE status = :status",
        minutes=minutes,
        status=status,
    )


async def an_offer(membership: MembershipService) -> tuple[Room, UUID, UUID]:
    """Return a room of one seat that one was offered, and the other waits for."""
    room, [first, second, third] = await membership.publish(capacity=1), people(3)
    await membership.join(room, first, second, third)
    await membership.send(Withdraw(room_id=room.room_id, person_id=first), by=first)
    assert (await membership.statuses(room))[second] == "offered"
    return room, second, third


async def invited(membership: MembershipService, room: Room, *persons: UUID) -> None:
    await membership.take(*(received(Invite(room_id=room.room_id, person_id=each), actor=HOST) for each in persons))


async def cancel(membership: MembershipService, room: Room) -> None:
    over = room.model_copy(update={"version": room.version + 1, "status": RoomStatus.CANCELLED})
    await membership.take(of_room(RoomCancelled(room=over, reason="the host moved away")))
