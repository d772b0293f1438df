"""The sponsors that a batch registers or names, and the rooms that follow one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_contracts.message import Message
from practio_contracts.people import PersonErased
from practio_contracts.rooms import (
    CreateRoom,
    FollowSponsor,
    RegisteredSponsor,
    RegisterSponsor,
    ReviseRoom,
    RoomStatus,
    SponsorKind,
)
from practio_rooms.tables import SponsorDelegateRow, SponsorRow
from practio_rooms.tables.room import RoomRow, names_sponsor

MOST_AT_ONCE = 100
"""How many rooms follow their sponsor in one transaction."""

_FOLLOWING = (RoomStatus.DRAFT, RoomStatus.PUBLISHED, RoomStatus.CLOSED)


@dataclass(slots=True)
class LoadedSponsors:
    """The sponsors that a batch has loaded, by id, with the numbers of their newest events."""

    session: AsyncSession
    registered: dict[UUID, RegisteredSponsor] = field(default_factory=dict)
    versions: dict[UUID, int] = field(default_factory=dict)

    async def save(self, sponsor: RegisteredSponsor) -> int:
        """Save a sponsor with its delegates; return the number of its next event."""
        version = self.versions.get(sponsor.sponsor_id, 0) + 1
        values = {"name": sponsor.name, "kind": sponsor.kind, "version": version}
        put = insert(SponsorRow).values(sponsor_id=sponsor.sponsor_id, **values)
        await self.session.execute(put.on_conflict_do_update(index_elements=["sponsor_id"], set_=values))
        of_it = SponsorDelegateRow.sponsor_id == sponsor.sponsor_id
        await self.session.execute(delete(SponsorDelegateRow).where(of_it))
        delegates = [{"sponsor_id": sponsor.sponsor_id, "person_id": each} for each in sponsor.delegate_ids or ()]
        if delegates:
            await self.session.execute(insert(SponsorDelegateRow), delegates)
        self.registered[sponsor.sponsor_id], self.versions[sponsor.sponsor_id] = sponsor, version
        return version


async def load_sponsors(session: AsyncSession, messages: Sequence[Message]) -> LoadedSponsors:
    """Load the sponsors that messages concern: locked if they are registered again or lose a delegate."""
    loaded = LoadedSponsors(session)
    changed = {message.sponsor_id for message in messages if isinstance(message, RegisterSponsor)}
    erased = {message.person_id for message in messages if isinstance(message, PersonErased)}
    if erased:
        theirs = select(SponsorDelegateRow.sponsor_id).where(one_of(SponsorDelegateRow.person_id, erased))
        changed |= set(await session.scalars(theirs))
    if changed:
        await _load(session, loaded, changed, locked=True)
    if named := {each for message in messages if (each := _named(message))} - loaded.registered.keys():
        await _load(session, loaded, named, locked=False)
    return loaded


def _named(message: Message) -> UUID | None:
    if isinstance(message, CreateRoom | ReviseRoom):
        return message.sponsor.sponsor_id if message.sponsor else None
    return message.sponsor_id if isinstance(message, FollowSponsor) else None


async def _load(session: AsyncSession, loaded: LoadedSponsors, ids: set[UUID], *, locked: bool) -> None:
    query = select(SponsorRow).where(one_of(SponsorRow.sponsor_id, ids)).order_by(SponsorRow.sponsor_id)
    rows = (await session.scalars(query.with_for_update() if locked else query)).all()
    delegates = await delegates_of(session, {row.sponsor_id for row in rows})
    for row in rows:
        loaded.registered[row.sponsor_id] = _registered(row, delegates[row.sponsor_id])
        loaded.versions[row.sponsor_id] = row.version


async def delegates_of(session: AsyncSession, ids: set[UUID]) -> dict[UUID, list[UUID]]:
    """Return the delegates of sponsors, in the order of their ids."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    if ids:
        query = select(SponsorDelegateRow).where(one_of(SponsorDelegateRow.sponsor_id, ids))
        for row in await session.scalars(query.order_by(SponsorDelegateRow.person_id)):
            found[row.sponsor_id].append(row.person_id)
    return found


async def registered_sponsors(session: AsyncSession, ids: set[UUID]) -> LoadedSponsors:
    """Return the sponsors with these ids that are registered, without a lock."""
    loaded = LoadedSponsors(session)
    if ids:
        await _load(session, loaded, ids, locked=False)
    return loaded


async def sponsor_with_delegates(session: AsyncSession, sponsor_id: UUID) -> RegisteredSponsor | None:
    """Return a registered sponsor with its delegates; None if there is none."""
    row = await session.get(SponsorRow, sponsor_id)
    return _registered(row, (await delegates_of(session, {sponsor_id}))[sponsor_id]) if row else None


_DELEGATE = bindparam("person", type_=Uuid)
_OF_DELEGATE = (
    select(SponsorRow)
    .where(
        SponsorRow.sponsor_id.in_(
            select(SponsorDelegateRow.sponsor_id).where(SponsorDelegateRow.person_id == _DELEGATE)
        )
    )
    .order_by(SponsorRow.name, SponsorRow.sponsor_id)
)


async def sponsors_of(session: AsyncSession, person_id: UUID) -> list[RegisteredSponsor]:
    """Return the sponsors whose delegate a person is, by name."""
    rows = await session.scalars(_OF_DELEGATE, {"person": person_id})
    return [_registered(row, None) for row in rows]


def _registered(row: SponsorRow, delegates: list[UUID] | None) -> RegisteredSponsor:
    return RegisteredSponsor(
        sponsor_id=row.sponsor_id, name=row.name, kind=SponsorKind(row.kind), delegate_ids=delegates
    )


async def rooms_that_follow(session: AsyncSession, messages: Sequence[Message]) -> set[UUID]:
    """Return the next rooms, at most a hundred for each sponsor, that state it as it was before."""
    found: set[UUID] = set()
    for sponsor_id in {message.sponsor_id for message in messages if isinstance(message, FollowSponsor)}:
        found |= set(await session.scalars(_following(sponsor_id)))
    return found


def _following(sponsor_id: UUID) -> Any:
    stated = RoomRow.snapshot["sponsor"]
    differs = or_(
        stated["name"].astext.is_distinct_from(SponsorRow.name), stated["kind"].astext.is_distinct_from(SponsorRow.kind)
    )
    return (
        select(RoomRow.room_id)
        .join(SponsorRow, SponsorRow.sponsor_id == sponsor_id)
        .where(names_sponsor(sponsor_id), RoomRow.status.in_(_FOLLOWING), differs)
        .order_by(RoomRow.room_id)
        .limit(MOST_AT_ONCE)
    )
