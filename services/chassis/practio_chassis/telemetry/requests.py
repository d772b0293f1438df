"""The number of requests over HTTP, by address and by class of status code."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from prometheus_client import Counter

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Counting:
    """ASGI middleware that counts the responses of an application, and adds ``headers`` to each."""

    def __init__(
        self,
        app: Application,
        *,
        requests: Counter,
        name_of: Callable[[str], str],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """``name_of`` returns the label of a path: one of few, since each is a time series."""
        self._app = app
        self._requests = requests
        self._name_of = name_of
        self._headers = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        self._names = {name for name, _ in self._headers}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; one that gets no response at all counts as 5xx."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def counted(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                others = [each for each in message.get("headers", ()) if each[0].lower() not in self._names]
                message["headers"] = [*others, *self._headers]
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            self._requests.labels(self._name_of(scope["path"]), f"{status // 100}xx").inc()
