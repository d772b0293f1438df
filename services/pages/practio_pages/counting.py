"""The number of requests by page and by class of status code."""

from collections.abc import Collection

from prometheus_client import Counter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUESTS = Counter("practio_pages_requests_total", "Requests by page and class of answer", ["page", "status"])


class Counting:
    """Middleware that counts responses by the first part of the path; the rest of a path never becomes a label."""

    def __init__(self, app: ASGIApp, *, pages: Collection[str]) -> None:
        self._app = app
        self._pages = frozenset(pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; one that gets no response at all counts as 5xx."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            REQUESTS.labels(known_page(scope["path"], self._pages), f"{status // 100}xx").inc()


def known_page(path: str, pages: Collection[str]) -> str:
    """Return the name of the page at ``path`` if it is one of ``pages``, else ``other``."""
    page = page_at(path)
    return page if page in pages else "other"


def page_at(path: str) -> str:
    """Return the name of the page at ``path``: its first part, or ``home`` at the root."""
    return path.lstrip("/").partition("/")[0] or "home"
