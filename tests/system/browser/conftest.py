"""The fixtures of page tests: one browser for all, and readers that reveal nothing."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from tests.support.browser.chromium import running_chromium
from tests.support.browser.reader import Reader, a_reader
from tests.support.stack.running import RunningStack


class ReaderFactory(Protocol):
    """A factory of readers of the stack's pages, to be entered; ``looks`` are Playwright's context options."""

    def __call__(self, *, scripts: bool = False, **looks: Any) -> AbstractAsyncContextManager[Reader]: ...


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Yield the machine's Chromium."""
    async with running_chromium() as found:
        yield found


@pytest.fixture
def readers(browser: Browser, stack: RunningStack) -> ReaderFactory:
    """Return a factory of readers with a browser context each."""

    def reader(*, scripts: bool = False, **looks: Any) -> AbstractAsyncContextManager[Reader]:
        return a_reader(browser, stack.pages_url, scripts=scripts, **looks)

    return reader


@pytest_asyncio.fixture
async def reader(readers: ReaderFactory, stack: RunningStack) -> AsyncIterator[Reader]:
    """Yield a reader without scripts; afterwards no log contains a token of their links."""
    async with readers() as found:
        yield found
        assert logged_tokens(found, stack) == []


def logged_tokens(reader: Reader, stack: RunningStack) -> list[str]:
    """Return the tokens of a reader's links that a log contains."""
    logs = "".join(each.process.log.read_text() for each in (*stack.services.values(), stack.pages))
    return [token for token in reader.tokens() if token in logs]
