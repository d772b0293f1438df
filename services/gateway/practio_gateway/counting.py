"""The number of requests by address and by class of status code, and the headers of every response."""

from prometheus_client import Counter
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from practio_gateway.binding import PATHS

REQUESTS = Counter("practio_gateway_requests_total", "Requests by address and class of answer", ["kind", "status"])


class Counting:
    """Middleware that counts responses; what is at none of ``PATHS`` counts as ``other``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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
                MutableHeaders(scope=message).update({"cache-control": "no-store", "x-content-type-options": "nosniff"})
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            kind = scope["path"].removeprefix("/") if scope["path"] in PATHS else "other"
            REQUESTS.labels(kind, f"{status // 100}xx").inc()
