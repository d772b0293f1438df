"""One transaction for a batch of messages: the only place that commits (architecture.md, The path of one message)."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from practio_chassis.context import Done, MessageContext
from practio_chassis.database.sql import one_of, one_of_rows
from practio_chassis.database.tables import chassis_tables_of
from practio_chassis.handling.envelopes import accepted, invalid_request_refused, outbox_row, refusal_row, refused
from practio_chassis.handling.pending_writes import PendingWrites
from practio_chassis.inbound.admission import InvalidRequest
from practio_chassis.inbound.received import ReceivedMessage
from practio_chassis.service import Service
from practio_chassis.telemetry.metrics import span_of
from practio_contracts.answers import Refusal
from practio_contracts.catalogue import account_of
from practio_contracts.envelope import write
from practio_contracts.message import Command, Event, Message

Admitted = ReceivedMessage[Message] | InvalidRequest
Key = tuple[str, str, str]
NOT_A_SYSTEM = Refusal(
    code="not-allowed", detail="this account may not speak as system: an operator can grant it with --as-system"
)


class Transaction:
    """Handles batches for one service; each call of ``handle`` is one transaction.

    ``settings`` are the service's, for handlers that depend on them.
    """

    def __init__(self, service: Service, sessions: async_sessionmaker[AsyncSession], settings: Any = None) -> None:
        self._service = service
        self._settings = settings
        self._frame = chassis_tables_of(service.metadata)
        self._sessions = sessions
        self._channel = f"{service.name}_outbox"
        self._offset: int | None = None

    async def handle(self, batch: Sequence[Admitted]) -> list[bytes | None]:
        """Handle ``batch`` in order and commit; return each message's answer, None if it has none.

        A message that was handled before gets its stored answer. Raise what a handler or the database raises, without
        any change.
        """
        async with self._sessions.begin() as session:
            now = await _clock(session)
            answers = await self._stored_answers(session, batch)
            news = [each for each in _firsts(batch) if key_of(each) not in answers]
            kept = PendingWrites(sequence_offset=await self._sequence_offset(session))
            await self._handle_new(session, now, news, answers, kept)
            await kept.write(session, self._frame, channel=self._channel)
        return [answers.get(key_of(each)) for each in batch]

    @asynccontextmanager
    async def background(self) -> AsyncIterator[MessageContext[None]]:
        """Yield a context for work that no message caused; commit when the block ends."""
        async with self._sessions.begin() as session:
            context: MessageContext[None] = MessageContext(
                session, await _clock(session), None, settings=self._settings
            )
            yield context
            kept = PendingWrites(sequence_offset=await self._sequence_offset(session))
            self._gather(context, None, kept)
            await kept.write(session, self._frame, channel=self._channel)

    async def _sequence_offset(self, session: AsyncSession) -> int:
        """Return the sequence offset; cached, because a schema is never restored while its service runs."""
        if self._offset is None:
            self._offset = await session.scalar(select(func.max(self._frame.numbering.c.begins_at))) or 0
        return self._offset

    async def _stored_answers(self, session: AsyncSession, batch: Sequence[Admitted]) -> dict[Key, bytes | None]:
        inbox = self._frame.inbox
        columns = (inbox.c.account, inbox.c.source, inbox.c.id)
        keys = {key_of(each) for each in batch}
        found = await session.execute(select(*columns, inbox.c.answer).where(one_of_rows(columns, keys)))
        return {(row.account, row.source, row.id): row.answer for row in found}

    async def _handle_new(
        self,
        session: AsyncSession,
        now: datetime,
        news: Sequence[Admitted],
        answers: dict[Key, bytes | None],
        kept: PendingWrites,
    ) -> None:
        systems = await self._system_accounts(session, news)
        heards = await self._with_newest(session, [each for each in news if isinstance(each, ReceivedMessage)], kept)
        loaded = await self._service.prepare(session, list(heards.values()), now) if heards else None
        for each in news:
            answer: bytes | None
            if isinstance(each, InvalidRequest):
                answer = self._refuse_invalid(each, now, kept)
            else:
                context = MessageContext(session, now, loaded, settings=self._settings)
                answer = await self._handle_one(heards[key_of(each)], context, systems, kept)
            answers[key_of(each)] = answer
            account, source, identity = key_of(each)
            if identity:
                kept.inbox.append({"account": account, "source": source, "id": identity, "answer": answer})
        if heards and self._service.apply:
            context = MessageContext(session, now, loaded, settings=self._settings)
            await self._service.apply(context)
            self._gather(context, None, kept)

    async def _system_accounts(self, session: AsyncSession, news: Sequence[Admitted]) -> set[str]:
        """Return those accounts of the batch's system messages that may act as system."""
        ours = account_of(self._service.name)
        others = {each.account for each in news if isinstance(each, ReceivedMessage) and each.as_system} - {ours}
        if not others:
            return {ours}
        column = self._frame.system_account.c.account
        return {ours, *await session.scalars(select(column).where(one_of(column, others)))}

    async def _with_newest(
        self, session: AsyncSession, heards: Sequence[ReceivedMessage[Message]], kept: PendingWrites
    ) -> dict[Key, ReceivedMessage[Message]]:
        """Mark the events that are older than the newest one known of their subject, and record the newest."""
        latest = self._frame.latest
        pairs = {(each.envelope.source, each.envelope.subject) for each in heards if _is_numbered(each)}
        known: dict[tuple[str, str], int] = {}
        if pairs:
            found = await session.execute(
                select(latest).where(one_of_rows((latest.c.source, latest.c.subject), pairs)).with_for_update(of=latest)
            )
            known = {(row.source, row.subject): row.sequence for row in found}
        return {key_of(each): _newest_marked(each, known, kept.latest) for each in heards}

    def _refuse_invalid(self, turned: InvalidRequest, now: datetime, kept: PendingWrites) -> bytes:
        envelope = invalid_request_refused(turned, service=self._service.name, now=now)
        if issubclass(turned.message, Command):
            kept.outbox.append(refusal_row(envelope))
        return write(envelope)

    async def _handle_one(
        self, received: ReceivedMessage[Message], context: MessageContext[Any], systems: set[str], kept: PendingWrites
    ) -> bytes | None:
        with span_of(received.envelope) as context.traceparent:
            if isinstance(received.message, Event):
                await self._service.events[type(received.message)](received, context)
                result: Any = None
            else:
                result = await self._decide(received, context, systems)
            self._gather(context, received, kept)
            if isinstance(result, Refusal):
                return self._refuse(received, result, context, kept)
            return result and write(accepted(received, result, service=self._service.name, now=context.now))

    async def _decide(
        self, received: ReceivedMessage[Message], context: MessageContext[Any], systems: set[str]
    ) -> Done | Refusal:
        if received.as_system and received.account not in systems:
            return NOT_A_SYSTEM
        assert isinstance(received.message, Command)
        return await self._service.commands[type(received.message)](received, context)

    def _refuse(
        self, received: ReceivedMessage[Message], refusal: Refusal, context: MessageContext[Any], kept: PendingWrites
    ) -> bytes:
        envelope = refused(received, refusal, service=self._service.name, now=context.now)
        kept.outbox.append(refusal_row(envelope))
        return write(envelope)

    def _gather(
        self, context: MessageContext[Any], cause: ReceivedMessage[Message] | None, kept: PendingWrites
    ) -> None:
        for said in context.outgoing:
            row = outbox_row(
                said,
                service=self._service.name,
                now=context.now,
                cause=cause,
                traceparent=said.traceparent or context.traceparent,
                sequence_offset=kept.sequence_offset,
            )
            kept.outbox.append(row)
        correlation = (cause.envelope.correlationid or str(cause.envelope.id)) if cause else None
        for key, timer in context.timers.items():
            kept.timers[key] = (timer, correlation)
        for table, values in context.rows:
            kept.rows.setdefault(table, []).append(values)


