"""The first statement of every query: what the time is, and whether its actor may ask at all."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.tables import ChassisTables
from practio_chassis.handling.system_accounts import NOT_A_SYSTEM
from practio_chassis.people.erasures import PERSON_ERASED
from practio_contracts.answers import Refusal
from practio_contracts.catalogue import account_of
from practio_contracts.message import Message


class QueryStart:
    """Asks all at once: a page waits for a dozen queries, and each statement has its price."""

    def __init__(self, service: str, tables: ChassisTables) -> None:
        forgotten, system = tables.forgotten.c.person_id, tables.system_account.c.account
        self._own_account = account_of(service)
        self._statement = select(
            func.clock_timestamp(),
            exists().where(forgotten == bindparam("actor", type_=Uuid)),
            exists().where(system == bindparam("account", type_=Text)),
        )

    async def time_and_refusal(
        self, session: AsyncSession, received: ReceivedMessage[Message]
    ) -> tuple[datetime, Refusal | None]:
        """Return the time, and the refusal of an actor who was erased, or of an account that may not be the system."""
        actor = received.actor if isinstance(received.actor, UUID) else None
        connection = await session.connection()
        found = await connection.execute(self._statement, {"actor": actor, "account": received.account})
        now, is_erased, may_be_system = found.one()
        if received.as_system and not (may_be_system or received.account == self._own_account):
            return now, NOT_A_SYSTEM
        return now, PERSON_ERASED if is_erased else None
