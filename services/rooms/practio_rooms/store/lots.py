"""Lots of people, and what waits for one: loaded for a number of rooms or for sponsors, and saved."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of, one_of_rows
from practio_rooms.domain.lots import InRoom, Lot, LotKind, LotScope, Parts
from practio_rooms.tables import IS_OPEN, LotPersonRow, LotRow, LotWaitingRow, RoomMonthRow

Waiting = Mapping[LotKind, Parts]


@dataclass(slots=True)
class LoadedLots:
    """Open lots of people, and what waits, by room or by sponsor."""

    open: dict[UUID, list[Lot]] = field(default_factory=lambda: defaultdict(list))
    waiting: dict[UUID, dict[LotKind, dict[InRoom, int]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )


async def load_lots_of_rooms(session: AsyncSession, rooms: Collection[UUID]) -> LoadedLots:
    """Return by room its open lots, the members that it has in its sponsor's open lots, and what waits."""
    loaded = LoadedLots()
    members: dict[tuple[UUID, UUID], set[InRoom]] = defaultdict(set)
    for person in await session.scalars(select(LotPersonRow).where(one_of(LotPersonRow.room_id, rooms))):
        members[person.room_id, person.lot_id].add(InRoom(person.room_id, person.person_id))
    own = await session.scalars(select(LotRow).where(IS_OPEN, one_of(LotRow.room_id, rooms)))
    found = {(row.room_id, row.lot_id): row for row in own if row.room_id}
    for (room_id, lot_id), row in found.items():
        loaded.open[room_id].append(_lot(row, members.pop((room_id, lot_id), ())))
    lots = {row.lot_id: row for row in await _rows(session, {lot_id for _, lot_id in members})}
    for (room_id, lot_id), people in members.items():
        loaded.open[room_id].append(_lot(lots[lot_id], people))
    for waiting in await session.scalars(select(LotWaitingRow).where(one_of(LotWaitingRow.room_id, rooms))):
        loaded.waiting[waiting.room_id][LotKind(waiting.kind)][_place(waiting)] = waiting.amount
    return loaded


async def load_lots_of_sponsors(session: AsyncSession, month: date) -> LoadedLots:
    """Return by sponsor its open lots, and what waits in the rooms that it had in ``month``."""
    loaded = LoadedLots()
    rows = (await session.scalars(select(LotRow).where(IS_OPEN, LotRow.room_id.is_(None)))).all()
    members: dict[UUID, set[InRoom]] = defaultdict(set)
    of_them = select(LotPersonRow).where(one_of(LotPersonRow.lot_id, [row.lot_id for row in rows]))
    for person in await session.scalars(of_them):
        members[person.lot_id].add(InRoom(person.room_id, person.person_id))
    for row in rows:
        if row.sponsor_id:
            loaded.open[row.sponsor_id].append(_lot(row, members[row.lot_id]))
    fixed = (RoomMonthRow.room_id == LotWaitingRow.room_id) & (RoomMonthRow.month == month)
    query = select(RoomMonthRow.sponsor_id, LotWaitingRow).join(RoomMonthRow, fixed)
    found = await session.execute(query.where(RoomMonthRow.sponsor_id.is_not(None)))
    for sponsor_id, waiting in ((row[0], row[1]) for row in found):
        loaded.waiting[UUID(str(sponsor_id))][LotKind(waiting.kind)][_place(waiting)] = waiting.amount
    return loaded


async def save_lots(session: AsyncSession, lots: Iterable[Lot]) -> None:
    """Save lots that are new or changed, with the members of those that are open."""
    saved = {lot.lot_id: lot for lot in lots}
    if not saved:
        return
    put = insert(LotRow)
    new = {name: put.excluded[name] for name in ("amount", "last_month")}
    await session.execute(
        put.on_conflict_do_update(index_elements=["lot_id"], set_=new), list(map(_row, saved.values()))
    )
    await session.execute(delete(LotPersonRow).where(one_of(LotPersonRow.lot_id, list(saved))))
    members = [
        {"lot_id": lot.lot_id, "room_id": each.room_id, "person_id": each.person_id}
        for lot in saved.values()
        for each in lot.members
    ]
    if members:
        await session.execute(insert(LotPersonRow), members)


async def save_waiting(session: AsyncSession, rooms: Collection[UUID], waiting: Iterable[Waiting], month: date) -> None:
    """Save what waits in rooms, in place of what waited; what waited before is kept from when it began to."""
    key = (LotWaitingRow.kind, LotWaitingRow.room_id, LotWaitingRow.person_id)
    before = delete(LotWaitingRow).where(one_of(LotWaitingRow.room_id, rooms)).returning(*key, LotWaitingRow.since)
    since = {(LotKind(row[0]), InRoom(row[1], row[2])): row[3] for row in await session.execute(before)}
    rows = [
        {
            "kind": kind,
            "room_id": each.room_id,
            "person_id": each.person_id,
            "amount": amount,
            "since": since.get((kind, each), month),
        }
        for of_room in waiting
        for kind, parts in of_room.items()
        for each, amount in parts.items()
    ]
    if rows:
        await session.execute(insert(LotWaitingRow), rows)


async def stop_waiting(session: AsyncSession, kind: LotKind, parts: Collection[InRoom]) -> None:
    """Delete what waited and is in a lot now."""
    key = (LotWaitingRow.room_id, LotWaitingRow.person_id)
    places = [(each.room_id, each.person_id) for each in parts]
    await session.execute(delete(LotWaitingRow).where(LotWaitingRow.kind == kind, one_of_rows(key, places)))


async def _rows(session: AsyncSession, ids: Collection[UUID]) -> Iterable[LotRow]:
    return await session.scalars(select(LotRow).where(one_of(LotRow.lot_id, ids))) if ids else ()


def _place(row: LotWaitingRow) -> InRoom:
    return InRoom(row.room_id, row.person_id)


def _lot(row: LotRow, members: Iterable[InRoom]) -> Lot:
    scope = LotScope(row.room_id, row.sponsor_id, row.format)
    return Lot(row.lot_id, LotKind(row.kind), scope, row.month, row.amount, row.last_month, frozenset(members))


def _row(lot: Lot) -> dict[str, Any]:
    return {
        "lot_id": lot.lot_id,
        "kind": lot.kind,
        "room_id": lot.scope.room_id,
        "sponsor_id": lot.scope.sponsor_id,
        "format": lot.scope.format,
        "month": lot.month,
        "last_month": lot.last_month,
        "amount": lot.amount,
    }
