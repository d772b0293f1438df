"""The start of a trace: a form that is sent."""

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from practio_chassis.telemetry.metrics import span
from practio_pages.page_metrics import known_page


class Tracing:
    """Middleware that opens a span for each form, named by its page alone, since a path identifies a link.

    A trace context from a browser is ignored.
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
