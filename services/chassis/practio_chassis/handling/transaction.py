"""One transaction for a batch of messages: the only place that commits."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from practio_chassis.context import Admitted, Done, InvalidRequest, Key, MessageContext, ReceivedMessage
from practio_chassis.database.tables import chassis_tables_of
from practio_chassis.handling import attempts, erasing, overtaking
from practio_chassis.handling.envelopes import accepted, invalid_request_refused, refusal_row, refused
from practio_chassis.handling.inbox import ID_OF_EVENT, key_of, without_echoes, without_repetitions
from practio_chassis.handling.opening import Opening, open_batch
from practio_chassis.handling.overtaking import Retries
from practio_chassis.handling.pending_writes import PendingWrites
from practio_chassis.handling.sequences import mark_newest
from practio_chassis.handling.system_accounts import NOT_A_SYSTEM, system_accounts
from practio_chassis.people.erasures import Erasures, person_of
from practio_chassis.service import Service
from practio_chassis.telemetry.metrics import span_of
from practio_contracts.answers import Refusal
from practio_contracts.envelope import write
from practio_contracts.message import Command, Event, Message


class _Batch(NamedTuple):
    """What all messages of a batch share."""

    session: AsyncSession
    now: datetime
    loaded: Any
    systems: set[str]
    retries: Retries
    pending: PendingWrites
    erasures: Erasures


class Transaction:
    """Handles batches for one service; each call of ``handle`` is one transaction.

    ``settings`` are the service's, for handlers that depend on them. Whatever handles a message alone holds ``alone``:
    one at a time of all consumers of a process.
    """

    def __init__(self, service: Service, sessions: async_sessionmaker[AsyncSession], settings: Any = None) -> None:
        self._service = service
        self._settings = settings
        self._tables = chassis_tables_of(service.metadata)
        self._sessions = sessions
        self._offset: int | None = None
        self.alone = asyncio.Lock()

    async def handle(self, batch: Sequence[Admitted], *, alone: bool = False) -> list[bytes | None]:
        """Handle ``batch`` in order and commit; return each message's answer, None if it has none.

        A message that was handled before gets its stored answer; a command whose id an event had has none, and is
        refused. Raise what a handler or the database raises, without
        any change. Forget the attempts of a message that is handled ``alone``: the service has survived it.
        """
        async with self._sessions.begin() as session:
            opening = await open_batch(session, self._tables, batch, service=self._service.name)
            answers = {**opening.answers}
            news = [each for each in without_repetitions(batch) if key_of(each) not in answers]
            for part in erasing.parts(news):
                answers |= await self._handle_new(session, part, opening)
            if alone:
                await attempts.end(session, self._tables, [key_of(each) for each in batch])
        return [answers[key_of(each)] or self._answer_to_used_id(each, opening.now) for each in batch]

    def _answer_to_used_id(self, message: Admitted, now: datetime) -> bytes | None:
        """Return the answer to a message whose id was stored without one: None for an event."""
        if isinstance(message, InvalidRequest):
            return write(invalid_request_refused(message, service=self._service.name, now=now))
        if isinstance(message.message, Command):
            return write(refused(message, ID_OF_EVENT, service=self._service.name, now=now))
        return None

    @asynccontextmanager
    async def background(self) -> AsyncIterator[MessageContext[None]]:
        """Yield a context for work that no message caused; commit when the block ends."""
        async with self._sessions.begin() as session:
            context: MessageContext[None] = MessageContext(
                session, await _clock(session), None, settings=self._settings
            )
            yield context
            pending = await self._pending_writes(session)
            pending.add(context, None)
            await pending.write(session, self._tables)

    async def begin_alone(self, message: ReceivedMessage[Any]) -> int:
        """Note that ``message`` is handled alone; return in how many such attempts the service has ended."""
        async with self._sessions.begin() as session:
            return await attempts.begin(session, self._tables, key_of(message))

    async def end_alone(self, message: ReceivedMessage[Any]) -> None:
        """Forget the attempts of ``message``, which failed or was dead-lettered: the service goes on."""
        async with self._sessions.begin() as session:
            await attempts.end(session, self._tables, [key_of(message)])

    async def note_retry(self, command: ReceivedMessage[Any]) -> None:
        """Record that ``command`` goes to a retry tier, so that it is refused if a later command overtakes it."""
        async with self._sessions.begin() as session:
            now = await _clock(session)
            await overtaking.note_retry(session, self._tables, command, self._service.subjects_of, now)

    async def dead_letter(self, command: ReceivedMessage[Any], refusal: Refusal) -> bytes:
        """Publish the refusal of a command that is dead-lettered, and return it as the answer.

        The inbox does not keep it: put back by an operator, the command is handled as a new one.
        """
        async with self._sessions.begin() as session:
            await overtaking.forget_retry(session, self._tables, command)
            pending = await self._pending_writes(session)
            answer = self._refuse(command, refusal, await _clock(session), pending)
            await pending.write(session, self._tables)
        return answer

    async def _pending_writes(self, session: AsyncSession) -> PendingWrites:
        """Return pending writes with the sequence offset; it is cached, since no schema is restored while in use."""
        if self._offset is None:
            self._offset = await session.scalar(select(func.max(self._tables.numbering.c.begins_at))) or 0
        return PendingWrites(self._service.name, self._offset)

    async def _handle_new(
        self, session: AsyncSession, news: Sequence[Admitted], opening: Opening
    ) -> dict[Key, bytes | None]:
        """Handle messages that were not handled before; return their answers."""
        received_ones = [each for each in news if isinstance(each, ReceivedMessage)]
        batch, received = await self._prepare(session, received_ones, opening)
        answers: dict[Key, bytes | None] = {}
        for each in news:
            key = key_of(each)
            if isinstance(each, InvalidRequest):
                answers[key] = self._refuse_invalid(each, batch)
            else:
                answers[key] = await self._handle_one(received[key], batch)
            about = _about(each) if answers[key] and isinstance(each, ReceivedMessage) else None
            batch.pending.add_answer(key, without_echoes(answers[key], each), about=about)
        if received and self._service.finish_batch:
            context = self._context(batch)
            await self._service.finish_batch(context)
            batch.pending.add(context, None)
        await batch.retries.write(session, self._tables)
        await batch.pending.write(session, self._tables)
        await erasing.write_erasures(session, self._tables, self._service, batch.erasures)
        return answers

    async def _prepare(
        self, session: AsyncSession, received: Sequence[ReceivedMessage[Message]], opening: Opening
    ) -> tuple[_Batch, dict[Key, ReceivedMessage[Message]]]:
        """Lock and load what a batch needs; return its messages by key, the events marked."""
        pending = await self._pending_writes(session)
        as_system = {each.account for each in received if each.as_system and isinstance(each.message, Command)}
        systems = await system_accounts(session, self._tables, as_system, service=self._service.name)
        retries = Retries(self._service.subjects_of)
        if opening.any_retried:
            retries = await overtaking.load_retries(session, self._tables, received, self._service.subjects_of)
        marked = await mark_newest(session, self._tables, received, pending.latest)
        erasures = await erasing.load_erasures(session, self._tables, marked)
        loaded = await self._service.prepare(session, marked, opening.now) if marked else None
        batch = _Batch(session, opening.now, loaded, systems, retries, pending, erasures)
        return batch, {key_of(each): each for each in marked}

    def _context(self, batch: _Batch) -> MessageContext[Any]:
        return MessageContext(batch.session, batch.now, batch.loaded, settings=self._settings, erasures=batch.erasures)

    async def _handle_one(self, received: ReceivedMessage[Message], batch: _Batch) -> bytes | None:
        context = self._context(batch)
        with span_of(received.envelope) as context.traceparent:
            if isinstance(received.message, Event):
                erasing.note(received, batch.erasures, batch.now)
                await self._service.events[type(received.message)](received, context)
                batch.pending.add(context, received)
                return None
            result = await self._decide(received, context, batch)
            batch.pending.add(context, received)
            if isinstance(result, Refusal):
                return self._refuse(received, result, context.now, batch.pending)
            return write(accepted(received, result, service=self._service.name, now=context.now))

    async def _decide(
        self, received: ReceivedMessage[Message], context: MessageContext[Any], batch: _Batch
    ) -> Done | Refusal:
        if received.as_system and received.account not in batch.systems:
            return NOT_A_SYSTEM
        assert isinstance(received.message, Command)
        if (overtaken := batch.retries.refusal_of(received)) is not None:
            return overtaken
        if (erased := batch.erasures.refusal_of(received.message, by=received.actor)) is not None:
            return erased
        return await self._service.commands[type(received.message)](received, context)

    def _refuse_invalid(self, invalid: InvalidRequest, batch: _Batch) -> bytes:
        envelope = invalid_request_refused(invalid, service=self._service.name, now=batch.now)
        if issubclass(invalid.message, Command) and not invalid.message.discreet:
            batch.pending.outbox.append(refusal_row(envelope))
        return write(envelope)

    def _refuse(
        self, received: ReceivedMessage[Message], refusal: Refusal, now: datetime, pending: PendingWrites
    ) -> bytes:
        envelope = refused(received, refusal, service=self._service.name, now=now)
        if not received.message.discreet:
            pending.outbox.append(refusal_row(envelope))
        return write(envelope)


def _about(received: ReceivedMessage[Message]) -> UUID | None:
    """Return whose export names a message; nobody's names a discreet one, which its person must not learn of."""
    return None if received.message.discreet else person_of(received.message)


async def _clock(session: AsyncSession) -> datetime:
    now: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return now
