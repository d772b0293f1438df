"""What the page of a room's requests shows: the room, who asks, who waits and who is in, a page of each at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import ValidationError
from starlette.datastructures import URL, QueryParams
from starlette.exceptions import HTTPException

from practio_contracts.answers import Refusal
from practio_contracts.links import Link
from practio_contracts.membership import GetRoster, Roster, RosterEntry, Status
from practio_contracts.rooms import GetRoom, Room, RoomResult
from practio_pages.site import Site

PAGE = 50
"""People of one part on a page."""

PARTS = {"requests": Status.REQUESTED, "offers": Status.OFFERED, "line": Status.WAITLISTED, "inside": Status.JOINED}
"""The parts of the page; each name is also that of the query parameter that says where its last page ended."""


@dataclass(frozen=True, slots=True)
class Part:
    """One page of the people who stand alike, of ``count`` in all; the queries lead to its first and its next page."""

    entries: Sequence[RosterEntry]
    count: int
    first: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class Queue:
    """A room, how full it is, and its people by part."""

    room: Room
    roster: Roster
    parts: dict[str, Part]

    @property
    def free(self) -> int:
        """Give the seats that are neither taken nor held."""
        return max(0, self.roster.capacity - self.roster.seats_taken - self.roster.seats_held)

    @property
    def person_ids(self) -> list[UUID]:
        """Give everybody on the page."""
        return [entry.membership.person_id for part in self.parts.values() for entry in part.entries]

    def lapses_at(self, entry: RosterEntry) -> datetime:
        """Give when a request is over that nobody decides on, in UTC."""
        return entry.membership.since + timedelta(days=self.room.access.request_expires_after_days)

    def answers(self, entry: RosterEntry) -> list[tuple[str, str]]:
        """Give a person's answers in the room's order, by question; what the room asks no more, by its key."""
        texts = {question.key: question.text for question in self.room.access.questions}
        asked = [key for key in texts if entry.answers.get(key)]
        former = [key for key in entry.answers if key not in texts]
        return [(texts.get(key, key), entry.answers[key]) for key in (*asked, *former)]


async def queue_of(site: Site, link: Link, url: URL) -> Queue | Refusal:
    """Give what the page at ``url`` shows to the person of ``link``; raises HTTPException where it leads nowhere."""
    assert link.room_id is not None  # whoever signs a link of this purpose names the room
    questions = _questions(link.room_id, QueryParams(url.query))
    room, rosters = await asyncio.gather(
        site.desk.ask(GetRoom(room_id=link.room_id), RoomResult, actor=link.person_id),
        _rosters(site, questions, actor=link.person_id),
    )
    if isinstance(room, Refusal):
        return room
    if isinstance(rosters, Refusal):
        return rosters
    parts = {
        name: _part(name, question, roster, url)
        for name, question, roster in zip(PARTS, questions, rosters, strict=True)
    }
    return Queue(room.room, rosters[0], parts)


def _questions(room_id: UUID, after: QueryParams) -> list[GetRoster]:
    try:
        return [
            GetRoster(room_id=room_id, status=status, limit=PAGE, after=after.get(name) or None)
            for name, status in PARTS.items()
        ]
    except ValidationError as error:
        raise HTTPException(404) from error


async def _rosters(site: Site, questions: Sequence[GetRoster], *, actor: UUID) -> list[Roster] | Refusal:
    told = await asyncio.gather(*(site.desk.ask(question, Roster, actor=actor) for question in questions))
    refusal = next((each for each in told if isinstance(each, Refusal)), None)
    if refusal is None:
        return [each for each in told if isinstance(each, Roster)]
    if refusal.code == "invalid":  # of all that is asked, only where a page ended was written by somebody else
        raise HTTPException(404)
    return refusal


def _part(name: str, question: GetRoster, roster: Roster, url: URL) -> Part:
    return Part(
        entries=roster.entries,
        count=roster.counts.get(PARTS[name], 0),
        first=url.remove_query_params(name).query if question.after else None,
        next=url.include_query_params(**{name: roster.after}).query if roster.after else None,
    )
