"""People who were introduced by somebody else, and who introduced how many of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from practio_notifications.letters.introductions import COUNTED_FOR, MOST
from practio_notifications.tables import ContactRow, IntroductionRow


async def introductions_of(session: AsyncSession, actor_id: UUID | None, now: datetime) -> list[datetime]:
    """Return when ``actor_id``, or the system if it is None, introduced people lately: the newest ``MOST``."""
    by = IntroductionRow.actor_id.is_(None) if actor_id is None else IntroductionRow.actor_id == actor_id
    wanted = (
        select(IntroductionRow.at)
        .where(by, IntroductionRow.at > now - COUNTED_FOR)
        .order_by(IntroductionRow.at.desc())
        .limit(MOST)
    )
    return list(await session.scalars(wanted))


async def person_with(session: AsyncSession, email: str) -> UUID | None:
    """Return the person known longest by this address (in lower case); lock the address until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(email))))
    wanted = (
        select(ContactRow.person_id)
        .where(func.lower(ContactRow.email) == email)
        .order_by(ContactRow.person_id)
        .limit(1)
    )
    found: UUID | None = await session.scalar(wanted)
    return found


def keep_introduction(session: AsyncSession, person_id: UUID, *, actor_id: UUID | None, at: datetime) -> None:
    """Count one introduction by ``actor_id``, or by the system if it is None."""
    session.add(IntroductionRow(introduction_id=uuid7(), person_id=person_id, actor_id=actor_id, at=at))
