"""Every query, in the ways that its statements differ, and every background loop."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import text
from tests.plans.chassis_cases import chassis_loops
from tests.plans.filled import Scale, member, person, room, sponsor
from tests.plans.filled_service import SETTINGS, Case, FilledService, counting
from tests.support.stack.retention import forget_once, retentions_of

import practio_membership.gauges
import practio_membership.periodic.sweep
import practio_notifications.gauges
import practio_notifications.periodic.added_dates
import practio_notifications.periodic.care
import practio_notifications.periodic.reminders
import practio_rooms.gauges
import practio_rooms.periodic.care
import practio_rooms.periodic.certificates
import practio_rooms.periodic.months
import practio_rooms.periodic.sweep
from practio_chassis.handling.paging import write_cursor
from practio_chassis.handling.periodic import Periodic
from practio_chassis.handling.retention import CHUNK, Retention
from practio_chassis.service import Running
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    Explain,
    GetHistory,
    GetMembership,
    GetRoster,
    ListMemberships,
    PreviewedRequest,
    PreviewRequests,
    Status,
)
from practio_contracts.membership import ExportPerson as ExportFromMembership
from practio_contracts.message import Query
from practio_contracts.notifications import ExportPerson as ExportFromNotifications
from practio_contracts.notifications import GetPreferences, LetterStatus, ListLetters, NamePeople
from practio_contracts.rooms import ExportPerson as ExportFromRooms
from practio_contracts.rooms import (
    GetCertificate,
    GetFeedback,
    GetReport,
    GetRoom,
    GetSession,
    Grouping,
    ListAgenda,
    ListConductReports,
    ListNotes,
    ListOwnRooms,
    ListSessions,
    ListSponsors,
    ListThanks,
    ReportRooms,
    SearchRooms,
    SessionPeriod,
    VerifyCertificate,
)
from practio_notifications.delivery.claims import claim, take
from practio_notifications.delivery.reserve import ReservedLetter
from practio_rooms.domain.certificates import LENGTH

_LEASE = timedelta(seconds=15)
_ANY_SESSION = "SELECT room_id, office_ids[1] AS host, session_id FROM room JOIN session USING (room_id) LIMIT 1"


async def queries(part: FilledService) -> dict[str, tuple[Query, UUID | str]]:
    """Return the queries of a service by name, with who asks."""
    match part.service.name:
        case "membership":
            return _of_membership(part.scale)
        case "rooms":
            async with part.pool.connect() as connection:
                found = await connection.execute(text(_ANY_SESSION))
                return _of_rooms(*found.one())
        case _:
            return _of_notifications(part.scale)


def _of_membership(scale: Scale) -> dict[str, tuple[Query, UUID | str]]:
    here, somebody = member(7, scale)
    return {
        "get-membership": (GetMembership(room_id=here, person_id=somebody), somebody),
        "list-memberships": (ListMemberships(person_id=somebody), somebody),
        "list-memberships, live": (ListMemberships(person_id=somebody, live_only=True), somebody),
        "get-roster": (GetRoster(room_id=here), person(7)),
        "get-roster, waitlisted": (GetRoster(room_id=here, status=Status.WAITLISTED), person(7)),
        "get-history": (GetHistory(room_id=here, person_id=somebody), somebody),
        "export-person": (ExportFromMembership(person_id=somebody), somebody),
        "explain": (Explain(room_id=here, person_id=somebody), somebody),
        "preview-requests": (
            PreviewRequests(room_id=here, requests=[PreviewedRequest(person_id=somebody)]),
            person(7),
        ),
    }


def _of_rooms(here: UUID, host: UUID, session: UUID) -> dict[str, tuple[Query, UUID | str]]:
    searches: dict[str, dict[str, Any]] = {
        "newest": {},
        "soonest": {"order": "soonest"},
        "by filters": {"format": "intervision", "mode": "online", "language": "fr"},
        "free seats": {"with_free_seats": True, "domain": "domain 7"},
        "a word in one room": {"text": "99123"},
        "a word in every room": {"text": "room"},
        "a phrase of letters": {"text": "读书会"},
        "free seats, of a sponsor": {"with_free_seats": True, "sponsor": {"name": "SPONSOR 7"}},
        "no match": {"text": "unheardofword"},
    }
    return {
        "get-room": (GetRoom(room_id=here), host),
        **{f"search-rooms, {name}": (SearchRooms.model_validate(asked), host) for name, asked in searches.items()},
        "get-feedback": (GetFeedback(room_id=here), host),
        "get-report": (GetReport(room_id=here), host),
        **{
            f"report-rooms, of a sponsor by {by}": (ReportRooms(sponsor_id=sponsor(7), by=by), SYSTEM)
            for by in Grouping
        },
        "report-rooms, of a steward": (ReportRooms(steward_id=host, by=Grouping.ROOM), host),
        "report-rooms, of a room": (ReportRooms(room_ids=[here], by=Grouping.MONTH), host),
        "list-own-rooms": (ListOwnRooms(person_id=host), host),
        "list-sessions": (ListSessions(room_id=here), host),
        "list-sessions, past": (ListSessions(room_id=here, when=SessionPeriod.PAST), host),
        "list-sponsors": (ListSponsors(), host),
        "list-thanks": (ListThanks(room_id=here), host),
        "list-conduct-reports": (ListConductReports(room_id=here), SYSTEM),
        "list-conduct-reports, of all rooms": (ListConductReports(open_only=True), SYSTEM),
        "get-certificate": (GetCertificate(room_id=here, person_id=person(7)), person(7)),
        "verify-certificate": (VerifyCertificate(code="7" * LENGTH), SYSTEM),
        "get-session": (GetSession(room_id=here, session_id=session), host),
        "list-agenda": (ListAgenda(person_id=host), host),
        "export-person": (ExportFromRooms(person_id=host), host),
        "list-notes": (ListNotes(room_id=here), host),
        "list-notes, a word": (ListNotes(room_id=here, text="answer"), host),
    }


def _of_notifications(scale: Scale) -> dict[str, tuple[Query, UUID | str]]:
    here, somebody = member(7, scale)
    middle = write_cursor(datetime.now(UTC) - timedelta(days=365), UUID(int=0))
    return {
        "list-letters": (ListLetters(), SYSTEM),
        "list-letters, page in the middle": (ListLetters(after=middle), SYSTEM),
        "list-letters, of a person": (ListLetters(person_id=somebody), somebody),
        "list-letters, of a room": (ListLetters(room_id=here), SYSTEM),
        "list-letters, of a person and a room": (ListLetters(person_id=somebody, room_id=here), SYSTEM),
        "list-letters, of nobody": (ListLetters(person_id=UUID(int=1)), SYSTEM),
        **{f"list-letters, {status}": (ListLetters(status=status), SYSTEM) for status in LetterStatus},
        "list-letters, failed, in the middle": (
            ListLetters(status=LetterStatus.FAILED, after=middle),
            SYSTEM,
        ),
        "list-letters, failed, of a room": (ListLetters(status=LetterStatus.FAILED, room_id=here), SYSTEM),
        "export-person": (ExportFromNotifications(person_id=somebody), somebody),
        "get-preferences": (GetPreferences(person_id=person(10)), person(10)),
        "name-people": (NamePeople(room_id=room(7), person_ids=[somebody, person(8)]), person(7)),
    }


def loops(part: FilledService) -> dict[str, Case]:
    """Return one turn of every background loop of a service, by name; of retention, one chunk.

    Raise AssertionError if the service has one without a case.
    """
    found = chassis_loops(part) | _of_service(part) | forgetting(part)
    if missing := {each.name for each in part.service.background if isinstance(each, Periodic)} - set(found):
        raise AssertionError(f"loops without a case: {missing}")
    return found


def forgetting(part: FilledService, *, chunk: int = CHUNK) -> dict[str, Case]:
    """Return one chunk of all that a service forgets, by the name of the loop: the number of its rows."""
    return {
        f"{of} retention": partial(forget_once, part.running, of, retentions, chunk=chunk)
        for of, retentions in retentions_of(part.service).items()
    }


def forgetting_by_table(part: FilledService) -> dict[str, Case]:
    """Return one chunk of each rule by itself: a loop's chunk ends with the first table that has old rows."""
    rules = [
        (of, each)
        for of, retentions in retentions_of(part.service).items()
        for each in retentions(SETTINGS[part.service.name])
    ]
    return {
        f"{of} retention, {number}: {each.table.name}": partial(forget_once, part.running, of, partial(_alone, each))
        for number, (of, each) in enumerate(rules)
    }


