"""The report over many rooms: sums of what is fixed (tables/lots.py), and of nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, TypeAdapter
from sqlalchemy import ColumnElement, Date, Row, Select, and_, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.sql import one_of
from practio_chassis.handling.paging import fitting, read_cursor, write_cursor
from practio_contracts.answers import FieldError, Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import (
    FeedbackNumbers,
    Grouping,
    RefusalCode,
    RegisteredSponsor,
    ReportedNumbers,
    ReportedRow,
    ReportRooms,
    Room,
    RoomsReport,
)
from practio_rooms.domain.feedback import numbers
from practio_rooms.domain.lots import LotKind, month_after, month_before
from practio_rooms.domain.room import ROOM_UNKNOWN, Actor, holds_office, is_visible_to, not_allowed
from practio_rooms.domain.sponsors import SPONSOR_UNKNOWN
from practio_rooms.store.sponsors import sponsor_with_delegates
from practio_rooms.tables import LotRow, MonthFixedRow, RoomMonthRow, RoomRow

_FOR_DELEGATES = not_allowed("only the sponsor's delegates can see this: ask the operator to name you as one")
_FOR_THE_STEWARD = not_allowed("people can see this for themselves alone: use your own id")
_FOR_OFFICES = not_allowed("only people in an office of each of the rooms can see this: leave the others out")
_NOT_ONE = Refusal(
    code=RefusalCode.INVALID,
    detail="exactly one of sponsor_id, steward_id and room_ids is given",
    errors=(FieldError(field="sponsor_id", message="exactly one of sponsor_id, steward_id and room_ids is given"),),
)
_ENDS_TOO_EARLY = Refusal(
    code=RefusalCode.INVALID,
    detail="the period ends before it begins: choose a later end",
    errors=(FieldError(field="to", message="is before from"),),
)
_Month = Annotated[date, BeforeValidator(lambda text: date.fromisoformat(f"{text}-01"))]
_Format = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
_Place = (
    tuple[Literal["rooms-report"], Literal[Grouping.ROOM], UUID]
    | tuple[Literal["rooms-report"], Literal[Grouping.MONTH], _Month]
    | tuple[Literal["rooms-report"], Literal[Grouping.FORMAT], _Format]
)
_PLACES: TypeAdapter[_Place] = TypeAdapter(_Place)
Column = InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True)
class _Asked:
    """The rooms of a report, as conditions of months and of lots, and its first and last month, if it has any."""

    of_months: ColumnElement[bool]
    of_lots: ColumnElement[bool]
    since: date
    until: date

    @property
    def has_months(self) -> bool:
        return self.since <= self.until

    @property
    def months(self) -> Sequence[date]:
        found, month = [], self.since
        while month <= self.until:
            found.append(month)
            month = month_after(month)
        return found


async def report_rooms(
    query: ReceivedMessage[ReportRooms], session: AsyncSession, now: datetime
) -> RoomsReport | Refusal:
    """Return a page of the report over the rooms of a sponsor, of a steward, or of a list, to those who may see it."""
    asked = query.message
    place = read_cursor(asked.after, _PLACES)
    if refusal := place if isinstance(place, Refusal) else _invalid(asked, place):
        return refusal
    found = await _sponsor_or_refusal(session, asked, query.actor)
    if isinstance(found, Refusal):
        return found
    about = await _about(session, asked)
    after = place[2] if place and not isinstance(place, Refusal) else None
    rows = await _rows(session, about, asked, after) if about.has_months else []
    page = list(fitting(rows[: asked.limit]))
    last = page[-1] if len(page) < len(rows) else None
    return RoomsReport(
        rows=page,
        total=await _total(session, about),
        after=last and write_cursor("rooms-report", asked.by, last.key),
        months_from=_written(about.since) if about.has_months else None,
        months_to=_written(about.until) if about.has_months else None,
        sponsor=found,
    )


def _invalid(asked: ReportRooms, place: _Place | None) -> Refusal | None:
    if sum(each is not None for each in (asked.sponsor_id, asked.steward_id, asked.room_ids)) != 1:
        return _NOT_ONE
    if asked.since and asked.until and asked.until < asked.since:
        return _ENDS_TOO_EARLY
    if place and place[1] != asked.by:
        return Refusal(
            code=RefusalCode.INVALID,
            detail="after belongs to a report with other rows: begin again without it",
            errors=(FieldError(field="after", message="of a report with other rows"),),
        )
    return None


async def _sponsor_or_refusal(
    session: AsyncSession, asked: ReportRooms, by: Actor
) -> RegisteredSponsor | Refusal | None:
    """Return the sponsor that the report is about, if it is, or why the actor may not see it."""
    if asked.sponsor_id:
        sponsor = await sponsor_with_delegates(session, asked.sponsor_id)
        if sponsor is None:
            return SPONSOR_UNKNOWN
        return sponsor if by == SYSTEM or by in (sponsor.delegate_ids or ()) else _FOR_DELEGATES
    if asked.steward_id:
        return None if by in (asked.steward_id, SYSTEM) else _FOR_THE_STEWARD
    snapshots = await session.scalars(select(RoomRow.snapshot).where(one_of(RoomRow.room_id, asked.room_ids or ())))
    rooms = [Room.model_validate(each) for each in snapshots]
    if len(rooms) < len(asked.room_ids or ()) or not all(is_visible_to(room, by) for room in rooms):
        return ROOM_UNKNOWN
    return None if all(holds_office(room, by) for room in rooms) else _FOR_OFFICES


async def _about(session: AsyncSession, asked: ReportRooms) -> _Asked:
    """Return the rooms and months of a report: months that are fixed, and lie in its period as a whole."""
    fixed = (await session.execute(select(func.min(MonthFixedRow.month), func.max(MonthFixedRow.month)))).one()
    first, last = fixed[0] or date.max, fixed[1] or date.min
    since = _first_whole(asked.since) if asked.since else first
    until = _last_whole(asked.until) if asked.until else last
    return _Asked(*_conditions(asked), max(since, first), min(until, last))


def _first_whole(day: date) -> date:
    if day.day == 1:
        return day
    return month_after(day.replace(day=1)) if (day.year, day.month) < (date.max.year, date.max.month) else date.max


def _last_whole(day: date) -> date:
    is_last = day == date.max or (day + timedelta(days=1)).day == 1
    month = day.replace(day=1)
    if is_last:
        return month
    return month_before(month) if month > date.min else date.min


def _conditions(asked: ReportRooms) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions of the rooms; lots of several rooms are those of sponsors alone."""
    if asked.sponsor_id:
        return RoomMonthRow.sponsor_id == asked.sponsor_id, LotRow.sponsor_id == asked.sponsor_id
    if asked.steward_id:
        is_steward = RoomRow.snapshot["steward_ids"].contains([str(asked.steward_id)])
        looked_after = select(RoomRow.room_id).where(RoomRow.office_ids.contains([asked.steward_id]), is_steward)
        return RoomMonthRow.room_id.in_(looked_after), LotRow.room_id.in_(looked_after)
    rooms = asked.room_ids or ()
    return one_of(RoomMonthRow.room_id, rooms), one_of(LotRow.room_id, rooms)


