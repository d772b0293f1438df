"""The newest event of each subject: older ones, which come late or again, change no projection.

A service's source belongs to its account alone (the admission check). Any other source is the publisher's own text and
says nothing about who publishes, so outside numbers are kept by account too: what one account states never makes the
events of another look old.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Select, Table, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.bulk import Change, Given, Write, upsertion
from practio_chassis.database.sql import among_rows, lists_of
from practio_chassis.database.tables import ChassisTables
from practio_contracts.message import Event, Message

Subject = tuple[str, str, str]
"""Account, source and subject of an event."""

_BY_SOURCE = ("source", "subject")
_BY_ACCOUNT = ("account", "source", "subject")


async def mark_newest(
    session: AsyncSession,
    tables: ChassisTables,
    batch: Sequence[ReceivedMessage[Message]],
    noted: dict[Subject, int],
) -> list[ReceivedMessage[Message]]:
    """Return ``batch`` with ``newest`` set on each message, and record the newest numbers in ``noted``.

    The numbers stay locked until the transaction ends, so that two instances cannot both accept their own as newest.
    """
    known = await _known(session, tables, {_subject_of(each) for each in batch if _is_numbered(each)})
    return [_marked(each, known, noted) for each in batch]


async def _known(session: AsyncSession, tables: ChassisTables, subjects: set[Subject]) -> dict[Subject, int]:
    services = {each for each in subjects if is_of_a_service(each)}
    known = await _by_source(session, tables.latest, services)
    if outside := subjects - services:
        known |= await _by_source(session, tables.latest, outside)  # as releases before 1.1 kept them
        known |= await _by_account(session, tables.latest_by_account, outside)
    return known


async def _by_source(session: AsyncSession, latest: Table, subjects: set[Subject]) -> dict[Subject, int]:
    if not subjects:
        return {}
    pairs = {(source, subject) for _, source, subject in subjects}
    found = await session.execute(_numbers(latest, _BY_SOURCE), lists_of(_BY_SOURCE, pairs))
    numbers = {(row.source, row.subject): row.sequence for row in found}
    return {each: numbers[each[1:]] for each in subjects if each[1:] in numbers}


async def _by_account(session: AsyncSession, latest: Table, subjects: set[Subject]) -> dict[Subject, int]:
    found = await session.execute(_numbers(latest, _BY_ACCOUNT), lists_of(_BY_ACCOUNT, subjects))
    return {(row.account, row.source, row.subject): row.sequence for row in found}


@lru_cache(maxsize=20)
def _numbers(latest: Table, key: tuple[str, ...]) -> Select[Any]:
    return select(latest).where(among_rows([latest.c[name] for name in key], key)).with_for_update(of=latest)


def newest(tables: ChassisTables, noted: Mapping[Subject, int]) -> list[Write]:
    """Return what writes the newest numbers; a number that is already higher stays."""
    services = {each[1:]: number for each, number in noted.items() if is_of_a_service(each)}
    outside = {each: number for each, number in noted.items() if not is_of_a_service(each)}
    return [
        *_written(tables.latest, _BY_SOURCE, services),
        *_written(tables.latest_by_account, _BY_ACCOUNT, outside),
    ]


K = TypeVar("K", tuple[str, str], tuple[str, str, str])


def _written(latest: Table, keys: Sequence[str], numbers: Mapping[K, int]) -> list[Write]:
    rows = [dict(zip(keys, key, strict=True)) | {"sequence": number} for key, number in sorted(numbers.items())]
    return upsertion(latest, rows, key=keys, change=_higher(latest))


@lru_cache(maxsize=20)
def _higher(latest: Table) -> Change:
    def higher(given: Given) -> Mapping[str, Any]:
        return {"sequence": func.greatest(latest.c.sequence, given["sequence"]), "seen_on": func.current_date()}

    return higher


def is_of_a_service(subject: Subject) -> bool:
    """Return whether a subject's source is that of a service of Practio."""
    return subject[1].startswith("/practio/")


def _is_numbered(received: ReceivedMessage[Message]) -> bool:
    envelope = received.envelope
    return isinstance(received.message, Event) and envelope.sequence is not None and envelope.subject is not None


def _subject_of(received: ReceivedMessage[Message]) -> Subject:
    return received.account, received.envelope.source, str(received.envelope.subject)


def _marked(
    received: ReceivedMessage[Message], known: dict[Subject, int], noted: dict[Subject, int]
) -> ReceivedMessage[Message]:
    if not _is_numbered(received):
        return received
    subject, sequence = _subject_of(received), int(str(received.envelope.sequence))
    if sequence <= known.get(subject, -1):
        return replace(received, newest=False)
    known[subject] = noted[subject] = sequence
    return received
