"""The sessions of a room that are over or were called off, and those among them that took place."""

from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.links import Link
from practio_contracts.rooms import ListSessions, Session, SessionPeriod, SessionsFound, SessionStatus
from practio_pages.site import Site

A_PAGE, MOST_PAGES = 100, 5


async def held_sessions(site: Site, link: Link, room_id: UUID, *, most: int, first: int) -> list[Session]:
    """Return the latest sessions that took place and are over, newest first; none to a person who may not see them.

    ``first`` is how many sessions are asked for at first. Those called off stand among them by their dates, so that a
    whole series of them may come before what took place: then more is asked for.

    Raise UnavailableError.
    """
    held: list[Session] = []
    after, limit = None, first
    for _ in range(MOST_PAGES):
        page = await past_page(site, link, room_id, limit=limit, after=after)
        held += [each for each in page.sessions if each.status is SessionStatus.SCHEDULED]
        after, limit = page.after, A_PAGE
        if after is None or len(held) >= most:
            break
    return held[:most]


async def past_page(site: Site, link: Link, room_id: UUID, *, limit: int, after: str | None = None) -> SessionsFound:
    """Return a page of the sessions that are over or called off; an empty one to a person who may not see them.

    Raise UnavailableError.
    """
    query = ListSessions(room_id=room_id, when=SessionPeriod.PAST, limit=limit, after=after)
    found = await site.gateway.ask(query, SessionsFound, actor=link.person_id)
    return SessionsFound(sessions=[], after=None) if isinstance(found, Refusal) else found
