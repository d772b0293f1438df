"""A person's agenda: the sessions of the next 90 days in all rooms that they are in or have an office in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from starlette.datastructures import URL

from practio_chassis.i18n import Localizer
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import AgendaEntry, AgendaFound, ListAgenda
from practio_pages.pages.session_phase import SessionPhase
from practio_pages.site import Site, in_zone_of

PARAMETER = "sessions"
"""The query parameter with the end of the previous page."""

_A_PAGE = 10


@dataclass(frozen=True, slots=True)
class Appointment:
    """A session in the agenda, with its formatted time, and the paths of its room's page and of its own.

    In a draft, the room's page is its desk, and the session has none yet.
    ``checks_in``: the person can say now that they are here.
    """

    entry: AgendaEntry
    when: str
    path: str
    session: str | None
    checks_in: bool

    @property
    def minutes(self) -> int:
        """Return how long the session lasts, in minutes."""
        return (self.entry.session.ends_at - self.entry.session.starts_at) // timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class AgendaPage:
    """A page of the agenda; ``first`` and ``next`` are the queries that lead to other pages."""

    appointments: Sequence[Appointment]
    first: str | None
    next: str | None


def agenda_query(link: Link, parameters: Mapping[str, str]) -> ListAgenda:
    """Return the query of the requested page; raise ValidationError if its cursor has no form of one."""
    fields = {"person_id": link.person_id, "limit": _A_PAGE, "after": parameters.get(PARAMETER) or None}
    return ListAgenda.model_validate(fields)


def agenda_of(
    site: Site,
    query: ListAgenda,
    found: AgendaFound,
    link: Link,
    localizer: Localizer,
    url: URL,
    *,
    seats: Collection[UUID],
    drafts: Collection[UUID],
) -> AgendaPage:
    """Return the agenda as the page at ``url`` shows it.

    ``seats`` are the rooms in which the person has a seat, ``drafts`` those that are not published yet.
    """
    now = datetime.now(UTC)

    def appointment(entry: AgendaEntry) -> Appointment:
        local = in_zone_of(localizer, link, zone=entry.session.time_zone)
        room_id, session = entry.session.room_id, entry.session
        is_draft = room_id in drafts
        path = site.path_from(link, Purpose.SESSION, room_id=room_id, session_id=session.session_id)
        return Appointment(
            entry,
            local.when(session.starts_at),
            path=site.path_from(link, Purpose.DESK if is_draft else Purpose.WAY, room_id=room_id),
            session=None if is_draft else path,
            checks_in=room_id in seats and SessionPhase(session, now).takes_check_ins,
        )

    return AgendaPage(
        [appointment(entry) for entry in found.sessions],
        first=url.remove_query_params(PARAMETER).query if query.after else None,
        next=url.include_query_params(**{PARAMETER: found.after}).query if found.after else None,
    )
