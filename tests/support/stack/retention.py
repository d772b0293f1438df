"""The work of forgetting, one chunk at a time, and the rules by which each service forgets."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import practio_membership.app
import practio_membership.retention
import practio_membership.settings
import practio_notifications.app
import practio_notifications.retention
import practio_notifications.settings
import practio_rooms.app
import practio_rooms.retention
import practio_rooms.settings
from practio_chassis.database.tables import chassis_tables_of
from practio_chassis.handling.retention import CHUNK, Retention, chassis_retentions, forget_chunk
from practio_chassis.service import Running, Service

SERVICES: Sequence[Service] = (
    practio_membership.app.SERVICE,
    practio_rooms.app.SERVICE,
    practio_notifications.app.SERVICE,
)

_URLS = {"broker_url": "amqp://practio-a:b@broker/practio", "database_url": "postgresql://practio_a@database/practio"}
_MAIL = {"smtp_host": "mail", "mail_from": "practio@example.org"}
_SETTINGS: Mapping[str, tuple[Callable[..., Any], Mapping[str, str]]] = {
    "membership": (practio_membership.settings.Settings, _URLS),
    "rooms": (practio_rooms.settings.Settings, _URLS),
    "notifications": (practio_notifications.settings.Settings, _URLS | _MAIL),
}
_RETENTIONS: Mapping[str, Callable[[Any], Sequence[Retention]]] = {
    "membership": practio_membership.retention.retentions,
    "rooms": practio_rooms.retention.retentions,
    "notifications": practio_notifications.retention.retentions,
}


def retentions_of(service: Service) -> dict[str, Callable[[Any], Sequence[Retention]]]:
    """Return what gives the rules of each loop by which a service forgets, by the name of the loop."""
    tables = chassis_tables_of(service.metadata)
    return {"chassis": partial(chassis_retentions, tables), service.name: _RETENTIONS[service.name]}


def rules_of(service: Service, **days: int) -> list[Retention]:
    """Return all rules by which a service forgets; ``days`` are settings."""
    make, usual = _SETTINGS[service.name]
    settings = make(**usual, **days)
    return [rule for retentions in retentions_of(service).values() for rule in retentions(settings)]


def settings_in_days(service: Service) -> dict[str, int]:
    """Return the settings of a service that say for how many days something is kept, with their values."""
    make, usual = _SETTINGS[service.name]
    return {name: value for name, value in make(**usual).model_dump().items() if name.endswith("_kept_days")}


async def forget_once(
    running: Running, name: str, retentions: Callable[[Any], Sequence[Retention]], *, chunk: int = CHUNK
) -> int:
    """Forget one chunk as a service does; return how many rows."""
    async with running.transaction() as context:
        return await forget_chunk(context, name, retentions(running.settings), chunk=chunk)
