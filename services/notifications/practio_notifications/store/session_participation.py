"""Who comes to the sessions of rooms, and what is planned for them, by their newest events."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.reading import readable
from practio_chassis.database.sql import one_of, one_of_rows
from practio_contracts.rooms import Coming, SessionAnswered, SessionPlanned
from practio_notifications.letters.session_plans import PlanOfDate
from practio_notifications.tables import AnswerRow, PartRow, PlanRow, SessionRow

_FAR_AHEAD = timedelta(days=400)
"""When a session ends of which only the plan has arrived yet: rooms plan none beyond."""

_CASE = ""


async def keep_answer(session: AsyncSession, event: SessionAnswered, *, at: datetime, by_person: bool) -> None:
    """Keep a person's answer, accepted ``at`` this time, unless a newer one was received.

    ``by_person``: they gave it themselves, then; a calendar's answer is passed on by the system, later.
    """
    starts_at = event.starts_at or await _starts_at(session, event.session_id)
    if starts_at is None:
        return
    values = {"coming": event.coming.value, "starts_at": starts_at, "answered_at": at, "by_person": by_person}
    written = insert(AnswerRow).values(session_id=event.session_id, person_id=event.person_id, **values)
    await session.execute(
        written.on_conflict_do_update(
            index_elements=[AnswerRow.session_id, AnswerRow.person_id],
            set_=values,
            where=AnswerRow.answered_at <= at,
        )
    )


async def answered_on_page_after(session: AsyncSession, about: SessionRow, person_id: UUID, at: datetime) -> bool:
    """Return whether a person themselves answered to a session at its present time later than ``at`` this time."""
    given = (AnswerRow.session_id == about.session_id, AnswerRow.person_id == person_id, AnswerRow.by_person)
    newer = (AnswerRow.starts_at == about.starts_at, AnswerRow.answered_at > at)
    return await session.scalar(select(AnswerRow.session_id).where(*given, *newer)) is not None


async def end_answers_to(session: AsyncSession, session_id: UUID, *, at: datetime) -> None:
    """Delete what people answered to a session until it was moved or called off ``at`` this time."""
    await session.flush()
    await session.execute(delete(AnswerRow).where(AnswerRow.session_id == session_id, AnswerRow.answered_at <= at))


async def end_answers_of(session: AsyncSession, person_id: UUID, room_id: UUID, *, at: datetime) -> None:
    """Delete a person's answers to the sessions of a room that had not begun when they left it ``at`` this time."""
    await session.flush()
    sessions = select(SessionRow.session_id).where(SessionRow.room_id == room_id)
    given = (AnswerRow.person_id == person_id, AnswerRow.answered_at <= at, AnswerRow.starts_at > at)
    await session.execute(delete(AnswerRow).where(*given, AnswerRow.session_id.in_(sessions)))


async def _starts_at(session: AsyncSession, session_id: UUID) -> datetime | None:
    row = await session.get(SessionRow, session_id)
    return row.starts_at if row else None


async def keep_plan(session: AsyncSession, event: SessionPlanned, *, at: datetime, people: Iterable[UUID]) -> None:
    """Keep what is planned and proposed for a session as a whole, unless a newer plan was received.

    Only ``people`` have parts.
    """
    known = await session.get(SessionRow, event.session_id)
    ends_at, kept = known.ends_at if known else at + _FAR_AHEAD, set(people)
    row = await session.get(PlanRow, event.session_id, with_for_update=True)
    if row is not None and row.planned_at > at:
        return
    if row is None:
        row = PlanRow(session_id=event.session_id)
        session.add(row)
    row.guests, row.planned_at, row.ends_at = list(event.guests), at, ends_at
    await session.flush()
    await session.execute(delete(PartRow).where(PartRow.session_id == event.session_id))
    parts = dict.fromkeys(((person_id, _CASE) for person_id in event.case_by), False)
    parts |= dict.fromkeys(((role.person_id, role.name) for role in event.proposed_roles), True)
    parts |= dict.fromkeys(((role.person_id, role.name) for role in event.roles), False)
    for place, ((person_id, role), is_proposed) in enumerate(parts.items()):
        if person_id in kept:
            key = {"session_id": event.session_id, "person_id": person_id, "role": role}
            session.add(PartRow(**key, place=place, ends_at=ends_at, is_proposed=is_proposed))


async def move_plan(session: AsyncSession, session_id: UUID, *, ends_at: datetime) -> None:
    """Keep what is planned for a session as long after its new end."""
    for kind in (PlanRow, PartRow):
        await session.execute(update(kind).where(kind.session_id == session_id).values(ends_at=ends_at))


async def answers_of(
    session: AsyncSession, pairs: Iterable[tuple[UUID, UUID]], unread: set[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], Coming]:
    """Return the answers that count, of those ``pairs`` of a session and a person that have one.

    One for another time than the session's does not, if the move is not known yet with which it ended. The pairs whose
    answer this release cannot read join ``unread``.
    """
    wanted = list(set(pairs))
    if not wanted:
        return {}
    columns = (AnswerRow.session_id, AnswerRow.person_id)
    found = await session.execute(
        select(*columns, AnswerRow.coming)
        .join(
            SessionRow, (SessionRow.session_id == AnswerRow.session_id) & (SessionRow.starts_at == AnswerRow.starts_at)
        )
        .where(one_of_rows(columns, wanted))
    )
    rows = {(session_id, person_id): coming for session_id, person_id, coming in found}
    return readable(rows, Coming, unread, table="session_answer")


async def plans_of(session: AsyncSession, sessions: Iterable[UUID]) -> Mapping[UUID, PlanOfDate]:
    """Return what is planned for ``sessions``, of those that have a plan; without names."""
    wanted = set(sessions)
    if not wanted:
        return {}
    parts: dict[UUID, list[PartRow]] = {}
    found = select(PartRow).where(one_of(PartRow.session_id, wanted)).order_by(PartRow.session_id, PartRow.place)
    for part in await session.scalars(found):
        parts.setdefault(part.session_id, []).append(part)
    plans = await session.scalars(select(PlanRow).where(one_of(PlanRow.session_id, wanted)))
    return {
        plan.session_id: PlanOfDate(
            case_by=[each.person_id for each in parts.get(plan.session_id, ()) if each.role == _CASE],
            roles=_roles(parts.get(plan.session_id, ()), proposed=False),
            guests=list(plan.guests),
            proposed=_roles(parts.get(plan.session_id, ()), proposed=True),
        )
        for plan in plans
    }


def _roles(parts: Sequence[PartRow], *, proposed: bool) -> list[tuple[str, UUID]]:
    return [(each.role, each.person_id) for each in parts if each.role != _CASE and each.is_proposed is proposed]
