"""Publishes rows of the outbox one by one, so that it is known which of them the broker refuses."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiormq
from aio_pika.abc import AbstractRobustConnection
from pamqp.commands import Basic
from sqlalchemy import Row
from uuid_utils.compat import uuid7

from practio_chassis.broker.blocking import within
from practio_chassis.broker.connection import open_single_channel
from practio_chassis.broker.policies import MAX_MESSAGE_BYTES
from practio_chassis.outbound.publications import Publication
from practio_chassis.outbound.refusals import (
    Refused,
    ends_channel,
    is_certainly_the_message,
    may_be_the_message,
    reason_of,
)
from practio_contracts.broker_errors import LOST

Publish = Callable[[aiormq.Channel, Publication], Awaitable[object]]
"""Publish a message on a channel, and return what the broker answers."""

_MOST_SECONDS = 10.0
"""How long one pass goes on: what is left comes with the next."""

_PATIENCE = 10.0
"""How long the broker may take to confirm one row."""

_NOBODY = "practio.nobody"
"""A queue that is not there: what is published to it is confirmed, and dropped."""


@dataclass(slots=True)
class Pass:
    """The rows that the broker confirmed, by id, and those that it refused; all others were not published."""

    confirmed: list[int] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


class OneByOne:
    """Publishes on channels of its own, which the broker may close."""

    def __init__(self, connection: AbstractRobustConnection, publish: Publish) -> None:
        self._connection = connection
        self._publish = publish
        self._channel: aiormq.Channel | None = None

    async def run(self, rows: Sequence[Row[Any]], messages_of: Callable[[Row[Any]], Sequence[Publication]]) -> Pass:
        """Publish rows in order; after one that is refused, leave the later ones of its subject.

        Raise ConnectionError or TimeoutError if the broker is lost.
        """
        done, waiting, started = Pass(), set[str](), time.monotonic()
        try:
            for row in rows:
                if time.monotonic() - started > _MOST_SECONDS:
                    break
                if row.subject in waiting:
                    continue
                if refused := await self._publish_row(row, messages_of(row)):
                    waiting.add(row.subject)
                    done.refused.append(refused)
                else:
                    done.confirmed.append(row.id)
        finally:
            await self._close()
        return done

    async def _publish_row(self, row: Row[Any], messages: Sequence[Publication]) -> Refused | None:
        answers = [await self._answer_to(each) for each in messages]
        if all(isinstance(each, Basic.Ack) for each in answers):
            return None
        for message, answer in zip(messages, answers, strict=True):
            if reason := reason_of(answer):
                return Refused(row, reason, await self._is_at_fault(message, answer))
        raise ConnectionError("the broker was lost meanwhile")

    async def _answer_to(self, message: Publication) -> object:
        """Return what the broker answers; an error that is its answer is returned too."""
        async with within(_PATIENCE, self._connection):
            if self._channel is None:
                self._channel = await open_single_channel(self._connection)
            [answer] = await asyncio.gather(self._publish(self._channel, message), return_exceptions=True)
        if ends_channel(answer):
            self._channel = None
        return answer

    async def _is_at_fault(self, message: Publication, answer: object) -> bool:
        """Return whether a message is at fault, rather than the broker.

        The broker accepts another message of this size then, or of the largest that we may publish.
        """
        if not may_be_the_message(answer) or is_certainly_the_message(answer):
            return is_certainly_the_message(answer)
        body = bytes(min(len(message.body), MAX_MESSAGE_BYTES))
        return isinstance(await self._answer_to(Publication([], "", _NOBODY, str(uuid7()), body)), Basic.Ack)

    async def _close(self) -> None:
        if self._channel is not None:
            with suppress(*LOST):
                async with asyncio.timeout(_PATIENCE):
                    await self._channel.close()
            self._channel = None
