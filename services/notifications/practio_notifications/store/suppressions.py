"""Letters that came back, and the addresses that are not written to for it; addresses by their key."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from practio_chassis.database.sql import one_of
from practio_contracts.mail_addresses import address_key
from practio_contracts.notifications import BounceKind, ReportBounce
from practio_notifications.letters.suppression import SOFT_COUNTED_FOR
from practio_notifications.tables import BounceRow, ContactRow, SuppressionRow


async def suppressed_of(session: AsyncSession, emails: Iterable[str]) -> set[str]:
    """Return those of ``emails`` that are suppressed."""
    wanted = set(emails)
    if not wanted:
        return set()
    return set(await session.scalars(select(SuppressionRow.email).where(one_of(SuppressionRow.email, wanted))))


async def suppression_of(session: AsyncSession, email: str) -> SuppressionRow | None:
    """Return the suppression of an address; None if there is none."""
    return await session.get(SuppressionRow, email)


async def suppress(session: AsyncSession, email: str, kind: BounceKind, now: datetime) -> SuppressionRow:
    """Write to an address no more, since letters to it came back."""
    row = SuppressionRow(email=email, kind=kind, at=now)
    session.add(row)
    await session.flush()
    return row


async def keep_bounce(session: AsyncSession, bounce: ReportBounce, *, reader: UUID | None, at: datetime) -> None:
    """Keep a bounce by the key of its address; ``reader`` is the person whose letter came back, if that is known."""
    session.add(
        BounceRow(
            bounce_id=uuid7(),
            email=address_key(bounce.email),
            kind=bounce.kind,
            letter_id=bounce.letter_id,
            detail=bounce.detail,
            at=at,
            person_id=reader,
        )
    )
    await session.flush()


async def soft_bounces(session: AsyncSession, email: str, now: datetime) -> int:
    """Count the soft bounces of an address in the week before ``now``."""
    softly = (BounceRow.email == email, BounceRow.kind == BounceKind.SOFT, BounceRow.at > now - SOFT_COUNTED_FOR)
    counted = await session.scalar(select(func.count()).select_from(BounceRow).where(*softly))
    return counted or 0


async def people_with(session: AsyncSession, email: str) -> list[UUID]:
    """Return the people who have this address."""
    found = select(ContactRow.person_id).where(func.lower(ContactRow.email) == email)
    return list(await session.scalars(found.order_by(ContactRow.person_id)))


async def forget_address(session: AsyncSession, email: str) -> None:
    """Delete the bounces and the suppression of an address."""
    await session.flush()
    await session.execute(delete(BounceRow).where(BounceRow.email == email))
    if (row := await suppression_of(session, email)) is not None:
        await session.delete(row)
        await session.flush()
