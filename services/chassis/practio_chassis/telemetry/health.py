"""What a service says of its health over HTTP: alive, ready, measured.

Alive never depends on the broker. Ready is the database, the broker *and* the age of the oldest message not yet
published: a connection that lost its other end still says yes to a ping (architecture.md, Health).
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version

from faststream.asgi import AsgiResponse, get
from prometheus_client import make_asgi_app
from pydantic_core import to_json

_JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Readiness:
    """What being ready rests on, and of which release the service is; ``outbox_age`` is in seconds."""

    database: bool
    broker: bool
    outbox_age: float
    ready: bool
    version: str


@cache
def release_of(name: str) -> str:
    """Give the version of the distribution of a service, or of pages, that runs here."""
    return version(f"practio-{name}")


def routes(readiness: Callable[[], Awaitable[Readiness]]) -> list[tuple[str, object]]:
    """Give the routes ``/livez``, ``/readyz`` and ``/metrics``."""

    @get(description="The process runs and answers.")
    async def livez(_scope: object) -> AsgiResponse:
        return AsgiResponse(to_json({"alive": True}), 200, _JSON)

    @get(description="The service can do its work now: 200, or 503 with what lacks.")
    async def readyz(_scope: object) -> AsgiResponse:
        found = await readiness()
        return AsgiResponse(to_json(asdict(found)), 200 if found.ready else 503, _JSON)

    return [("/livez", livez), ("/readyz", readyz), ("/metrics", make_asgi_app())]
