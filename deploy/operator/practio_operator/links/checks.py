"""Whether a page would open to a person, asked of the services as that person, before a link leads there."""

from datetime import UTC, datetime
from uuid import UUID

from practio_contracts.client import Client
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
from practio_operator.links.page import LinkedPage, why_closed, why_no_feedback, why_no_introduction, why_no_session


async def check_sponsor(client: Client, sponsor: UUID, person: UUID) -> None:
    """Raise OperatorError if the sponsor is not known, or its report would be closed to the person."""
    query = ReportRooms(sponsor_id=sponsor, by=Grouping.MONTH, limit=1)
    answer = await client.ask(query, actor=person)
    if answer.code:
        raise OperatorError(f"The report of the sponsor {sponsor} is closed to {person}: {answer.detail}.")


async def check_introduction(client: Client, person: UUID) -> None:
    """Raise OperatorError if the person cannot say who they are."""
    answer = await client.ask(GetPreferences(person_id=person), actor=person)
    if answer.code:
        raise OperatorError(f"It is not known whether {person} may introduce themselves: {answer.detail}.")
    if closed := why_no_introduction(PreferencesFound.model_validate(answer.result)):
        raise OperatorError(f"The page introduce is closed to {person}, who {closed}.")


async def end_of_session(client: Client, room: UUID, session: UUID, person: UUID) -> datetime:
    """Return when a session ends; raise OperatorError if its page would be closed to the person."""
    query = GetSession(room_id=room, session_id=session)
    answer = await client.ask(query, actor=person)
    if answer.code and answer.code != "session-unknown":
        raise OperatorError(f"{person} cannot see the room {room}: {answer.detail}.")
    found = SessionResult.model_validate(answer.result) if answer.result else None
    closed = why_no_session(found, datetime.now(UTC))
    if closed or found is None:
        raise OperatorError(f"The page {LinkedPage.SESSION} of the room {room} is closed to {person}, who {closed}.")
    return found.session.ends_at


async def check_room(client: Client, page: LinkedPage, room: UUID, session: UUID | None, person: UUID) -> None:
    """Raise OperatorError if the room is not known, or its page would be closed to the person."""
    closed = await _why_closed(client, page, room, session, person)
    if closed:
        raise OperatorError(f"The page {page} of the room {room} is closed to {person}, who {closed}.")


async def _why_closed(client: Client, page: LinkedPage, room: UUID, session: UUID | None, person: UUID) -> str | None:
    """Return why a page of a room would be closed to a person, who is asked for as themselves; None if it opens."""
    found = await client.ask(GetRoom(room_id=room), actor=person)
    if found.code:
        raise OperatorError(f"{person} cannot see the room {room}: {found.detail}.")
    if page is LinkedPage.MEMORY:
        notes = await client.ask(ListNotes(room_id=room, limit=1), actor=person)
        return "is not in it" if notes.code else None
    if page is LinkedPage.CERTIFICATE:
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
