"""Which accounts may act as the system, checked against the accounts to which operators granted it."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.database.sql import one_of
from practio_chassis.database.tables import ChassisTables
from practio_contracts.answers import Refusal
from practio_contracts.catalogue import account_of

NOT_A_SYSTEM = Refusal(
    code="not-allowed", detail="this account may not speak as system: an operator can grant it with --as-system"
)


async def system_accounts(
    session: AsyncSession, tables: ChassisTables, accounts: Collection[str], *, service: str
) -> set[str]:
    """Return those of ``accounts`` that may act as the system: the service's own, and those with the grant."""
    ours = account_of(service)
    others = set(accounts) - {ours}
    if not others:
        return {ours}
    column = tables.system_account.c.account
    return {ours, *await session.scalars(select(column).where(one_of(column, others)))}
