"""The course of a rebuild: who was erased, then rooms, then, once those are heard, memberships.

A page at a time, each answered before the next is asked for, and none while the outbox of who speaks is long: what else
it has to say waits behind that, and with an old outbox it is not ready. So neither a transaction nor an outbox is ever
long, and no more than a page is in our memory, but for the ids of what was lost. Who speaks does so under the numbers
that its events have: where others know them already, they hear nothing new, so that a rebuild may be run at any time,
and again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from practio_contracts.answers import CommandRefused
from practio_contracts.client import Client
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import MembershipsReplayed, ReplayMemberships
from practio_contracts.message import Command
from practio_contracts.people import PersonErased
from practio_contracts.rooms import ReplayRooms, RestoreRoom
from practio_operator.errors import OperatorError
from practio_operator.rebuild.reading import FIRST, Known

PEOPLE_AT_ONCE = 200
LOST_ROOMS_AT_ONCE = 200
ROOMS_AT_ONCE = 50
MEMBERSHIPS_AT_ONCE = 200
PAUSE_SECONDS = 0.5
LONG_OUTBOX = 500
OUTBOX_PAUSE_SECONDS = 0.05

Heed = Callable[[str, int], None]
"""Takes what is said again by now, and how many more of it were."""


@dataclass
class Rebuilt:
    """What a rebuild did: ``taken_back`` are rooms that rooms had lost, ``gone`` memberships that membership has.

    ``perhaps_erased`` are people whom rooms knows as erased, and whose address notifications has.
    """

    erased: int = 0
    rooms: int = 0
    memberships: int = 0
    taken_back: list[UUID] = field(default_factory=list)
    gone: list[UUID] = field(default_factory=list)
    perhaps_erased: list[UUID] = field(default_factory=list)


async def rebuild(
    client: Client, known: Known, speakers: Sequence[str], *, wait_seconds: float, heed: Heed = lambda *_: None
) -> Rebuilt:
    """Have the ``speakers``, rooms or membership or both, say again what they know; wait until it is heard.

    Raises OperatorError where a command is refused, or what was said is not heard though nothing has moved for
    ``wait_seconds``; ClientError where the broker does not take or answer it.
    """
    rebuilt = Rebuilt(perhaps_erased=await known.perhaps_erased())
    await _erasures(client, known, rebuilt)
    if "rooms" in speakers:
        await _lost_rooms(client, known, rebuilt, wait_seconds)
        await _rooms(client, known, rebuilt, heed, wait_seconds)
        await _received(known.unheard_rooms, "rooms", wait_seconds)
    if "membership" in speakers:
        await _occupancies(client, known, wait_seconds)
        await _memberships(client, known, rebuilt, heed, wait_seconds)
        await _received(known.unheard_memberships, "memberships", wait_seconds)
    return rebuilt


async def _erasures(client: Client, known: Known, rebuilt: Rebuilt) -> None:
    after = FIRST
    while page := await known.erased(after=after, most=PEOPLE_AT_ONCE):
        await asyncio.gather(*(client.publish_event(PersonErased(person_id=each), sequence=1) for each in page))
        rebuilt.erased += len(page)
        after = page[-1]


async def _lost_rooms(client: Client, known: Known, rebuilt: Rebuilt, wait_seconds: float) -> None:
    after = FIRST
    while page := await known.lost_rooms(after=after, most=LOST_ROOMS_AT_ONCE):
        for room in page:
            await _said(client, RestoreRoom(snapshot=room.model_dump_json()), wait_seconds)
            rebuilt.taken_back.append(room.room_id)
        after = page[-1].room_id


async def _rooms(client: Client, known: Known, rebuilt: Rebuilt, heed: Heed, wait_seconds: float) -> None:
    after = FIRST
    while page := await known.rooms(after=after, most=ROOMS_AT_ONCE):
        await _said(client, ReplayRooms(room_ids=page), wait_seconds)
        await _gone_out(known, "rooms", wait_seconds)
        rebuilt.rooms += len(page)
        heed("rooms", len(page))
        after = page[-1]


async def _occupancies(client: Client, known: Known, wait_seconds: float) -> None:
    after = FIRST
    while page := await known.received_rooms(after=after, most=ROOMS_AT_ONCE):
        await _said(client, ReplayMemberships(room_ids=page), wait_seconds)
        await _gone_out(known, "membership", wait_seconds)
        after = page[-1]


async def _memberships(client: Client, known: Known, rebuilt: Rebuilt, heed: Heed, wait_seconds: float) -> None:
    after = FIRST
    while page := await known.memberships(after=after, most=MEMBERSHIPS_AT_ONCE):
        state = await _said(client, ReplayMemberships(memberships=page), wait_seconds)
        await _gone_out(known, "membership", wait_seconds)
        told = MembershipsReplayed.model_validate(state)
        rebuilt.memberships += told.memberships
        rebuilt.gone += told.gone
        heed("memberships", len(page))
        after = page[-1].membership_id


async def _said(client: Client, command: Command, wait_seconds: float) -> object:
    answer = await client.send(command, actor=SYSTEM, within=wait_seconds)
    if isinstance(answer, CommandRefused):
        raise OperatorError(f"{command.routing_key} was refused: {answer.code}: {answer.detail}.")
    return answer.state


async def _received(unheard: Callable[[], Awaitable[int]], what: str, wait_seconds: float) -> None:
    """Wait while others still hear; a service that is down hears nothing."""
    if left := await _stuck(unheard, wait_seconds, PAUSE_SECONDS):
        raise OperatorError(
            f"{left} {what} were said again and are not heard: see with `practio status` that all services run, "
            "and with `practio dead list` what they gave up; then rebuild again."
        )


async def _gone_out(known: Known, speaker: str, wait_seconds: float) -> None:
    """Wait while the outbox of who speaks is long."""

    async def too_many() -> int:
        waiting = await known.outbox(speaker, most=LONG_OUTBOX * 100)
        return waiting if waiting > LONG_OUTBOX else 0

    if left := await _stuck(too_many, wait_seconds, OUTBOX_PAUSE_SECONDS):
        raise OperatorError(
            f"{left} messages wait in the outbox of {speaker}, and none leaves: see with `practio status` that the "
            "broker and all services run; then rebuild again."
        )


async def _stuck(left: Callable[[], Awaitable[int]], wait_seconds: float, pause_seconds: float) -> int:
    """Wait until nothing is left, or nothing has moved for ``wait_seconds``; gives how many are left."""
    loop = asyncio.get_running_loop()
    deadline, before = loop.time() + wait_seconds, -1
    while now_left := await left():
        if now_left != before:
            deadline, before = loop.time() + wait_seconds, now_left
        if loop.time() > deadline:
            return now_left
        await asyncio.sleep(pause_seconds)
    return 0
