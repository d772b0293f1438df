"""The logs of a process of pages, which never identify a link."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from socket import create_server

import httpx
import pytest
from tests.support.eventually import eventually
from tests.support.stack.processes import ManagedProcess
from tests.unit.pages.builders import a_way
from tests.unit.pages.sites import KEYS

from practio_contracts.links import Links
from practio_operator.execution.http import NO_AUTHORITIES

PAGES = ("way", "desk", "queue", "stop", "preferences")


@pytest.fixture
def url() -> str:
    with closing(create_server(("127.0.0.1", 0))) as found:
        return f"http://127.0.0.1:{found.getsockname()[1]}"


@pytest.fixture
def process(url: str, tmp_path: Path) -> Iterator[ManagedProcess]:
    """Yield a process with the most verbose logs and an unreachable broker."""
    settings = {
        "PRACTIO_BROKER_URL": "amqp://pages:unused@127.0.0.1:1/practio",
        "PRACTIO_PAGES_URL": url,
        "PRACTIO_LINK_KEYS": ",".join(KEYS),
        "PRACTIO_HTTP_PORT": url.rpartition(":")[2],
        "PRACTIO_LOG_LEVEL": "debug",
    }
    kept = ManagedProcess(
        "pages", (sys.executable, "-m", "practio_pages", "serve"), os.environ | settings, tmp_path / "pages.log"
    )
    kept.start()
    yield kept
    kept.kill()


async def test_no_log_line_contains_a_token(process: ManagedProcess, url: str) -> None:
    tokens = [Links(url, KEYS).token(a_way()), "a-forged-token-of-somebody"]
    async with httpx.AsyncClient(base_url=url, verify=NO_AUTHORITIES, trust_env=False) as browser:

        async def is_up() -> bool:
            try:
                return (await browser.get("/livez")).status_code == httpx.codes.OK
            except httpx.HTTPError:
                return False

        await eventually(is_up, within=30, message=lambda: f"up\n{process.tail()}")
        for path in (f"/{page}/{token}" for page in PAGES for token in tokens):
            await browser.get(path)
            await browser.post(path, data={"List-Unsubscribe": "One-Click", "form": "x"})
        counted = (await browser.get("/metrics")).text
    logged = process.log.read_text()
    assert '"service": "pages"' in logged
    assert [token for token in tokens if token in logged + counted] == []
    assert [page for page in PAGES if f"/{page}/" in logged] == []