_USEFUL = [func.sum(RoomMonthRow.useful[number]).label(f"useful_{number}") for number in range(1, 6)]
_SUMS = (
    func.count(RoomMonthRow.room_id.distinct()).label("rooms"),
    func.sum(RoomMonthRow.sessions_held).label("sessions_held"),
    func.sum(RoomMonthRow.notes).label("notes"),
    *_USEFUL,
)


async def _total(session: AsyncSession, about: _Asked) -> ReportedNumbers:
    if not about.has_months:
        return ReportedNumbers(feedback=numbers({}))
    sums = (await session.execute(select(*_SUMS).where(*_of_months(about)))).one()
    lots = (await session.execute(select(*_amounts(about)).where(about.of_lots, *_in_time(about)))).one()
    return ReportedNumbers(**_numbers(sums), **_people(lots))


async def _rows(session: AsyncSession, about: _Asked, asked: ReportRooms, after: Any) -> list[ReportedRow]:
    """Return the rows from ``after`` on, and one more than the page has."""
    column: Column = {
        Grouping.ROOM: RoomMonthRow.room_id,
        Grouping.MONTH: RoomMonthRow.month,
        Grouping.FORMAT: RoomMonthRow.format,
    }[asked.by]
    sums = select(column.label("key"), *_SUMS).where(*_of_months(about)).group_by(column).order_by(column)
    if after is not None:
        sums = sums.where(column > after)
    found = (await session.execute(sums.limit(asked.limit + 1))).all()
    keys = [row.key for row in found]
    people = {row.key: _people(row) for row in await session.execute(_lots_by(asked.by, about, keys))}
    titles = await _titles(session, keys) if asked.by is Grouping.ROOM else {}
    return [
        ReportedRow(
            key=_written(row.key) if isinstance(row.key, date) else str(row.key),
            title=titles.get(row.key),
            **_numbers(row),
            **people.get(row.key, {}),
        )
        for row in found
    ]


