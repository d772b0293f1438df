"""Commands in the retry tiers, and whether a later command on one of their subjects overtook them.

A command that waits in a retry tier is not handled in its turn. If a later one on one of its subjects was handled
meanwhile, the earlier one is refused when it returns: a request that failed for a while must not let in a person who
has since withdrawn. The alternative, to hold back everything about the subject, would let one command that always fails
stop all others for eleven minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from practio_chassis.context import Key, ReceivedMessage
from practio_chassis.database.sql import one_of, one_of_rows
from practio_chassis.database.tables import ChassisTables
from practio_chassis.handling.inbox import key_of
from practio_chassis.service import SubjectsOf
from practio_chassis.telemetry.log import logger
from practio_contracts.answers import NextStep, Refusal
from practio_contracts.message import Command, Message

_log = logger(__name__)


@dataclass(slots=True)
class Retried:
    """A command in a retry tier: the instant of its first failure, and whether a later one overtook it.

    ``subjects`` are those that it shares with the batch.
    """

    failed_at: datetime
    overtaken: bool
    subjects: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Retries:
    """The retried commands that concern a batch, and what the batch changes about them.

    ``now`` is the database's clock when they were read; None without any.
    """

    subjects_of: SubjectsOf
    known: dict[Key, Retried] = field(default_factory=dict)
    now: datetime | None = None
    returned: set[Key] = field(default_factory=set)

    def refusal_of(self, command: ReceivedMessage[Any]) -> Refusal | None:
        """Return the refusal of a command that was overtaken; record that it overtakes the earlier ones itself."""
        if not self.known:
            return None
        key, subjects = key_of(command), self.subjects_of(command.message)
        own = self.known.get(key)
        if own is not None:
            self.returned.add(key)
            if own.overtaken:
                return _overtaken(command, self.now)
        for other in self.known.values():
            if (
                other is not own
                and not other.subjects.isdisjoint(subjects)
                and (own is None or other.failed_at < own.failed_at)
            ):
                other.overtaken = True
        return None

    async def write(self, session: AsyncSession, tables: ChassisTables) -> None:
        """Delete the rows of returned commands, and mark the others that were overtaken."""
        retried = tables.retried
        columns = (retried.c.account, retried.c.source, retried.c.id)
        if self.returned:
            await session.execute(delete(retried).where(one_of_rows(columns, self.returned)))
        overtaken = {key for key, each in self.known.items() if each.overtaken} - self.returned
        if overtaken:
            await session.execute(update(retried).where(one_of_rows(columns, overtaken)).values(overtaken=True))


def _overtaken(command: ReceivedMessage[Any], now: datetime | None) -> Refusal:
    """Return the refusal of a command that was overtaken; the log has its id, as that of any failure."""
    failure_id = str(uuid7())
    _log.warning(
        "command overtaken while it was retried",
        failure_id=failure_id,
        message_id=str(command.envelope.id),
        type=command.envelope.type,
    )
    return Refusal(
        code="failed",
        detail="a later command on the same subject was handled while this one was being retried: send it again, with a"
        f" new id, if it still applies; its operators find it in the log under {failure_id}",
        next_step=NextStep.RETRY_AFTER,
        retry_after=now,
    )


async def load_retries(
    session: AsyncSession, tables: ChassisTables, commands: Sequence[ReceivedMessage[Message]], subjects_of: SubjectsOf
) -> Retries:
    """Return the retried commands on the subjects of ``commands``, locked."""
    retried = tables.retried
    wanted = [each.message for each in commands if isinstance(each.message, Command)]
    subjects = {subject for each in wanted for subject in subjects_of(each)}
    found = await session.execute(
        select(retried, func.now().label("now"))
        .where(one_of(retried.c.subject, subjects))
        .order_by(retried.c.failed_at)
        .with_for_update()
    )
    rows = found.all()
    known: dict[Key, Retried] = {}
    for row in rows:
        key = (row.account, row.source, row.id)
        known.setdefault(key, Retried(row.failed_at, row.overtaken)).subjects.add(row.subject)
    return Retries(subjects_of, known, rows[0].now if rows else None)


async def note_retry(
    session: AsyncSession, tables: ChassisTables, command: ReceivedMessage[Any], subjects_of: SubjectsOf, now: datetime
) -> None:
    """Record that ``command`` goes to a retry tier; only its first failure counts."""
    account, source, identity = key_of(command)
    row = {"account": account, "source": source, "id": identity, "failed_at": now, "overtaken": False}
    if rows := [row | {"subject": subject} for subject in sorted(set(subjects_of(command.message)))]:
        await session.execute(upsert(tables.retried).values(rows).on_conflict_do_nothing())


async def forget_retry(session: AsyncSession, tables: ChassisTables, command: ReceivedMessage[Any]) -> None:
    """Forget a command that is dead-lettered: put back by an operator, it is handled as a new one."""
    retried = tables.retried
    columns = (retried.c.account, retried.c.source, retried.c.id)
    await session.execute(delete(retried).where(one_of_rows(columns, [key_of(command)])))
