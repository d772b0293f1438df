"""The steps of a rebuild: erased people, then rooms, then, once these are received, memberships.

It goes page by page. The next page is requested only once the last one is answered and the outbox of the replaying
service is short: its other events wait behind a replay, and an old outbox makes a service unready. So transactions and
outboxes stay short, and memory holds one page and the ids of what was lost. A replay has the present sequences:
consumers that have them ignore it, so a rebuild may be run at any time, and repeated.
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
from practio_operator.console.errors import OperatorError
from practio_operator.rebuild.schemas import FIRST, AllSchemas

PEOPLE_AT_ONCE = 200
LOST_ROOMS_AT_ONCE = 200
ROOMS_AT_ONCE = 50
MEMBERSHIPS_AT_ONCE = 200
PAUSE_SECONDS = 0.5
LONG_OUTBOX = 500
OUTBOX_PAUSE_SECONDS = 0.05

OnProgress = Callable[[str, int], None]
"""Called with ``rooms`` or ``memberships``, and how many more of them were replayed."""


@dataclass
class Rebuilt:
    """The result of a rebuild.

    ``restored`` are rooms that rooms had lost, ``gone`` memberships that membership has lost. ``perhaps_erased`` are
    people whom rooms knows as erased, and whose address notifications has.
    """

    erased: int = 0
    rooms: int = 0
    memberships: int = 0
    restored: list[UUID] = field(default_factory=list)
    gone: list[UUID] = field(default_factory=list)
    perhaps_erased: list[UUID] = field(default_factory=list)


async def rebuild(
    client: Client,
    known: AllSchemas,
    owners: Sequence[str],
    *,
    wait_seconds: float,
    on_progress: OnProgress = lambda *_: None,
) -> Rebuilt:
    """Let the ``owners`` (rooms, membership or both) replay their data; wait until the replay is received.

    Raise OperatorError if a command is refused, or if a replay is not received and nothing has moved for
    ``wait_seconds``; ClientError if the broker does not accept or answer it.
    """
    rebuilt = Rebuilt(perhaps_erased=await known.perhaps_erased())
    await _publish_erasures(client, known, rebuilt)
    if "rooms" in owners:
        await _restore_lost_rooms(client, known, rebuilt, wait_seconds)
        await _replay_rooms(client, known, rebuilt, on_progress, wait_seconds)
        await _wait_until_received(known.outdated_rooms, "rooms", wait_seconds)
    if "membership" in owners:
        await _replay_occupancies(client, known, wait_seconds)
        await _replay_memberships(client, known, rebuilt, on_progress, wait_seconds)
        await _wait_until_received(known.outdated_memberships, "memberships", wait_seconds)
    return rebuilt


async def _publish_erasures(client: Client, known: AllSchemas, rebuilt: Rebuilt) -> None:
    after = FIRST
    while page := await known.erased(after=after, most=PEOPLE_AT_ONCE):
        await asyncio.gather(*(client.publish_event(PersonErased(person_id=each), sequence=1) for each in page))
        rebuilt.erased += len(page)
        after = page[-1]


async def _restore_lost_rooms(client: Client, known: AllSchemas, rebuilt: Rebuilt, wait_seconds: float) -> None:
    after = FIRST
    while page := await known.lost_rooms(after=after, most=LOST_ROOMS_AT_ONCE):
        for room in page:
            await _send(client, RestoreRoom(snapshot=room.model_dump_json()), wait_seconds)
            rebuilt.restored.append(room.room_id)
        after = page[-1].room_id


async def _replay_rooms(
    client: Client, known: AllSchemas, rebuilt: Rebuilt, on_progress: OnProgress, wait_seconds: float
) -> None:
    after = FIRST
    while page := await known.rooms(after=after, most=ROOMS_AT_ONCE):
        await _send(client, ReplayRooms(room_ids=page), wait_seconds)
        await _wait_for_outbox(known, "rooms", wait_seconds)
        rebuilt.rooms += len(page)
        on_progress("rooms", len(page))
        after = page[-1]


async def _replay_occupancies(client: Client, known: AllSchemas, wait_seconds: float) -> None:
    after = FIRST
    while page := await known.received_rooms(after=after, most=ROOMS_AT_ONCE):
        await _send(client, ReplayMemberships(room_ids=page), wait_seconds)
        await _wait_for_outbox(known, "membership", wait_seconds)
        after = page[-1]


async def _replay_memberships(
    client: Client, known: AllSchemas, rebuilt: Rebuilt, on_progress: OnProgress, wait_seconds: float
) -> None:
    after = FIRST
    while page := await known.memberships(after=after, most=MEMBERSHIPS_AT_ONCE):
        state = await _send(client, ReplayMemberships(memberships=page), wait_seconds)
        await _wait_for_outbox(known, "membership", wait_seconds)
        replayed = MembershipsReplayed.model_validate(state)
        rebuilt.memberships += replayed.memberships
        rebuilt.gone += replayed.gone
        on_progress("memberships", len(page))
        after = page[-1].membership_id


async def _send(client: Client, command: Command, wait_seconds: float) -> object:
    answer = await client.send(command, actor=SYSTEM, within=wait_seconds)
    if isinstance(answer, CommandRefused):
        raise OperatorError(f"{command.routing_key} was refused: {answer.code}: {answer.detail}.")
    return answer.state


async def _wait_until_received(outdated: Callable[[], Awaitable[int]], what: str, wait_seconds: float) -> None:
    """Wait while consumers catch up; a service that is down receives nothing."""
    if left := await _wait_until_none_left(outdated, wait_seconds, PAUSE_SECONDS):
        raise OperatorError(
            f"{left} {what} were published again and not received: check with `practio status` that all services "
            "run, and with `practio dead list` for dead letters; then run `practio rebuild` again."
        )


async def _wait_for_outbox(known: AllSchemas, service: str, wait_seconds: float) -> None:
    """Wait while the outbox of the replaying service is long."""

    async def too_many() -> int:
        waiting = await known.outbox(service, most=LONG_OUTBOX * 100)
        return waiting if waiting > LONG_OUTBOX else 0

    if left := await _wait_until_none_left(too_many, wait_seconds, OUTBOX_PAUSE_SECONDS):
        raise OperatorError(
            f"{left} messages wait in the outbox of {service}, and none is published: check with `practio status` that "
            "the broker and all services run, then run `practio rebuild` again."
        )


async def _wait_until_none_left(left: Callable[[], Awaitable[int]], wait_seconds: float, pause_seconds: float) -> int:
    """Wait until nothing is left, or nothing has moved for ``wait_seconds``; return how many are left."""
    loop = asyncio.get_running_loop()
    deadline, before = loop.time() + wait_seconds, -1
    while now_left := await left():
        if now_left != before:
            deadline, before = loop.time() + wait_seconds, now_left
        if loop.time() > deadline:
            return now_left
        await asyncio.sleep(pause_seconds)
    return 0
