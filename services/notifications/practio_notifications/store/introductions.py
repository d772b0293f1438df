"""People who were introduced, by others or themselves, and who introduced how many; addresses by their key."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from practio_contracts.mail_addresses import address_key
from practio_contracts.notifications import Introduction
from practio_notifications.letters.introductions import COUNTED_FOR, MOST, MOST_OF_ADDRESS
from practio_notifications.tables import ContactRow, IntroductionRow

_BY_OTHERS = IntroductionRow.actor_id != IntroductionRow.person_id  # nor by the system, whose id is null
_ALL_INTRODUCTIONS = "introductions"


async def lock_introductions(session: AsyncSession) -> None:
    """Let no other introduction count until the transaction ends, so that no limit is passed by two at once."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(_ALL_INTRODUCTIONS))))


async def most_by_since(session: AsyncSession, actor_id: UUID | None, now: datetime) -> datetime | None:
    """Return since when ``actor_id``, or the system if it is None, has introduced ``MOST``; None if it were fewer."""
    by = IntroductionRow.actor_id.is_(None) if actor_id is None else IntroductionRow.actor_id == actor_id
    return await _since(session, now, MOST, by)


async def most_of_since(session: AsyncSession, person_id: UUID, now: datetime) -> datetime | None:
    """Return since when a person was introduced by ``MOST_OF_ADDRESS`` others; None if they were fewer."""
    latest = func.max(IntroductionRow.at)
    lately = (_BY_OTHERS, IntroductionRow.person_id == person_id, IntroductionRow.at > now - COUNTED_FOR)
    actors = select(latest).where(*lately).group_by(IntroductionRow.actor_id).order_by(latest.desc())
    found: datetime | None = await session.scalar(actors.offset(MOST_OF_ADDRESS - 1).limit(1))
    return found


async def most_in_all_since(session: AsyncSession, now: datetime, most: int) -> datetime | None:
    """Return since when ``most`` introductions were made of other people; None if it were fewer."""
    return await _since(session, now, most, _BY_OTHERS)


async def _since(session: AsyncSession, now: datetime, most: int, *where: ColumnElement[bool]) -> datetime | None:
    lately = (*where, IntroductionRow.at > now - COUNTED_FOR)
    newest = select(IntroductionRow.at).where(*lately).order_by(IntroductionRow.at.desc())
    found: datetime | None = await session.scalar(newest.offset(most - 1).limit(1))
    return found


async def count_by_themselves(session: AsyncSession, now: datetime, person_id: UUID | None = None) -> int:
    """Count the letters that lately asked people, or one person, who they are."""
    by_themselves = [IntroductionRow.actor_id == IntroductionRow.person_id, IntroductionRow.at > now - COUNTED_FOR]
    if person_id is not None:
        by_themselves.append(IntroductionRow.person_id == person_id)
    return await session.scalar(select(func.count()).select_from(IntroductionRow).where(*by_themselves)) or 0


async def lock_address(session: AsyncSession, email: str) -> None:
    """Lock an address until the transaction ends, so that it becomes no more than one person."""
    await session.flush()
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(email))))


async def person_with(session: AsyncSession, email: str) -> ContactRow | None:
    """Return the person with this address, always the same of several; lock the address until the transaction ends."""
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


async def keep_introduction(session: AsyncSession, person_id: UUID, *, actor_id: UUID | None, at: datetime) -> None:
    """Count one introduction by ``actor_id``, or by the system if it is None."""
    session.add(IntroductionRow(introduction_id=uuid7(), person_id=person_id, actor_id=actor_id, at=at))
    await session.flush()
