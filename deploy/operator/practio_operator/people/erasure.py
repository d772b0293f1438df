"""Erasing a person, and ending an erasure: published as a directory does, then verified with every service."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from practio_contracts.catalogue import UNROUTED
from practio_contracts.client import Client
from practio_contracts.membership import ListMemberships
from practio_contracts.message import Query
from practio_contracts.notifications import GetPreferences
from practio_contracts.people import PersonErased, PersonRestored
from practio_contracts.rooms import SearchRooms
from practio_operator.console.errors import OperatorError
from practio_operator.dead_letters.queues import dead_letters
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.targets.connection import broker_connection

_PAUSE_SECONDS = 0.2
_ERASED = "person-erased"
_ALL_UNACKNOWLEDGED = 0  # the delivery tag for all messages (AMQP 0-9-1, basic.nack)


async def erase(client: Client, person: UUID, *, within: float) -> UUID:
    """Publish an erasure, and return its id once every service refuses the person. Raise OperatorError otherwise."""
    identity = await client.publish_event(PersonErased(person_id=person), sequence=1)
    await _until(client, person, erased=True, within=within)
    return identity


async def restore(client: Client, person: UUID, *, within: float) -> UUID:
    """Publish the end of an erasure, and return its id once no service refuses the person. Raise OperatorError."""
    identity = await client.publish_event(PersonRestored(person_id=person), sequence=1)
    await _until(client, person, erased=False, within=within)
    return identity


async def drop_dead_letters(target: ProvisionTarget, person: UUID, addresses: Sequence[str]) -> int:
    """Delete the dead letters that state a person's id or an address of theirs; return how many.

    The erasure itself is not among them, nor its end.
    """
    named = _words_of(person, addresses)
    dropped = 0
    async with dead_letters(target) as found:
        async for chunk in found.chunks():
            theirs = [
                each
                for each in chunk
                if _states(each.message.body, named)
                and each.routing_key not in (PersonErased.routing_key, PersonRestored.routing_key)
            ]
            await found.drop(theirs)
            dropped += len(theirs)
    return dropped


async def drop_unrouted(target: ProvisionTarget, person: UUID, addresses: Sequence[str]) -> int:
    """Delete the messages that no service consumes and that state a person's id or address; return how many."""
    named = _words_of(person, addresses)
    dropped = 0
    async with broker_connection(target.broker_url) as connection, connection.channel() as channel:
        queue = await channel.get_queue(UNROUTED, ensure=False)
        while (message := await queue.get(fail=False)) is not None:
            if _states(message.body, named):
                await message.ack()
                dropped += 1
        await (await channel.get_underlay_channel()).basic_nack(_ALL_UNACKNOWLEDGED, multiple=True, requeue=True)
    return dropped


def _words_of(person: UUID, addresses: Sequence[str]) -> Sequence[bytes]:
    return [each.encode() for each in (str(person), *addresses)]


def _states(body: bytes, words: Sequence[bytes]) -> bool:
    return any(word in body.lower() for word in words)


async def _until(client: Client, person: UUID, *, erased: bool, within: float) -> None:
    """Ask every service in the person's name until all refuse, or none does, because the person is erased."""
    queries: dict[str, Query] = {
        "rooms": SearchRooms(),
        "membership": ListMemberships(person_id=person),
        "notifications": GetPreferences(person_id=person),
    }
    deadline = asyncio.get_running_loop().time() + within
    while left := [name for name, query in queries.items() if await _is_erased(client, query, person) != erased]:
        if asyncio.get_running_loop().time() > deadline:
            raise OperatorError(_not_done(left, person, erased=erased))
        await asyncio.sleep(_PAUSE_SECONDS)


async def _is_erased(client: Client, query: Query, person: UUID) -> bool:
    return (await client.ask(query, actor=person)).code == _ERASED


def _not_done(services: Sequence[str], person: UUID, *, erased: bool) -> str:
    names = " and ".join(services)
    if erased:
        return (
            f"{names} did not erase {person} in time: check with `practio status` that all services run, and with "
            "`practio dead list` for dead letters; then run the command again."
        )
    return (
        f"{names} still refuses {person} as erased: check with `practio status` that all services run, and that no "
        "clock is behind; then run the command again."
    )
