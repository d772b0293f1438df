"""What the chassis of a service does with the database: the relay, batches, retries, erasures, dead letters, shards."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Row, select, text
from tests.plans.filled import person, room
from tests.plans.filled_service import Case, FilledService, counting
from tests.support.stack.example_service import received
from tests.unit.notifications.builders import a_membership, an_event

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.engine import session_maker
from practio_chassis.database.sharding import TABLE as SHARDING
from practio_chassis.database.sharding import Sharding
from practio_chassis.database.table_sizes import measure_tables
from practio_chassis.database.tables import chassis_tables_of
from practio_chassis.handling.erasing import erased_among
from practio_chassis.handling.timers import Timers
from practio_chassis.inbound.dead_letters import OwnDeadLetters
from practio_chassis.inbound.query_start import QueryStart
from practio_chassis.outbound.carriage_record import StoredCarriageRecord
from practio_chassis.outbound.leadership import Leadership
from practio_chassis.outbound.outbox_age import count_outbox, oldest_age
from practio_chassis.outbound.relay import Relay
from practio_chassis.outbound.set_aside import SetAside
from practio_chassis.people.erasures import PERSON_ERASED
from practio_contracts.membership import Joined, RequestToJoin, Status
from practio_contracts.message import Message
from practio_contracts.notifications import SetPreferences
from practio_contracts.people import PersonErased
from practio_contracts.rooms import CreateRoom

_MANY = 50
"""Messages of a batch."""

_SUBJECTS = [room(number).hex for number in range(1_000)]
"""All subjects of the outbox."""


def chassis_loops(part: FilledService) -> dict[str, Case]:
    """Return one turn of each background loop of the chassis, by name, but for the relay and the work of forgetting."""
    tables = chassis_tables_of(part.service.metadata)
    timers = Timers(tables=tables, transaction=part.transaction)
    return {
        "timers": timers.fire,
        "timers set aside": timers.try_again,
        "readiness": lambda: oldest_age(part.pool, tables),
        "outbox gauges": counting(part, lambda context: count_outbox(context, tables)),
        "gauge of timers": counting(part, timers.look_for_unsendable),
        "table sizes": counting(part, measure_tables),
        "dead letters, look": lambda: _dead_letters(part)._erasures(),
    }


def chassis_work(part: FilledService) -> dict[str, Case]:
    """Return what the chassis does for messages, by name: it needs the rows of ``BACKLOG``."""
    tables = chassis_tables_of(part.service.metadata)
    people = [person(number) for number in range(_MANY)]
    found: dict[str, Case] = {
        "relay": lambda: _relay(part),
        "relay, subjects that wait": lambda: _relay(part, waiting=["a", "b"]),
        "relay, all subjects wait": lambda: _relay(part, waiting=_SUBJECTS),
        "messages set aside": lambda: _set_aside(part),
        "dead letters, set aside": counting(part, lambda each: each.session.execute(SetAside(tables).forgetting())),
        "dead letters, erased people": counting(part, lambda each: erased_among(each.session, tables, people)),
        "start of a query": lambda: _start_of_query(part),
        "commands": lambda: part.transaction.handle(_commands(part)),
        "events": lambda: _events(part),
        "commands handled alone": lambda: _alone(part),
        "retries": lambda: _retries(part),
        "erasure": lambda: part.transaction.handle([_erasure(person(11))]),
    }
    if SHARDING in part.service.metadata.tables:
        found["shards"] = lambda: _shards(part)
    return found


class _ConfirmedRelay(Relay):
    """A relay whose broker confirms everything at once."""

    async def _publish(self, _channel: object, rows: Sequence[Row[Any]], _leadership: object) -> list[bool]:
        return [True for _ in rows]


async def _relay(part: FilledService, *, waiting: Sequence[str] = ()) -> None:
    """Take the first rows of the outbox, and delete them as confirmed."""
    tables = chassis_tables_of(part.service.metadata)
    relay = _ConfirmedRelay(
        service=part.service.name,
        tables=tables,
        pool=part.pool,
        connection=cast(Any, None),
        carriage=StoredCarriageRecord(tables, part.pool),
        faults={},
    )
    async with part.pool.begin() as session:
        if waiting:
            await session.execute(relay._first_rows(waiting))
        else:
            assert await relay._publish_some(session, cast(Any, None), Leadership(session, "a relay"))


async def _set_aside(part: FilledService) -> None:
    """Move a row of the outbox to those that the broker refuses."""
    tables = chassis_tables_of(part.service.metadata)
    async with part.pool.begin() as session:
        row = (await session.execute(select(tables.outbox).order_by(tables.outbox.c.id).limit(1))).one()
        await session.execute(SetAside(tables).moving(row, "too big"))


def _dead_letters(part: FilledService) -> OwnDeadLetters:
    tables = chassis_tables_of(part.service.metadata)
    return OwnDeadLetters(part.service.name, tables, part.transaction.background, cast(Any, None))


async def _start_of_query(part: FilledService) -> None:
    start = QueryStart(part.service.name, chassis_tables_of(part.service.metadata))
    async with session_maker(part.pool)() as session:
        await start.time_and_refusal(session, _commands(part)[0])


def _commands(part: FilledService) -> list[ReceivedMessage[Message]]:
    """Return a batch of commands of a service."""
    people = [person(number) for number in range(_MANY)]
    match part.service.name:
        case "membership":
            wanted: list[Message] = [
                RequestToJoin(room_id=room(number), person_id=each) for number, each in enumerate(people)
            ]
        case "rooms":
            wanted = [CreateRoom(room_id=uuid4(), title="A room") for _ in people]
        case _:
            wanted = [SetPreferences(person_id=each) for each in people]
    return [received(command, actor=each) for command, each in zip(wanted, people, strict=True)]


async def _events(part: FilledService) -> None:
    """Handle a batch of events about people who join rooms; membership handles none of these, but of erased people."""
    if Joined not in part.service.events:
        await part.transaction.handle([_erasure(uuid4()) for _ in range(_MANY)])
        return
    async with part.pool.connect() as connection:
        rooms = (await connection.execute(text(f"SELECT room_id FROM room LIMIT {_MANY}"))).scalars().all()
    await part.transaction.handle([_joined(room_id, number) for number, room_id in enumerate(rooms)])


def _joined(room_id: UUID, number: int) -> ReceivedMessage[Message]:
    member = a_membership(Status.JOINED, room_id=room_id, person_id=person(number), membership_id=uuid4())
    return received(
        an_event(Joined, member),
        account="practio-membership",
        source="/practio/membership",
        subject=str(member.membership_id),
        sequence="1",
    )


def _erasure(person_id: UUID) -> ReceivedMessage[Message]:
    erased = PersonErased(person_id=person_id)
    return received(erased, account="directory", actor=None, subject=str(person_id), sequence="2")


async def _alone(part: FilledService) -> None:
    [command, *_] = _commands(part)
    await part.transaction.begin_alone(command)
    await part.transaction.handle([command], alone=True)
    await part.transaction.end_alone(command)


async def _retries(part: FilledService) -> None:
    """Let a command fail twice, a later one on its subject be handled, and the first be given up."""
    [first, *_] = _commands(part)
    later = received(first.message, actor=first.actor)
    for command in (first, later):
        await part.transaction.note_retry(command)
    await part.transaction.handle([later])
    await part.transaction.dead_letter(first, PERSON_ERASED)


async def _shards(part: FilledService) -> None:
    """Read how commands are spread, and move to the number that is wanted."""
    sharding = Sharding(part.service.metadata, part.pool)
    begun = await sharding.begin()
    await sharding.note_drained(begun.epoch, 0)
    await sharding.move(await sharding.read())