def key_of(each: Admitted) -> Key:
    """Return a message's idempotency key: account, source and id.

    An invalid message without a usable id has an empty one: it shares its key with no other of its batch, and is not
    stored in the inbox.
    """
    if isinstance(each, ReceivedMessage):
        return each.account, each.envelope.source, str(each.envelope.id)
    source, identity = each.attributes.get("source"), each.attributes.get("id")
    if isinstance(source, str) and 0 < len(source) <= 500 and "\x00" not in source and _is_uuid(identity):
        return each.account or "", source, str(UUID(identity))
    return f"{id(each)}", "", ""


def _is_uuid(identity: object) -> bool:
    if not isinstance(identity, str):
        return False
    try:
        UUID(identity)
    except ValueError:
        return False
    return True


def _firsts(batch: Sequence[Admitted]) -> list[Admitted]:
    firsts: dict[Key, Admitted] = {}
    for each in batch:
        firsts.setdefault(key_of(each), each)
    return list(firsts.values())


async def _clock(session: AsyncSession) -> datetime:
    now: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return now


def _is_numbered(received: ReceivedMessage[Message]) -> bool:
    return (
        isinstance(received.message, Event)
        and received.envelope.sequence is not None
        and received.envelope.subject is not None
    )


def _newest_marked(
    received: ReceivedMessage[Message], known: dict[tuple[str, str], int], noted: dict[tuple[str, str], int]
) -> ReceivedMessage[Message]:
    if not _is_numbered(received):
        return received
    about = (received.envelope.source, str(received.envelope.subject))
    sequence = int(str(received.envelope.sequence))
    if sequence <= known.get(about, -1):
        return replace(received, newest=False)
    known[about] = noted[about] = sequence
    return received
