"""Running the checks: all at one instant, and those that may settle again, until they have or time is up."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

import asyncpg

from practio_operator.invariants.check import Check, Finding
from practio_operator.invariants.checks import CHECKS
from practio_operator.invariants.reading import reading
from practio_operator.provisioning.target import ProvisionTarget

PAUSE_SECONDS = 0.5

Looked = Mapping[Check, Sequence[Finding]]
"""The findings of each check, in the order of the checks; none if it holds."""

Begin = Callable[[Check], None]
"""Called with each check that begins."""


async def look(target: ProvisionTarget, *, wait_seconds: float, begin: Begin = lambda _: None) -> Looked:
    """Run all checks, and return their findings.

    A check that settles reports only what has not moved for ``wait_seconds``. Raise NotCheckedError if the database
    cannot be reached or read, or has other tables.
    """
    loop = asyncio.get_running_loop()
    async with reading(target) as connection:
        looked = await _look_at_once(connection, CHECKS, begin)
        deadline = loop.time() + wait_seconds
        while (unsettled := [check for check in looked if check.settles and looked[check]]) and loop.time() < deadline:
            await asyncio.sleep(min(PAUSE_SECONDS, deadline - loop.time()))
            again = await _look_at_once(connection, unsettled, begin)
            looked |= {check: _still(looked[check], again[check]) for check in unsettled}
    return looked


async def _look_at_once(
    connection: asyncpg.Connection, checks: Iterable[Check], begin: Begin
) -> dict[Check, Sequence[Finding]]:
    """Look at one instant, so that the tables agree as far as their transactions do."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return await look_at(connection, checks, begin)


async def look_at(
    connection: asyncpg.Connection, checks: Iterable[Check] = CHECKS, begin: Begin = lambda _: None
) -> dict[Check, Sequence[Finding]]:
    """Return the findings in the transaction of the connection, without waiting for anything."""
    return {check: await _found(connection, check, begin) for check in checks}


async def _found(connection: asyncpg.Connection, check: Check, begin: Begin) -> Sequence[Finding]:
    begin(check)
    rows = await connection.fetch(f"{check.query} ORDER BY room_id, person_id, detail")
    return [Finding(**row) for row in rows]


def _still(before: Sequence[Finding], after: Sequence[Finding]) -> Sequence[Finding]:
    """Return the findings that were there before and still are, in their present form;

    those that moved are on their way.
    """
    known = {finding.key for finding in before}
    return [finding for finding in after if finding.key in known]
