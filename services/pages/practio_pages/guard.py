"""The headers of every response, which protect readers, and the limit on the size of a request."""

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 2 * 1024 * 1024
"""The largest body of a request in bytes; no form of this site reaches it, in any script."""

_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_UNLESS_SET = {"cache-control": "no-store", "x-robots-tag": "noindex"}
"""The headers that a page may set otherwise: one that everybody may read may be kept, and listed by search engines."""


class Guard:
    """Middleware that sets headers on each response; one without rules of its own is kept and listed nowhere.

    ``too_large`` returns the page for a request whose body is above the limit.
    """

    def __init__(self, app: ASGIApp, *, secure: bool, too_large: Callable[[Request], Response]) -> None:
        self._app = app
        self._too_large = too_large
        self._headers = dict(_HEADERS)
        if secure:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; a declared body above the limit gets 413, an undeclared one is cut off."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                for name, value in _UNLESS_SET.items():
                    headers.setdefault(name, value)
            await send(message)

        if _declared_length(scope) > MAX_BODY_BYTES:
            await self._too_large(Request(scope, receive))(scope, receive, guarded)
            return
        await self._app(scope, _bounded(receive), guarded)


def _declared_length(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


def _bounded(receive: Receive) -> Receive:
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return message if taken <= MAX_BODY_BYTES else {"type": "http.disconnect"}

    return bounded
