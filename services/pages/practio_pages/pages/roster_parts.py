"""The content of the page of requests: the room and its people by status, one page of each at a time."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import ValidationError
from starlette.datastructures import URL, QueryParams
from starlette.exceptions import HTTPException

from practio_contracts.answers import Refusal
from practio_contracts.links import Link
from practio_contracts.membership import GetRoster, Roster, RosterEntry, Status
from practio_contracts.rooms import GetRoom, Room, RoomResult, free_seats
from practio_pages.site import Site

PAGE = 25
"""The number of people of one part on a page."""

PARTS = {"requests": Status.REQUESTED, "offers": Status.OFFERED, "line": Status.WAITLISTED, "inside": Status.JOINED}
"""The parts of the page; the name of each is also the query parameter with the end of its previous page."""


@dataclass(frozen=True, slots=True)
class RosterPart:
    """One page of the people with one status, of ``count`` in all; ``first`` and ``next`` lead to other pages."""

    entries: Sequence[RosterEntry]
    count: int
    first: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class RosterView:
    """A room, its occupancy, and its people by part."""

    room: Room
    roster: Roster
    parts: dict[str, RosterPart]

    @property
    def free(self) -> int:
        """Return the number of seats that somebody can still take."""
        return free_in(self.roster)

    @property
    def person_ids(self) -> list[UUID]:
        """Return the ids of all people on the page."""
        return [entry.membership.person_id for part in self.parts.values() for entry in part.entries]

    def lapses_at(self, entry: RosterEntry) -> datetime:
        """Return when an undecided request lapses, in UTC; by the room's present rule if membership does not tell."""
        by_rule = entry.membership.since + timedelta(days=self.room.access.request_expires_after_days)
        return entry.request_expires_at or by_rule

    def answers(self, entry: RosterEntry) -> list[tuple[str, str]]:
        """Return a person's answers by question, in the room's order; a removed question is named by its key."""
        texts = {query.key: query.text for query in self.room.access.questions}
        asked = [key for key in texts if entry.answers.get(key)]
        former = [key for key in entry.answers if key not in texts]
        return [(texts.get(key, key), entry.answers[key]) for key in (*asked, *former)]


def free_in(roster: Roster) -> int:
    """Return the number of seats of a room that somebody can still take."""
    if roster.seats_free is not None:
        return roster.seats_free
    return free_seats(roster.capacity, roster.seats_taken + roster.seats_held)


async def load_roster(site: Site, link: Link, url: URL) -> RosterView | Refusal:
    """Return the content of the page at ``url``, read by ``link``; raise HTTPException if it does not exist."""
    assert link.room_id is not None  # a signed link of this purpose names the room
    room, found = await asyncio.gather(
        site.gateway.ask(GetRoom(room_id=link.room_id), RoomResult, actor=link.person_id),
        load_parts(site, link, url, PARTS),
    )
    if isinstance(room, Refusal):
        return room
    return found if isinstance(found, Refusal) else RosterView(room.room, *found)


async def load_parts(
    site: Site, link: Link, url: URL, statuses: Mapping[str, Status], *, most: int = PAGE
) -> tuple[Roster, dict[str, RosterPart]] | Refusal:
    """Return a room's occupancy and the pages at ``url`` of its people, by the names of ``statuses``.

    A page has at most ``most`` people of each.
    Raise HTTPException if there is no such page.
    """
    assert link.room_id is not None  # a signed link of this purpose names the room
    queries = _queries(link.room_id, QueryParams(url.query), statuses, most)
    if len(queries) > 1 and not any(query.after for query in queries.values()):
        found = await _first_pages(site, link, url, queries)
        if not _knows_one_status(found):
            return found
    rosters = await _rosters(site, list(queries.values()), actor=link.person_id)
    if isinstance(rosters, Refusal):
        return rosters
    parts = {
        name: _part(name, query, roster, url) for (name, query), roster in zip(queries.items(), rosters, strict=True)
    }
    return rosters[0], parts


async def _first_pages(
    site: Site, link: Link, url: URL, queries: Mapping[str, GetRoster]
) -> tuple[Roster, dict[str, RosterPart]] | Refusal:
    """Return what ``load_parts`` does if each part is shown from its beginning: in one query instead of many.

    A part of which the answer had room for nobody, beside people with long texts, is asked for alone.
    """
    first = next(iter(queries.values()))
    statuses = [query.status for query in queries.values() if query.status]
    query = GetRoster(room_id=first.room_id, statuses=statuses, limit=first.limit)
    roster = await site.gateway.ask(query, Roster, actor=link.person_id)
    if isinstance(roster, Refusal):
        return roster
    rosters = {name: _of_status(roster, query) for name, query in queries.items()}
    cut = {name: query for name, query in queries.items() if rosters[name].after and not rosters[name].entries}
    again = await _rosters(site, list(cut.values()), actor=link.person_id)
    if isinstance(again, Refusal):
        return again
    rosters |= dict(zip(cut, again, strict=True))
    return roster, {name: _part(name, query, rosters[name], url) for name, query in queries.items()}


def _knows_one_status(found: object) -> bool:
    """Return whether membership is of the release before, which refuses a query for several statuses."""
    return isinstance(found, Refusal) and found.code == "invalid"


def _of_status(roster: Roster, query: GetRoster) -> Roster:
    """Return a roster of several statuses as the answer to a query for one of them."""
    entries = [each for each in roster.entries if each.membership.status is query.status]
    after = roster.after_of.get(query.status) if query.status else None
    return roster.model_copy(update={"entries": entries, "after": after})


def _queries(room_id: UUID, after: QueryParams, statuses: Mapping[str, Status], most: int) -> dict[str, GetRoster]:
    try:
        return {
            name: GetRoster(room_id=room_id, status=status, limit=most, after=after.get(name) or None)
            for name, status in statuses.items()
        }
    except ValidationError as error:
        raise HTTPException(404) from error


async def _rosters(site: Site, queries: Sequence[GetRoster], *, actor: UUID) -> list[Roster] | Refusal:
    results = await asyncio.gather(*(site.gateway.ask(query, Roster, actor=actor) for query in queries))
    refusal = next((each for each in results if isinstance(each, Refusal)), None)
    if refusal is None:
        return [each for each in results if isinstance(each, Roster)]
    if refusal.code == "invalid":  # only the end of a page in a query can be invalid: it comes from the address
        raise HTTPException(404)
    return refusal


def _part(name: str, query: GetRoster, roster: Roster, url: URL) -> RosterPart:
    return RosterPart(
        entries=roster.entries,
        count=roster.counts.get(query.status, 0) if query.status else 0,
        first=url.remove_query_params(name).query if query.after else None,
        next=url.include_query_params(**{name: roster.after}).query if roster.after else None,
    )
