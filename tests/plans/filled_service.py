"""A service on its filled database, and what is done with it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine
from tests.plans.filled import Scale
from tests.support.stack.example_service import received

import practio_membership.settings
import practio_notifications.settings
import practio_rooms.settings
from practio_chassis.database.engine import session_maker
from practio_chassis.handling.transaction import Transaction
from practio_chassis.service import Running, Service
from practio_contracts.message import Query

Case = Callable[[], Awaitable[object]]

_URLS = {
    "broker_url": "amqp://practio-a:secret@broker/practio",
    "database_url": "postgresql://practio_a@database/practio",
}
_MAIL = {"smtp_host": "mail", "mail_from": "practio@example.org"}
SETTINGS: Mapping[str, Any] = {
    "membership": practio_membership.settings.Settings(**_URLS),  # type: ignore[arg-type]
    "rooms": practio_rooms.settings.Settings(**_URLS),  # type: ignore[arg-type]
    "notifications": practio_notifications.settings.Settings(**_URLS, **_MAIL),  # type: ignore[arg-type]
}


@dataclass(frozen=True)
class FilledService:
    """A service on its filled database."""

    service: Service
    pool: AsyncEngine
    scale: Scale

    @property
    def running(self) -> Running:
        """Return what background loops have."""
        settings = SETTINGS[self.service.name]
        return Running(self.transaction.background, settings)

    @property
    def transaction(self) -> Transaction:
        """Return the service's transactions."""
        return Transaction(self.service, session_maker(self.pool), SETTINGS[self.service.name])

    async def ask(self, query: Query, by: UUID | str) -> object:
        """Return the answer to a query."""
        async with session_maker(self.pool)() as session:
            handler = self.service.queries[type(query)]
            account = f"practio-{self.service.name}"
            return await handler(received(query, actor=by, account=account), session, datetime.now(UTC))


def counting(part: FilledService, count: Callable[[Any], Awaitable[object]]) -> Case:
    """Return the case of what is counted, or changed, in a transaction of its own."""

    async def once() -> None:
        async with part.running.transaction() as context:
            await count(context)

    return once
