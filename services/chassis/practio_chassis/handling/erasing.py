"""Erasure in the database: who is erased, and what is left of them in the places of ``personal_data``.

A batch that erases or restores excludes all others meanwhile, by an advisory lock of the service: no batch that saw the
person before can write about them after. Erasure comes last in its transaction, after everything the batch wrote.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, MetaData, Select, Table, Text, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import Admitted, MessageContext, ReceivedMessage
from practio_chassis.database.sql import among, one_of
from practio_chassis.database.tables import ChassisTables
from practio_chassis.handling.personal_rows import addressing, is_about, people_given
from practio_chassis.people.erasures import Erasures, people_of
from practio_chassis.people.personal_data import Place
from practio_chassis.service import Service
from practio_contracts.message import Message
from practio_contracts.people import PersonErased, PersonRestored

Received = ReceivedMessage[Message]


def changes_erasures(batch: Iterable[object]) -> bool:
    """Return whether any message of a batch erases or restores a person."""
    return any(isinstance(_message_of(each), PersonErased | PersonRestored) for each in batch)


def parts(batch: Sequence[Admitted]) -> Iterator[Sequence[Admitted]]:
    """Yield a batch in parts, each handled and written as one: before a restoration, earlier erasures are complete."""
    starts = [at for at, each in enumerate(batch) if at and isinstance(_message_of(each), PersonRestored)]
    for start, end in pairwise([0, *starts, len(batch)]):
        if start < end:
            yield batch[start:end]


def _message_of(received: object) -> Message | None:
    return received.message if isinstance(received, ReceivedMessage) else None


def lock(service: str, *, alone: bool) -> ColumnElement[Any]:
    """Return the lock of a batch, until its transaction ends: beside others, or alone if it erases or restores."""
    take = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
    return take(func.hashtext(f"{service} erasures"))


def note(event: Received, erasures: Erasures, now: datetime) -> None:
    """Note an erasure or its end, whatever the sequence of the event."""
    match event.message:
        case PersonErased(person_id=person_id):
            erasures.erase(person_id, published_at=event.envelope.time, now=now)
        case PersonRestored(person_id=person_id):
            erasures.restore(person_id, published_at=event.envelope.time)


async def person_restored(_event: ReceivedMessage[PersonRestored], _context: MessageContext[Any]) -> None:
    """Accept the end of an erasure, which ``note`` has noted: there is nothing else to do."""


async def load_erasures(session: AsyncSession, tables: ChassisTables, batch: Sequence[Received]) -> Erasures:
    """Return which of the people by and about whom the messages are, are erased."""
    people = {person_id for received in batch for person_id in people_of(received.message, by=received.actor)}
    return Erasures(known=await erased_among(session, tables, people))


async def erased_among(session: AsyncSession, tables: ChassisTables, people: Collection[UUID]) -> dict[UUID, Any]:
    """Return those of ``people`` who are erased, with the instant of the erasure."""
    if not people:
        return {}
    found = await session.execute(_erased(tables.forgotten), {"people": list(people)})
    return {row.person_id: row.erased_at for row in found}


async def erased_for(context: MessageContext[Any], tables: ChassisTables, people: Collection[UUID]) -> set[UUID]:
    """Return those of ``people`` who are erased at this point of a batch, which need not be about them."""
    stored = await erased_among(context.session, tables, set(people) - context.erasures.restored)
    return {each for each in people if each in stored or each in context.erasures}


@lru_cache(maxsize=20)
def _erased(forgotten: Table) -> Select[Any]:
    return select(forgotten.c.person_id, forgotten.c.erased_at).where(among(forgotten.c.person_id, "people"))


async def write_erasures(session: AsyncSession, tables: ChassisTables, service: Service, erasures: Erasures) -> None:
    """Erase the people of a batch everywhere, and remember it; forget the erasures that it ended."""
    if erasures.restored:
        await session.execute(
            delete(tables.forgotten).where(one_of(tables.forgotten.c.person_id, sorted(erasures.restored)))
        )
    if erasures.erased:
        await _remember(session, tables, erasures)
        await _erase(session, service.metadata, service.personal_data.places, sorted(erasures.erased))
    if erasures.restored or erasures.erased:
        session.expire_all()  # what this session has read of them is no longer so


async def _remember(session: AsyncSession, tables: ChassisTables, erasures: Erasures) -> None:
    put = upsert(tables.forgotten)
    later = func.greatest(tables.forgotten.c.erased_at, put.excluded.erased_at)
    rows = [{"person_id": person_id, "erased_at": at} for person_id, at in sorted(erasures.erased.items())]
    await session.execute(put.on_conflict_do_update(index_elements=["person_id"], set_={"erased_at": later}), rows)


async def _erase(session: AsyncSession, metadata: MetaData, places: Sequence[Place], people: Sequence[UUID]) -> None:
    given = people_given(people)
    query = addressing(places, metadata, given)
    addresses = set(await session.scalars(query)) if query is not None else set[str]()
    for place in places:
        table = metadata.tables[place.table]
        if place.people:
            await _leave(session, table, place, is_about(table.c, place.people, given))
    left = addresses - await _still_in_use(session, metadata, places, addresses)
    for place in places:
        if place.address and left:
            table = metadata.tables[place.table]
            await _leave(session, table, place, one_of(table.c[place.address], sorted(left)))


async def _leave(session: AsyncSession, table: Table, place: Place, concerned: ColumnElement[bool]) -> None:
    if place.left is None:
        await session.execute(delete(table).where(concerned))
    elif place.left:
        changes = or_(*(table.c[name].is_distinct_from(value) for name, value in place.left.items()))
        await session.execute(update(table).where(concerned, changes).values(dict(place.left)))


async def _still_in_use(
    session: AsyncSession, metadata: MetaData, places: Sequence[Place], addresses: Set[str]
) -> set[str]:
    """Return the addresses that somebody else has or had: what is known about them concerns that person too."""
    found: set[str] = set()
    for place in places:
        if place.addresses and addresses:
            email = func.lower(metadata.tables[place.table].c[place.addresses], type_=Text())
            found |= set(await session.scalars(select(email).where(one_of(email, sorted(addresses)))))
    return found
