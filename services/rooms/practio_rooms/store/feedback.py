"""The feedback of rooms: what a batch needs to accept it, written so that nobody can be identified."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.sql import one_of, one_of_rows
from practio_contracts.rooms import GiveFeedback, SessionStatus
from practio_rooms.domain.feedback import (
    AnonymousFeedback,
    CollectedFeedback,
    RatedSession,
    Scope,
    WaitingByScope,
    WaitingFeedback,
    collect,
)
from practio_rooms.tables import (
    FeedbackCommentRow,
    FeedbackGivenRow,
    FeedbackNumberRow,
    FeedbackWaitingRow,
    PresenceRow,
    SessionRow,
    TimelineRow,
)

_RANDOM = random.SystemRandom()

InRoom = tuple[UUID, UUID]
"""A room, and a session or person in it."""


@dataclass(slots=True)
class FeedbackBatch:
    """The feedback that a batch has loaded: the sessions, who has given feedback, and what waits, by room.

    ``people`` are those in the rooms, with the instant at which they joined, if known.
    """

    sessions: dict[InRoom, RatedSession] = field(default_factory=dict)
    people: dict[InRoom, datetime | None] = field(default_factory=dict)
    given: set[tuple[UUID, UUID, UUID]] = field(default_factory=set)
    waiting: dict[UUID, WaitingByScope] = field(default_factory=dict)
    _givers: list[tuple[UUID, UUID, UUID]] = field(default_factory=list)
    _released: list[tuple[UUID, Scope, AnonymousFeedback]] = field(default_factory=list)
    _ended: set[InRoom] = field(default_factory=set)
    _touched: set[UUID] = field(default_factory=set)

    def add(self, command: GiveFeedback, by: UUID) -> None:
        """Add feedback: that the person gave it, and separately its content."""
        room_id, session_id = command.room_id, command.session_id
        self.given.add((room_id, session_id, by))
        self._givers.append((room_id, session_id, by))
        entry = AnonymousFeedback(command.useful, command.comment or None)
        before, earlier = self.waiting.get(room_id, {}), self._earlier(room_id, session_id)
        self._collect(room_id, collect(before, entry, by=by, session_id=session_id, earlier=earlier))

    async def write(self, session: AsyncSession) -> None:
        """Write who gave feedback, and all that waits in the rooms concerned again, each table in random order."""
        if not self._touched:
            return
        await session.execute(delete(FeedbackWaitingRow).where(one_of(FeedbackWaitingRow.room_id, self._touched)))
        waiting = [(room_id, scope, each) for room_id in self._touched for scope, each in self._left(room_id)]
        await _note_released(session, self._ended)
        await _insert(session, FeedbackGivenRow, [self._given_row(*each) for each in self._givers])
        await _insert(session, FeedbackWaitingRow, [_waiting_row(*each) for each in waiting])
        await _insert(session, FeedbackNumberRow, [_number_row(*each) for each in self._released])
        await _insert(session, FeedbackCommentRow, [_comment_row(*each) for each in self._released if each[2].comment])

    def _earlier(self, room_id: UUID, session_id: UUID) -> set[UUID]:
        """Return the earlier sessions for which feedback waits."""
        begins = self.sessions[room_id, session_id].starts_at
        scopes = {scope for scope in self.waiting.get(room_id, {}) if scope}
        sessions = {scope: self.sessions.get((room_id, scope)) for scope in scopes}
        return {scope for scope, session in sessions.items() if session and session.starts_at < begins}

    def _collect(self, room_id: UUID, after: CollectedFeedback) -> None:
        self._touched.add(room_id)
        ended = self.waiting.get(room_id, {}).keys() - after.waiting.keys()
        self._ended |= {(room_id, scope) for scope in ended if scope}
        self.waiting[room_id] = after.waiting
        for scope, entries in after.released.items():
            self._released += ((room_id, scope, entry) for entry in entries)

    def _left(self, room_id: UUID) -> list[tuple[Scope, AnonymousFeedback]]:
        return [(scope, entry) for scope, waiting in self.waiting[room_id].items() for entry in waiting.entries]

    def _given_row(self, room_id: UUID, session_id: UUID, person_id: UUID) -> dict[str, Any]:
        waiting = self.waiting[room_id].get(session_id, WaitingFeedback())
        return {
            "room_id": room_id,
            "session_id": session_id,
            "person_id": person_id,
            "waits": person_id in waiting.people,
        }


async def load_feedback(session: AsyncSession, batch: Sequence[ReceivedMessage[Any]]) -> FeedbackBatch:
    """Load what commands to give feedback need, with one query per table."""
    commands = [(received.message, received.actor) for received in batch if isinstance(received.message, GiveFeedback)]
    feedback = FeedbackBatch()
    if not commands:
        return feedback
    await _load_waiting(session, feedback, {command.room_id for command, _ in commands})
    about = {(command.room_id, command.session_id) for command, _ in commands}
    waiting = {(room_id, scope) for room_id, scopes in feedback.waiting.items() for scope in scopes if scope}
    await _load_sessions(session, feedback, about | waiting)
    by = {(command.room_id, actor) for command, actor in commands if isinstance(actor, UUID)}
    if by:
        await _load_people(session, feedback, by)
        gives = {(command.room_id, command.session_id, actor) for command, actor in commands if isinstance(actor, UUID)}
        columns = (FeedbackGivenRow.room_id, FeedbackGivenRow.session_id, FeedbackGivenRow.person_id)
        found = await session.execute(select(*columns).where(one_of_rows(columns, gives)))
        feedback.given = {(row[0], row[1], row[2]) for row in found}
    return feedback


async def _load_waiting(session: AsyncSession, feedback: FeedbackBatch, room_ids: set[UUID]) -> None:
    """Load the entries that wait in rooms, and who gave those of each session."""
    waiting: dict[UUID, dict[Scope, WaitingFeedback]] = defaultdict(dict)
    columns = (FeedbackWaitingRow.room_id, FeedbackWaitingRow.session_id, FeedbackWaitingRow.useful)
    query = select(*columns, FeedbackWaitingRow.comment).where(one_of(FeedbackWaitingRow.room_id, room_ids))
    for room_id, scope, useful, comment in await session.execute(query):
        one = WaitingFeedback((AnonymousFeedback(useful, comment),))
        waiting[room_id][scope] = waiting[room_id].get(scope, WaitingFeedback()) + one
    given = (FeedbackGivenRow.room_id, FeedbackGivenRow.session_id, FeedbackGivenRow.person_id)
    givers = select(*given).where(one_of(FeedbackGivenRow.room_id, room_ids), FeedbackGivenRow.waits)
    for room_id, scope, person_id in await session.execute(givers):
        if scope in waiting[room_id]:
            waiting[room_id][scope] += WaitingFeedback((), frozenset({person_id}))
    feedback.waiting.update(waiting)


async def _note_released(session: AsyncSession, scopes: set[InRoom]) -> None:
    """Note that nothing waits any more of what was given about these sessions."""
    if scopes:
        of_scopes = one_of_rows((FeedbackGivenRow.room_id, FeedbackGivenRow.session_id), scopes)
        await session.execute(update(FeedbackGivenRow).where(of_scopes, FeedbackGivenRow.waits).values(waits=False))


async def _load_sessions(session: AsyncSession, feedback: FeedbackBatch, places: set[InRoom]) -> None:
    key = (SessionRow.room_id, SessionRow.session_id)
    query = select(*key, SessionRow.starts_at, SessionRow.ends_at, SessionRow.status).where(one_of_rows(key, places))
    for room_id, session_id, starts_at, ends_at, status in await session.execute(query):
        feedback.sessions[room_id, session_id] = RatedSession(starts_at, ends_at, SessionStatus(status))


async def _load_people(session: AsyncSession, feedback: FeedbackBatch, people: set[InRoom]) -> None:
    """Load who is in the rooms, and since when, if known."""
    key = (PresenceRow.room_id, PresenceRow.person_id)
    passed = TimelineRow.membership_id == PresenceRow.membership_id
    query = select(*key, TimelineRow.joined_at).outerjoin(TimelineRow, passed).where(one_of_rows(key, people))
    for room_id, person_id, joined_at in await session.execute(query):
        feedback.people[room_id, person_id] = joined_at


async def _insert(session: AsyncSession, table: type[Any], rows: list[dict[str, Any]]) -> None:
    _RANDOM.shuffle(rows)
    if rows:
        await session.execute(insert(table), rows)


def _waiting_row(room_id: UUID, scope: Scope, entry: AnonymousFeedback) -> dict[str, Any]:
    return _number_row(room_id, scope, entry) | {"comment": entry.comment}


def _number_row(room_id: UUID, scope: Scope, entry: AnonymousFeedback) -> dict[str, Any]:
    return {"room_id": room_id, "session_id": scope, "useful": entry.useful}


def _comment_row(room_id: UUID, scope: Scope, entry: AnonymousFeedback) -> dict[str, Any]:
    return {"room_id": room_id, "session_id": scope, "comment": entry.comment}
