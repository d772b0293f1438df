"""The machine's own Chromium, driven by Playwright: nothing is downloaded."""

import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright
from tests.support.parallel import one_at_a_time

from practio_operator.errors import OperatorError
from practio_operator.stack import debian

PACKAGE = "chromium"
_PROGRAMS = (PACKAGE, "chromium-browser", "google-chrome")
# A container's /dev/shm is often too small for it.
_ARGUMENTS = ("--disable-dev-shm-usage",)


@asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    """Give a browser without a window; root needs it without its sandbox, which is how Playwright starts it."""
    program = find_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield browser
        await browser.close()


def find_chromium() -> str:
    """Give the browser's program; installed first where it lacks on Debian and we are root.

    Skips the test where it lacks and nobody offers it; raises OperatorError where it is offered and does not install.
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
    """Say whether apt has the package: Ubuntu has it as a snap only."""
    told = subprocess.run(["apt-cache", "madison", PACKAGE], capture_output=True, text=True, check=False)
    return bool(told.stdout.strip())
