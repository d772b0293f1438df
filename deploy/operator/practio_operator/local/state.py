"""How a stack is now: which parts are ready, and what waits in the queues."""

from dataclasses import asdict, dataclass
from typing import Any

import httpx

from practio_operator.local.env import http_key
from practio_operator.local.stack import OURS
from practio_operator.provision_broker import management
from practio_operator.reach import administered

READY = "ready"


@dataclass(frozen=True)
class State:
    """What each part says of itself, the base URL where it says so, and each queue's messages and consumers."""

    parts: dict[str, str]
    where: dict[str, str]
    queues: list[dict[str, Any]]

    @property
    def all_ready(self) -> bool:
        """Whether every part is ready."""
        return all(told == READY for told in self.parts.values())

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return asdict(self) | {"ready": self.all_ready}


async def state_of(env: dict[str, str]) -> State:
    """Ask the services, pages and the broker of a stack that is up. Raises OperatorError where the broker is dead."""
    where = {name: env[http_key(name)] for name in OURS}
    parts = {name: await _told(url) for name, url in where.items()}
    async with management(administered()) as broker:
        found = await broker.get("queues", broker.vhost)
    return State(parts, where, [_queue(each) for each in sorted(found, key=lambda queue: str(queue["name"]))])


def _queue(told: dict[str, Any]) -> dict[str, Any]:
    """What an operator wants to know of a queue; a new one has no counts yet."""
    return {name: told.get(name) or default for name, default in (("name", ""), ("messages", 0), ("consumers", 0))}


async def _told(url: str) -> str:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        try:
            answer = await client.get(f"{url}/readyz")
        except httpx.HTTPError:
            return "does not answer"
    if answer.status_code == httpx.codes.OK:
        return READY
    lacks = [name for name in ("database", "broker") if answer.json().get(name) is False]
    return f"not ready: {' and '.join(lacks) or 'the outbox is late'}"