def _lots_by(by: Grouping, about: _Asked, keys: Sequence[Any]) -> Select[Any]:
    """Return the query for the lots of each row; those of several rooms stand in rows of months alone."""
    if by is Grouping.MONTH:
        return _lots_by_month(about)
    column: Column = LotRow.room_id if by is Grouping.ROOM else LotRow.format
    of_keys = column == any_(literal(list(keys), ARRAY(column.type)))
    lots = select(column.label("key"), *_amounts(about)).where(about.of_lots, *_in_time(about), of_keys)
    return lots.group_by(column)


def _lots_by_month(about: _Asked) -> Select[Any]:
    """Return the query for the lots of each month: summed by when they count first, so that each is read once."""
    spans = (LotRow.kind, LotRow.month, LotRow.last_month)
    of_them = select(*spans, func.sum(LotRow.amount).label("amount")).where(about.of_lots, LotRow.month <= about.until)
    lots = of_them.group_by(*spans).cte("lots").prefix_with("MATERIALIZED", dialect="postgresql")
    month = func.unnest(literal(list(about.months), ARRAY(Date))).table_valued("month").render_derived()
    goes_on = or_(lots.c.last_month.is_(None), lots.c.last_month >= month.c.month)
    is_in_it = or_(
        and_(lots.c.kind != LotKind.PEOPLE, lots.c.month == month.c.month),
        and_(lots.c.kind == LotKind.PEOPLE, lots.c.month <= month.c.month, goes_on),
    )
    amounts = [func.sum(lots.c.amount).filter(lots.c.kind == kind).label(kind.value) for kind in LotKind]
    joined = select(month.c.month.label("key"), *amounts).select_from(month).join(lots, is_in_it)
    return joined.group_by(month.c.month)


def _of_months(about: _Asked) -> tuple[ColumnElement[bool], ...]:
    return about.of_months, RoomMonthRow.month.between(about.since, about.until)


def _in_time(about: _Asked) -> tuple[ColumnElement[bool], ...]:
    """Return the condition of lots that count in the months (``domain.lots.counts_in``)."""
    return (LotRow.month <= about.until, or_(LotRow.kind == LotKind.PEOPLE, LotRow.month >= about.since))


def _amounts(about: _Asked) -> list[ColumnElement[Any]]:
    people = func.sum(LotRow.amount).filter(LotRow.kind == LotKind.PEOPLE, _ends_from(literal(about.since, Date)))
    others = [func.sum(LotRow.amount).filter(LotRow.kind == kind) for kind in (LotKind.ATTENDED, LotKind.WAITING)]
    return [each.label(kind.value) for kind, each in zip(LotKind, (people, *others), strict=True)]


def _ends_from(month: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(LotRow.last_month.is_(None), LotRow.last_month >= month)


async def _titles(session: AsyncSession, keys: Sequence[UUID]) -> dict[UUID, str]:
    query = select(RoomRow.room_id, RoomRow.snapshot["title"].astext).where(one_of(RoomRow.room_id, keys))
    return {row[0]: row[1] for row in await session.execute(query)}


def _numbers(row: Row[Any]) -> dict[str, Any]:
    useful = {number: int(getattr(row, f"useful_{number}") or 0) for number in range(1, 6)}
    feedback: FeedbackNumbers = numbers(useful)
    return {
        "rooms": row.rooms,
        "sessions_held": row.sessions_held or 0,
        "notes": row.notes or 0,
        "feedback": feedback,
    }


def _people(row: Row[Any]) -> dict[str, int | None]:
    return {kind.value: getattr(row, kind.value) for kind in LotKind}


def _written(month: date) -> str:
    return f"{month:%Y-%m}".zfill(7)
