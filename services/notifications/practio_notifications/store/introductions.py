"""People who were introduced, by others or themselves, and who introduced how many; addresses by their key."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from practio_contracts.mail_addresses import address_key
from practio_contracts.notifications import Introduction
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


async def count_by_themselves(session: AsyncSession, now: datetime) -> int:
    """Count the letters that lately asked people who they are."""
    by_themselves = (IntroductionRow.actor_id == IntroductionRow.person_id, IntroductionRow.at > now - COUNTED_FOR)
    return await session.scalar(select(func.count()).select_from(IntroductionRow).where(*by_themselves)) or 0


async def lock_address(session: AsyncSession, email: str) -> None:
    """Lock an address until the transaction ends, so that it becomes no more than one person."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(email))))


async def person_with(session: AsyncSession, email: str) -> ContactRow | None:
    """Return the person known longest by this address; lock the address until the transaction ends."""
    await lock_address(session, email)
    wanted = select(ContactRow).where(func.lower(ContactRow.email) == email).order_by(ContactRow.person_id).limit(1)
    found: ContactRow | None = await session.scalar(wanted)
    return found


async def introduction_of(session: AsyncSession, contact: ContactRow | None) -> Introduction | None:
    """Return what a person may still do who is known by an address alone; None if they are registered, or not known."""
    if contact is None or contact.email is None or contact.registered:
        return None
    taken = await is_registered(session, address_key(contact.email))
    return Introduction(email=None if taken else contact.email)


async def is_registered(session: AsyncSession, email: str) -> bool:
    """Return whether somebody with this address is registered."""
    theirs = (func.lower(ContactRow.email) == email, ContactRow.registered)
    return await session.scalar(select(ContactRow.person_id).where(*theirs).limit(1)) is not None


def keep_introduction(session: AsyncSession, person_id: UUID, *, actor_id: UUID | None, at: datetime) -> None:
    """Count one introduction by ``actor_id``, or by the system if it is None."""
    session.add(IntroductionRow(introduction_id=uuid7(), person_id=person_id, actor_id=actor_id, at=at))
