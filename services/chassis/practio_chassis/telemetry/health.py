"""The health of a process over HTTP: liveness, readiness, metrics.

Liveness never depends on the broker. Readiness covers the database, the broker with its alarms, the age of the oldest
message not yet published (a connection that lost its peer still answers a ping), and whether queues and loops make
progress.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from typing import Any

from faststream.asgi import AsgiResponse, get
from prometheus_client import make_asgi_app
from pydantic_core import to_json

_JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Readiness:
    """The conditions of readiness, and the service's release; ``outbox_age`` is in seconds.

    ``blocked``: the broker lets nobody publish, since its memory or its disk is used up. ``stalled`` names the queues
    whose messages do not move, and the loops that fail. ``faults`` is what else the service cannot do, with the reason,
    and which alarm the broker has.
    """

    database: bool
    broker: bool
    outbox_age: float
    ready: bool
    version: str
    blocked: bool = False
    stalled: tuple[str, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)


@cache
def release_of(name: str) -> str:
    """Return the version of the running distribution of a service, or of pages."""
    return version(f"practio-{name}")


class _Metrics:
    """The ASGI application of Prometheus' client, as an object: Starlette takes functions for something else."""

    def __init__(self) -> None:
        self._app = make_asgi_app()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer with all metrics."""
        await self._app(scope, receive, send)


def routes(readiness: Callable[[], Awaitable[Mapping[str, Any]]]) -> list[tuple[str, Any]]:
    """Return the paths ``/livez``, ``/readyz`` and ``/metrics``, and the ASGI application at each.

    ``readiness`` returns what ``/readyz`` answers; it has ``ready``.
    """

    @get(description="The process runs and answers.")
    async def livez(_scope: object) -> AsgiResponse:
        return AsgiResponse(to_json({"alive": True}), 200, _JSON)

    @get(description="The process can do its work now: 200, or 503 with the reason.")
    async def readyz(_scope: object) -> AsgiResponse:
        found = await readiness()
        return AsgiResponse(to_json(found), 200 if found["ready"] else 503, _JSON)

    return [("/livez", livez), ("/readyz", readyz), ("/metrics", _Metrics())]
