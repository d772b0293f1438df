"""The people of a room with one status, page after page, within bounds."""

from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.membership import GetRoster, Roster, Status
from practio_pages.site import Site

LONGEST_PAGE = 500
"""The most people that one answer has; it has fewer if their words are long."""

MOST_PAGES = 20
"""The most answers that are read."""


async def whole_roster(site: Site, room_id: UUID, status: Status | None = None, *, actor: UUID) -> Roster | Refusal:
    """Return all people of a room with a status as one page; it has an ``after`` only if there are more than is read.

    Without ``status``, those with a live membership.
    """
    query = GetRoster(room_id=room_id, status=status, limit=LONGEST_PAGE)
    roster = await site.gateway.ask(query, Roster, actor=actor)
    for _ in range(MOST_PAGES - 1):
        if isinstance(roster, Refusal) or roster.after is None:
            break
        more = await site.gateway.ask(query.model_copy(update={"after": roster.after}), Roster, actor=actor)
        if isinstance(more, Refusal):
            return more
        roster = more.model_copy(update={"entries": [*roster.entries, *more.entries]})
    return roster
