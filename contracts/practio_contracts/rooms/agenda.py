"""Sessions page by page: those of a room, and those of all rooms of a person."""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from practio_contracts.fields import Cursor, Id, Instant, Int, Page, default_for_null
from practio_contracts.message import Part, Query
from practio_contracts.rooms.sessions import PublicSession, Session


class SessionPeriod(StrEnum):
    """Which sessions are listed: those to come, soonest first, or those that are over or cancelled, newest first."""

    COMING = "coming"
    PAST = "past"


_UpTo200 = Annotated[Int, Field(ge=1, le=200)]
PeriodInput = Annotated[SessionPeriod, BeforeValidator(default_for_null, json_schema_input_type=SessionPeriod | None)]
AgendaPage = Annotated[_UpTo200, BeforeValidator(default_for_null, json_schema_input_type=_UpTo200 | None)]


class ListSessions(Query, key="rooms.list-sessions.v1"):
    """List the sessions of a room; result: ``SessionsFound``.

    People in the room and its offices see all, with place and link, and among the past ones all that were cancelled.
    Others see the coming ones of a published room, without them.
    """

    room_id: Id
    when: PeriodInput = SessionPeriod.COMING
    limit: Page = 20
    after: Cursor | None = None


class SessionsFound(Part):
    """A page of a room's sessions; ``after`` is null on the last page."""

    sessions: list[PublicSession | Session]
    after: str | None


class ListAgenda(Query, key="rooms.list-agenda.v1"):
    """List the sessions of all rooms that a person is in or has an office in; result: ``AgendaFound``.

    For that person and the system. Sessions that take place between ``from`` (null: now) and ``to`` (null: 90 days
    after ``from``), ordered by their start.
    """

    person_id: Id
    since: Annotated[Instant | None, Field(alias="from")] = None
    until: Annotated[Instant | None, Field(alias="to")] = None
    limit: AgendaPage = 100
    after: Cursor | None = None


class AgendaEntry(Part):
    """A session, with its room's title and where it is held: the session's own place and link, or else the room's."""

    session: Session
    room_title: str
    place: str | None = None
    meeting_url: str | None = None


class AgendaFound(Part):
    """A page of a person's sessions; ``after`` is null on the last page."""

    sessions: list[AgendaEntry]
    after: str | None
