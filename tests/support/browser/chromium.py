"""The machine's own Chromium, driven by Playwright: nothing is downloaded."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psutil
import pytest
from playwright.async_api import Browser, async_playwright
from tests.support.parallel import one_at_a_time

from practio_operator.console.errors import OperatorError
from practio_operator.stack import debian

PACKAGE = "chromium"
_PROGRAMS = (PACKAGE, "chromium-browser", "google-chrome")
# A container's /dev/shm is often too small for it. A process that draws as a GPU would only takes time.
_ARGUMENTS = ("--disable-dev-shm-usage", "--disable-gpu", "--in-process-gpu")
_CLOSE_SECONDS = 15.0


@asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    """Yield a browser without a window; root needs it without its sandbox, which is how Playwright starts it."""
    program = find_chromium()
    playwright = await async_playwright().start()
    browser = await playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
    yield browser
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await browser.close()
                await playwright.stop()
    finally:
        _end_driver()


def _end_driver() -> None:
    """Kill Playwright's driver if it is still there: at the end of a long run it sometimes does not end by itself."""
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if any("playwright" in argument for argument in child.cmdline()):
                child.kill()


def find_chromium() -> str:
    """Return the browser's program; install it first if it is missing on Debian and we are root.

    Skip the test if it is missing and no package has it; raise OperatorError if its package cannot be installed.
    """
    with one_at_a_time():
        if (found := _found()) is None and debian.can_install():
            _install()
            found = _found()
    return found or pytest.skip(f"no Chromium on PATH: to see pages in a browser, install the package {PACKAGE}")


def _found() -> str | None:
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


def _install() -> None:
    try:
        debian.install([PACKAGE])
    except OperatorError:
        if _is_offered():
            raise


def _is_offered() -> bool:
    """Return whether apt has the package: Ubuntu has it as a snap only."""
    output = subprocess.run(["apt-cache", "madison", PACKAGE], capture_output=True, text=True, check=False)
    return bool(output.stdout.strip())