def _alone(rule: Retention, _settings: object) -> Sequence[Retention]:
    return [rule]


def _of_service(part: FilledService) -> dict[str, Case]:
    running = part.running
    match part.service.name:
        case "membership":
            return {
                "sweep": lambda: practio_membership.periodic.sweep.sweep_once(running),
                "gauges of membership": counting(part, practio_membership.gauges.count_once),
            }
        case "rooms":
            return {
                "sweep": lambda: practio_rooms.periodic.sweep.sweep_once(running),
                "looks": lambda: practio_rooms.periodic.care.look_after_once(running),
                "months": lambda: practio_rooms.periodic.months.fix_once(running),
                "certificates": lambda: practio_rooms.periodic.certificates.count_once(running),
                "gauges of rooms": counting(part, practio_rooms.gauges.count_once),
            }
        case _:
            return {
                "letters": lambda: _claim(running),
                "reminders": lambda: practio_notifications.periodic.reminders.remind_once(running),
                "care": lambda: practio_notifications.periodic.care.care_once(running),
                "announcements": lambda: practio_notifications.periodic.added_dates.announce_once(running),
                "gauges of notifications": counting(part, practio_notifications.gauges.count_once),
            }


async def _claim(running: Running) -> int:
    async with running.transaction() as context:
        claimed = await claim(context, limit=32, ahead=200, lease=_LEASE)
    async with running.transaction() as context:
        taken = await take(context, [ReservedLetter(each, claimed.until, 0.0) for each in claimed.reserved], _LEASE)
    return len(claimed.leaving) + len(taken)
