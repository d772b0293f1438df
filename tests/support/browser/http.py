"""A browser at the running pages: it has no cookies and runs no script."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from tests.support.html import parse

from practio_operator.execution.http import NO_AUTHORITIES


class Browser:
    """Shows pages and sends their forms; made by ``a_browser``."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def sees(self, url: str, **asked: str) -> httpx.Response:
        """Return the page at ``url``, which is to be there."""
        return _there(await self._client.get(url, params=asked or None))

    async def sends(self, page: httpx.Response, **typed: Any) -> httpx.Response:
        """Send the first signed form of ``page`` with the typed fields; return the page that follows."""
        found = parse(page.text).select_one("form input[name=form]")
        assert found, f"no form in {page.text}"
        return _there(await self._client.post(page.url, data={"form": str(found["value"]), **typed}))

    async def posts(self, url: str, **fields: str) -> httpx.Response:
        """Send fields of no page; return the response."""
        return await self._client.post(url, data=fields)


def _there(answer: httpx.Response) -> httpx.Response:
    assert answer.status_code == httpx.codes.OK, f"{answer.status_code}: {answer.text}"
    return answer


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    """Yield a browser whose language is English."""
    headers = {"accept-language": "en"}
    async with httpx.AsyncClient(verify=NO_AUTHORITIES, trust_env=False, timeout=60, headers=headers) as client:
        yield Browser(client)
