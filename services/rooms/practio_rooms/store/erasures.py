"""Erasures, held back by loops that write again what they read of people."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.handling import erasing

_BESIDE_OTHERS = select(erasing.lock("rooms", alone=False))


async def hold_back_erasures(session: AsyncSession) -> None:
    """Let nobody be erased until the transaction ends; wait for an erasure that is under way."""
    await session.execute(_BESIDE_OTHERS)
