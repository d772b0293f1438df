"""Reports of how somebody behaves, which stewards settle.

They are discreet: nothing of them is on ``practio.events``, and no event has their text.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from practio_contracts.fields import Cursor, Flag, Id, Instant, LongPage, LongText
from practio_contracts.message import Command, Event, Part, Query

_Text = Annotated[LongText, StringConstraints(min_length=1, max_length=2_000)]


class Outcome(StrEnum):
    """How a report was settled: nothing to do, talked to, removed from the room, or noted."""

    NOTHING = "nothing"
    TALKED_TO = "talked-to"
    REMOVED = "removed"
    NOTED = "noted"


class Reader(StrEnum):
    """Who reads a report: the room's stewards, or the system if the room has no other steward than those concerned."""

    STEWARDS = "stewards"
    SYSTEM = "system"


class ReportConduct(Command, key="rooms.report-conduct.v1", discreet=True):
    """Report how somebody behaves, or a note; the sender chooses the id.

    For people in the room, its waitlist and its offices. ``person_id`` and the author of the note never see the report.
    """

    room_id: Id
    report_id: Id
    text: _Text
    person_id: Id | None = None
    note_id: Id | None = None


class ReportReceived(Part):
    """That a report was received, and who reads it."""

    room_id: Id
    report_id: Id
    read_by: Reader


class SettleConduct(Command, key="rooms.settle-conduct.v1", discreet=True):
    """Settle a report; ``words`` are for those who may read it. For stewards whom it is not about, and the system."""

    room_id: Id
    report_id: Id
    outcome: Outcome
    words: Annotated[LongText, StringConstraints(max_length=2_000)] | None = None


class ReportSettled(Part):
    """How a report was settled."""

    room_id: Id
    report_id: Id
    outcome: Outcome


class ConductReported(Event, key="rooms.conduct-reported.v1", discreet=True):
    """Somebody reported how somebody behaves. ``steward_ids`` are those who may read it, without who reported it."""

    room_id: Id
    report_id: Id
    steward_ids: list[Id] = []


class ConductSettled(Event, key="rooms.conduct-settled.v1", discreet=True):
    """A report was settled. ``reporter_id`` is null if the person who reported it was erased."""

    room_id: Id
    report_id: Id
    reporter_id: Id | None = None
    outcome: Outcome


class ListConductReports(Query, key="rooms.list-conduct-reports.v1"):
    """Show the reports in a room, newest first, without those about the person who asks; result: ``ConductReports``.

    For the room's stewards and the system; without ``room_id``, the system sees those of all rooms. Without ``limit``,
    as many as fit into an answer.
    """

    room_id: Id | None = None
    open_only: Flag = False
    limit: LongPage = 500
    after: Cursor | None = None


class ConductReport(Part):
    """A report; ``outcome`` is null until it is settled, ``by`` if the person who reported it was erased."""

    room_id: Id
    report_id: Id
    text: str
    person_id: Id | None = None
    note_id: Id | None = None
    by: Id | None = None
    reported_at: Instant
    outcome: Outcome | None = None
    words: str | None = None
    settled_by: Id | None = None
    settled_at: Instant | None = None


class ConductReports(Part):
    """A page of reports; ``after`` is null on the last page."""

    reports: list[ConductReport]
    after: str | None
