"""Transactions that see one moment and cannot write."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

_READ_ONLY = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


@asynccontextmanager
async def read_only(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
    """Open a session in such a transaction; it begins as one, so that no statement has to say so."""
    async with sessions() as session:
        await session.connection(execution_options=_READ_ONLY)
        yield session
