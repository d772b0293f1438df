"""The present state of Practio: which parts are ready, their version and lag, and the queues."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from practio_chassis.broker.alarms import FAULT as ALARM
from practio_chassis.broker.queue_names import dead_queue, is_shard_queue, queries_queue
from practio_contracts.catalogue import SERVICES
from practio_operator.dead_letters.queues import QUEUES
from practio_operator.provisioning.broker import management
from practio_operator.targets.addresses import administrator_target, service_urls

READY = "ready"
LAG = "practio_lag_seconds"
SET_ASIDE = "practio_set_aside_rows"
OUTBOX = "outbox"
"""The label of messages that the broker refuses, among the rows set aside."""

_QUERIES = frozenset(queries_queue(service) for service in SERVICES)


@dataclass(frozen=True)
class ServiceState:
    """The state of a service, or of pages, as it reports it.

    ``lag`` is the age of the last message, in seconds, when it was handled: the greatest of its queues, None if it has
    handled nothing since it started. ``where`` is the base URL that was asked. ``set_aside`` are rows that its release
    cannot process, ``refused`` messages that the broker refuses.
    """

    state: str
    where: str
    version: str | None = None
    lag: float | None = None
    set_aside: int = 0
    refused: int = 0


@dataclass(frozen=True)
class State:
    """The state of each part, and each queue's messages and consumers."""

    parts: dict[str, ServiceState]
    queues: list[dict[str, Any]]

    @property
    def all_ready(self) -> bool:
        """Return whether every part is ready; if no part could be asked, whether every queue has a consumer."""
        if self.parts:
            return all(part.state == READY for part in self.parts.values())
        consumed = {queue["name"] for queue in self.queues if queue["consumers"]}
        return consumed >= {*QUEUES, *(queue["name"] for queue in self.queues if is_shard_queue(queue["name"]))}

    @property
    def dead(self) -> int:
        """Return the number of dead letters that somebody has to decide about: commands and events."""
        return self._dead_of(set(QUEUES) - _QUERIES)

    @property
    def dead_queries(self) -> int:
        """Return the number of queries that expired or failed; nobody waits for them, and they go by themselves."""
        return self._dead_of(_QUERIES)

    def _dead_of(self, queues: AbstractSet[str]) -> int:
        dead = {dead_queue(queue) for queue in queues}
        return sum(queue["messages"] for queue in self.queues if queue["name"] in dead)

    def as_json(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return {
            "ready": self.all_ready,
            "parts": {name: part.state for name, part in self.parts.items()},
            "where": {name: part.where for name, part in self.parts.items()},
            "versions": {name: part.version for name, part in self.parts.items()},
            "lag": {name: part.lag for name, part in self.parts.items()},
            "set_aside": {name: part.set_aside for name, part in self.parts.items()},
            "refused": {name: part.refused for name, part in self.parts.items()},
            "dead_letters": self.dead,
            "dead_queries": self.dead_queries,
            "queues": self.queues,
        }


async def state_now() -> State:
    """Ask services and pages, if their addresses are known, and the broker.

    Raise OperatorError if the broker is down, or if its address is not known.
    """
    async with management(administrator_target()) as broker:
        found = await broker.get("queues", broker.vhost)
    parts = {name: await _part_at(url) for name, url in service_urls().items()}
    return State(parts, [_queue(each) for each in sorted(found, key=lambda queue: str(queue["name"]))])


def _queue(reported: dict[str, Any]) -> dict[str, Any]:
    """Return the state of a queue; a new one has no counts yet."""
    return {name: reported.get(name) or default for name, default in (("name", ""), ("messages", 0), ("consumers", 0))}


async def _part_at(url: str) -> ServiceState:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        try:
            answer = await client.get(f"{url}/readyz")
            measured = await client.get(f"{url}/metrics")
            reported = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            return ServiceState("does not answer", url)
    return ServiceState(
        state_in(reported, ready=answer.status_code == httpx.codes.OK),
        url,
        reported.get("version"),
        lag_in(measured.text),
        set_aside_in(measured.text),
        refused_in(measured.text),
    )


def state_in(reported: dict[str, Any], *, ready: bool) -> str:
    """Return a part's state, with what is missing by its ``/readyz``."""
    if ready:
        return READY
    missing = [name for name in ("database", "broker") if reported.get(name) is False]
    faults = reported.get("faults") or {}
    if reported.get("blocked") and ALARM not in faults:
        missing.append("the broker's memory or disk")
    if stalled := reported.get("stalled"):
        missing.append(f"no progress of {', '.join(stalled)}")
    missing += faults.values()
    return f"not ready: {' and '.join(missing) or 'the outbox is late'}"


def set_aside_in(measured: str) -> int:
    """Return the number of rows that a part's release cannot process, from its metrics."""
    return sum(rows for table, rows in _set_aside_by_table(measured) if table != OUTBOX)


def refused_in(measured: str) -> int:
    """Return the number of messages that the broker refuses, from a part's metrics."""
    return sum(rows for table, rows in _set_aside_by_table(measured) if table == OUTBOX)


def _set_aside_by_table(measured: str) -> list[tuple[str, int]]:
    families = (family for family in text_string_to_metric_families(measured) if family.name == SET_ASIDE)
    samples = (sample for family in families for sample in family.samples)
    return [(sample.labels.get("table", ""), int(sample.value)) for sample in samples]


def lag_in(measured: str) -> float | None:
    """Return the greatest lag that a part measured, in seconds, from its metrics; None if it measured none."""
    families = (family for family in text_string_to_metric_families(measured) if family.name == LAG)
    return max((sample.value for family in families for sample in family.samples), default=None)
