"""What each test of pages has: one browser for all, and readers who give nothing away."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from tests.support.browser.chromium import running_chromium
from tests.support.browser.reader import Reader, a_reader
from tests.support.stack.running import Stack


class Readers(Protocol):
    """Gives a reader of the stack's pages, to be entered; the looks as Playwright has them."""

    def __call__(self, *, scripts: bool = False, **looks: Any) -> AbstractAsyncContextManager[Reader]: ...


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Give the machine's Chromium."""
    async with running_chromium() as found:
        yield found


@pytest.fixture
def readers(browser: Browser, stack: Stack) -> Readers:
    """Give readers with a browser of their own each."""

    def reader(*, scripts: bool = False, **looks: Any) -> AbstractAsyncContextManager[Reader]:
        return a_reader(browser, stack.pages_url, scripts=scripts, **looks)

    return reader


@pytest_asyncio.fixture
async def reader(readers: Readers, stack: Stack) -> AsyncIterator[Reader]:
    """Give a reader whose browser runs no scripts; what their links hold is in no log afterwards."""
    async with readers() as found:
        yield found
        logs = "".join(each.process.log.read_text() for each in (*stack.services.values(), stack.pages))
        assert [token for token in found.tokens() if token in logs] == []
