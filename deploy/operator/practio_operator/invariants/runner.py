"""Running the checks: all at one instant, then again those that may settle, until they do or time is up."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

import asyncpg

from practio_operator.invariants.check import Check, Finding
from practio_operator.invariants.checks import CHECKS
from practio_operator.invariants.connection import read_only_connection
from practio_operator.provisioning.target import ProvisionTarget

PAUSE_SECONDS = 0.5

Findings = Mapping[Check, Sequence[Finding]]
"""The findings of each check, in the order of the checks; empty if the check holds."""

OnCheck = Callable[[Check], None]
"""Called with each check that begins."""


async def run_checks(target: ProvisionTarget, *, wait_seconds: float, on_check: OnCheck = lambda _: None) -> Findings:
    """Run all checks, and return their findings.

    A check that settles reports only what has not moved for ``wait_seconds``. Raise NotCheckedError if the database
    cannot be reached or read, or has other tables.
    """
    loop = asyncio.get_running_loop()
    async with read_only_connection(target) as connection:
        findings = await _run_once(connection, CHECKS, on_check)
        deadline = loop.time() + wait_seconds
        while (
            unsettled := [check for check in findings if check.settles and findings[check]]
        ) and loop.time() < deadline:
            await asyncio.sleep(min(PAUSE_SECONDS, deadline - loop.time()))
            again = await _run_once(connection, unsettled, on_check)
            findings |= {check: _unmoved(findings[check], again[check]) for check in unsettled}
    return findings


async def _run_once(
    connection: asyncpg.Connection, checks: Iterable[Check], on_check: OnCheck
) -> dict[Check, Sequence[Finding]]:
    """Run the checks in one transaction, so that they all see the same instant."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return await find_in_transaction(connection, checks, on_check)


async def find_in_transaction(
    connection: asyncpg.Connection, checks: Iterable[Check] = CHECKS, on_check: OnCheck = lambda _: None
) -> dict[Check, Sequence[Finding]]:
    """Return the findings in the transaction of the connection, without waiting for anything."""
    return {check: await _run_check(connection, check, on_check) for check in checks}


async def _run_check(connection: asyncpg.Connection, check: Check, on_check: OnCheck) -> Sequence[Finding]:
    on_check(check)
    rows = await connection.fetch(f"{check.query} ORDER BY room_id, person_id, detail")
    return [Finding(**row) for row in rows]


def _unmoved(before: Sequence[Finding], after: Sequence[Finding]) -> Sequence[Finding]:
    """Return the findings of ``after`` that were there before; those that moved are on their way."""
    known = {finding.key for finding in before}
    return [finding for finding in after if finding.key in known]
