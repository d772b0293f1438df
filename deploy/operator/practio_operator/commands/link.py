"""`practio link`: a link to a person's pages, for an operator who helps them by telephone."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from practio_contracts.client import Client
from practio_contracts.links import AFTER_A_SESSION, LIFETIMES, Link
from practio_contracts.membership import GetMembership, MembershipResult
from practio_contracts.notifications import GetPreferences, PreferencesFound
from practio_contracts.rooms import (
    GetCertificate,
    GetRoom,
    GetSession,
    Grouping,
    ListNotes,
    ListSessions,
    ReportRooms,
    RoomResult,
    Session,
    SessionPeriod,
    SessionResult,
    SessionsFound,
)
from practio_operator.console.errors import OperatorError
from practio_operator.console.output import console, error_console
from practio_operator.links.holder import Holder, holder_of
from practio_operator.links.page import (
    Page,
    check_words,
    why_closed,
    why_no_feedback,
    why_no_introduction,
    why_no_session,
)
from practio_operator.links.signer import link_signer
from practio_operator.messages.client import with_client
from practio_operator.targets.addresses import administrator_target


def link(
    person: Annotated[UUID, typer.Argument(metavar="PERSON", help="The person's id.")],
    page: Annotated[Page, typer.Option(help="Where the link leads.")] = Page.ROOMS,
    room: Annotated[
        UUID | None,
        typer.Option(
            metavar="ROOM",
            help="The room's id: for way, desk, queue, memory, session, feedback and certificate; start about a draft.",
        ),
    ] = None,
    session: Annotated[
        UUID | None, typer.Option(metavar="SESSION", help="The session's id: for session and feedback.")
    ] = None,
    sponsor: Annotated[UUID | None, typer.Option(metavar="SPONSOR", help="The sponsor's id: for sponsor.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print a link to a person's pages, in their language, as letters bring it, to help by telephone.

    The holder of the link acts as the person, until it expires or their links end: pass it to nobody else. A line on
    standard error records for whom it was made, and to which page, without the link.

    The command needs the database, as an administrator, and PRACTIO_PAGES_URL and PRACTIO_LINK_KEYS as notifications
    and pages have them; for a page about a room or a sponsor, and for introduce, the broker, too. It refuses a page
    that would be closed to the person. The address of a calendar is for calendar programs: it shows when the person's
    rooms meet, and can do nothing.

    Example: practio link PERSON --page desk --room ROOM
    """
    check_words(page, room, session, sponsor)
    signer, holder = link_signer(), asyncio.run(holder_of(administrator_target(), person))
    until, not_after = datetime.now(UTC) + LIFETIMES[page.purpose], None
    if page is Page.SESSION and room is not None and session is not None:
        not_after = _checked_session(room, session, person) + AFTER_A_SESSION
        until = min(until, not_after)
    elif room is not None:
        _check_room(page, room, session, person)
    if sponsor is not None:
        _check_sponsor(sponsor, person)
    if page is Page.INTRODUCE:
        _check_introduction(person)
    made = replace(_link_to(page, room, session, sponsor, holder), not_after=not_after)
    address = signer.url(made) + page.ending
    where = f"{page} of room {room}" if room else str(page)
    error_console.print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} link made for {person}: {where}", markup=False)
    if as_json:
        console.print_json(data={"link": address, "page": page.value, "valid_until": until.isoformat()})
    else:
        console.print(address, markup=False)


def _link_to(page: Page, room: UUID | None, session: UUID | None, sponsor: UUID | None, holder: Holder) -> Link:
    return Link(
        page.purpose,
        holder.person_id,
        room,
        locale=holder.locale,
        time_zone=holder.time_zone,
        version=holder.version_of_calendar if page is Page.CALENDAR else holder.version,
        session_id=session,
        sponsor_id=sponsor,
    )


def _check_sponsor(sponsor: UUID, person: UUID) -> None:
    """Raise OperatorError if the sponsor is not known, or its report would be closed to the person."""
    query = ReportRooms(sponsor_id=sponsor, by=Grouping.MONTH, limit=1)
    answer = with_client(lambda client: client.ask(query, actor=person))
    if answer.code:
        raise OperatorError(f"The report of the sponsor {sponsor} is closed to {person}: {answer.detail}.")


def _check_introduction(person: UUID) -> None:
    """Raise OperatorError if the person cannot say who they are."""
    answer = with_client(lambda client: client.ask(GetPreferences(person_id=person), actor=person))
    if answer.code:
        raise OperatorError(f"It is not known whether {person} may introduce themselves: {answer.detail}.")
    if closed := why_no_introduction(PreferencesFound.model_validate(answer.result)):
        raise OperatorError(f"The page introduce is closed to {person}, who {closed}.")


def _checked_session(room: UUID, session: UUID, person: UUID) -> datetime:
    """Return when a session ends; raise OperatorError if its page would be closed to the person."""
    query = GetSession(room_id=room, session_id=session)
    answer = with_client(lambda client: client.ask(query, actor=person))
    if answer.code and answer.code != "session-unknown":
        raise OperatorError(f"{person} cannot see the room {room}: {answer.detail}.")
    found = SessionResult.model_validate(answer.result) if answer.result else None
    closed = why_no_session(found, datetime.now(UTC))
    if closed or found is None:
        raise OperatorError(f"The page {Page.SESSION} of the room {room} is closed to {person}, who {closed}.")
    return found.session.ends_at


def _check_room(page: Page, room: UUID, session: UUID | None, person: UUID) -> None:
    """Raise OperatorError if the room is not known, or its page would be closed to the person."""
    closed = with_client(lambda client: _why_closed(client, page, room, session, person))
    if closed:
        raise OperatorError(f"The page {page} of the room {room} is closed to {person}, who {closed}.")


async def _why_closed(client: Client, page: Page, room: UUID, session: UUID | None, person: UUID) -> str | None:
    """Return why a page of a room would be closed to a person, who is asked for as themselves; None if it opens."""
    found = await client.ask(GetRoom(room_id=room), actor=person)
    if found.code:
        raise OperatorError(f"{person} cannot see the room {room}: {found.detail}.")
    if page is Page.MEMORY:
        notes = await client.ask(ListNotes(room_id=room, limit=1), actor=person)
        return "is not in it" if notes.code else None
    if page is Page.CERTIFICATE:
        certificate = await client.ask(GetCertificate(room_id=room, person_id=person), actor=person)
        return "has no attendance recorded in it" if certificate.code else None
    if session is not None:
        membership = await client.ask(GetMembership(room_id=room, person_id=person), actor=person)
        its = MembershipResult.model_validate(membership.result).membership
        return why_no_feedback(await _session(client, room, session, person), its, datetime.now(UTC))
    return why_closed(page, RoomResult.model_validate(found.result).room, person)


async def _session(client: Client, room: UUID, session: UUID, person: UUID) -> Session | None:
    """Return a session that a person sees, to come or over; None if there is none with this id."""
    for when in SessionPeriod:
        query: ListSessions | None = ListSessions(room_id=room, when=when, limit=100)
        while query is not None:
            answer = await client.ask(query, actor=person)
            if answer.code:
                break
            found = SessionsFound.model_validate(answer.result)
            for each in found.sessions:
                if each.session_id == session:
                    return each
            query = query.model_copy(update={"after": found.after}) if found.after else None
    return None
