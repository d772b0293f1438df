"""A schema of the chassis' own tables in a real PostgreSQL."""

import uuid
from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from tests.support.stack.example_service import CHASSIS_TABLES, METADATA, ExampleService
from tests.support.stack.servers import Servers


@pytest_asyncio.fixture
async def desk(servers: Servers) -> AsyncIterator[ExampleService]:
    """Yield a database with empty tables of the chassis, dropped at the end."""
    schema = f"desk_{uuid.uuid4().hex[:12]}"
    url = servers.urls.database_url.replace("postgresql://", "postgresql+asyncpg://", 1)
    pool = create_async_engine(url, connect_args={"server_settings": {"search_path": schema}})
    async with pool.begin() as connection:
        await connection.execute(text(f"CREATE SCHEMA {schema}"))
        await connection.run_sync(METADATA.create_all)
    yield ExampleService(pool, async_sessionmaker(pool, autoflush=False, expire_on_commit=False), CHASSIS_TABLES)
    async with pool.begin() as connection:
        await connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    await pool.dispose()
