"""Where a trace begins: a form that somebody sends."""

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from practio_chassis.telemetry.metrics import span
from practio_pages.counting import known_page


class Tracing:
    """Opens a span for each form sent to ``app``, named by one of its ``pages``: a path tells whose link it was.

    Whatever trace a browser tells of is not gone on with.
    """

    def __init__(self, app: ASGIApp, *, pages: Collection[str]) -> None:
        self._app = app
        self._pages = frozenset(pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        with span(f"POST {known_page(scope['path'], self._pages)}"):
            await self._app(scope, receive, send)
