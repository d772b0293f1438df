"""The course of a rebuild: who was erased, then rooms, then, once those are heard, memberships.

A page at a time, each answered before the next is asked for, so that neither a transaction nor an outbox is ever long,
and no more than a page is in our memory, but for the ids of what was lost. Who speaks does so under the numbers that
its facts have: where others know them already, they hear nothing new, so that a rebuild may be run at any time, and
again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from practio_contracts.answers import CommandRefused
from practio_contracts.client import Client
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import MembershipsSaidAgain, SayMembershipsAgain
from practio_contracts.message import Command
from practio_contracts.people import PersonErased
from practio_contracts.rooms import SayRoomsAgain, TakeRoomBack
from practio_operator.errors import OperatorError
from practio_operator.rebuilding.reading import FIRST, Known

PEOPLE_AT_ONCE = 200
LOST_ROOMS_AT_ONCE = 200
ROOMS_AT_ONCE = 50
MEMBERSHIPS_AT_ONCE = 200
PAUSE_SECONDS = 0.5

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

    Raises OperatorError where a wish is refused, or what was said is not heard though nothing has moved for
    ``wait_seconds``; ClientError where the broker does not take or answer it.
    """
    rebuilt = Rebuilt(perhaps_erased=await known.perhaps_erased())
    await _erasures(client, known, rebuilt)
    if "rooms" in speakers:
        await _lost_rooms(client, known, rebuilt)
        await _rooms(client, known, rebuilt, heed)
        await _heard(known.unheard_rooms, "rooms", wait_seconds)
    if "membership" in speakers:
        await _occupancies(client, known)
        await _memberships(client, known, rebuilt, heed)
        await _heard(known.unheard_memberships, "memberships", wait_seconds)
    return rebuilt


async def _erasures(client: Client, known: Known, rebuilt: Rebuilt) -> None:
    after = FIRST
    while page := await known.erased(after=after, most=PEOPLE_AT_ONCE):
        await asyncio.gather(*(client.tell(PersonErased(person_id=each), sequence=1) for each in page))
        rebuilt.erased += len(page)
        after = page[-1]


async def _lost_rooms(client: Client, known: Known, rebuilt: Rebuilt) -> None:
    after = FIRST
    while page := await known.lost_rooms(after=after, most=LOST_ROOMS_AT_ONCE):
        for room in page:
            await _said(client, TakeRoomBack(snapshot=room.model_dump_json()))
            rebuilt.taken_back.append(room.room_id)
        after = page[-1].room_id


async def _rooms(client: Client, known: Known, rebuilt: Rebuilt, heed: Heed) -> None:
    after = FIRST
    while page := await known.rooms(after=after, most=ROOMS_AT_ONCE):
        await _said(client, SayRoomsAgain(room_ids=page))
        rebuilt.rooms += len(page)
        heed("rooms", len(page))
        after = page[-1]


async def _occupancies(client: Client, known: Known) -> None:
    after = FIRST
    while page := await known.heard_rooms(after=after, most=ROOMS_AT_ONCE):
        await _said(client, SayMembershipsAgain(room_ids=page))
        after = page[-1]


async def _memberships(client: Client, known: Known, rebuilt: Rebuilt, heed: Heed) -> None:
    after = FIRST
    while page := await known.memberships(after=after, most=MEMBERSHIPS_AT_ONCE):
        state = await _said(client, SayMembershipsAgain(memberships=page))
        told = MembershipsSaidAgain.model_validate(state)
        rebuilt.memberships += told.memberships
        rebuilt.gone += told.gone
        heed("memberships", len(page))
        after = page[-1].membership_id


async def _said(client: Client, wish: Command) -> object:
    answer = await client.send(wish, actor=SYSTEM)
    if isinstance(answer, CommandRefused):
        raise OperatorError(f"{wish.routing_key} was refused: {answer.code}: {answer.detail}.")
    return answer.state


async def _heard(unheard: Callable[[], Awaitable[int]], what: str, wait_seconds: float) -> None:
    """Wait while others still hear; a service that is down hears nothing."""
    loop = asyncio.get_running_loop()
    deadline, left = loop.time() + wait_seconds, -1
    while now_left := await unheard():
        if now_left != left:
            deadline, left = loop.time() + wait_seconds, now_left
        if loop.time() > deadline:
            raise OperatorError(
                f"{left} {what} were said again and are not heard: see with `practio status` that all services run, "
                "and with `practio dead list` what they gave up; then rebuild again."
            )
        await asyncio.sleep(PAUSE_SECONDS)
