"""One relay leads; one that has fallen silent loses the lead to another, and can delete nothing any more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.support.eventually import eventually
from tests.support.stack.example_service import ExampleService

from practio_chassis.outbound import leadership as module
from practio_chassis.outbound.leadership import Leadership, LostLeadershipError

Sessions = tuple[AsyncConnection, AsyncConnection]


@pytest_asyncio.fixture
async def sessions(desk: ExampleService) -> AsyncIterator[Sessions]:
    async with AsyncExitStack() as stack:
        pair = []
        for _ in range(2):
            session = await stack.enter_async_context(desk.pool.connect())
            stack.push_async_callback(session.invalidate)
            pair.append(await session.execution_options(isolation_level="AUTOCOMMIT"))
        yield pair[0], pair[1]


async def test_only_one_leads(sessions: Sessions) -> None:
    assert await Leadership(sessions[0], "a relay").take()
    assert not await Leadership(sessions[1], "a relay").take()
    assert await Leadership(sessions[1], "another relay").take()


async def test_a_silent_leader_loses_its_session_and_the_lead(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SILENCE_SECONDS", 0.2)
    assert await Leadership(sessions[0], "a relay").take()
    other = Leadership(sessions[1], "a relay")
    await eventually(other.take)
    with pytest.raises(DBAPIError):
        await sessions[0].execute(text("SELECT 1"))


async def test_a_leader_that_speaks_while_it_publishes_keeps_the_lead(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SILENCE_SECONDS", 1.5)  # more than a slow machine may stand still
    monkeypatch.setattr(module, "_SPEAK_EVERY_SECONDS", 0.05)
    leader, other = Leadership(sessions[0], "a relay"), Leadership(sessions[1], "a relay")
    assert await leader.take()
    asked = 0
    over = asyncio.get_running_loop().time() + 3.0
    async with leader.kept():
        while asyncio.get_running_loop().time() < over:
            assert not await other.take()
            asked += 1
    assert asked > 1
    await sessions[0].execute(text("SELECT 1"))


async def test_a_leader_that_loses_its_session_waits_for_nothing_else(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SPEAK_EVERY_SECONDS", 0.05)
    leader = Leadership(sessions[0], "a relay")
    assert await leader.take()
    pid = await sessions[0].scalar(text("SELECT pg_backend_pid()"))

    async def waits_for_the_broker() -> None:
        async with leader.kept():
            await sessions[1].execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            await asyncio.Event().wait()

    with pytest.raises(DBAPIError):
        await waits_for_the_broker()


async def test_what_is_raised_while_a_leader_speaks_is_raised_as_it_is(sessions: Sessions) -> None:
    async def fails() -> None:
        async with Leadership(sessions[0], "a relay").kept():
            raise TimeoutError

    with pytest.raises(TimeoutError):
        await fails()


async def test_a_leader_does_not_trust_itself_after_a_silence(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader = Leadership(sessions[0], "a relay")
    assert await leader.take()
    leader.check()
    monkeypatch.setattr(module, "TRUSTED_SECONDS", 0.0)
    with pytest.raises(LostLeadershipError):
        leader.check()
