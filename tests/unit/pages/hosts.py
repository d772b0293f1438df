"""Rooms with requests, as their host sees them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tests.unit.pages.builders import HOST, ROOM, a_membership, a_room_shown
from tests.unit.pages.sites import Seen, Visit, a_visit, accepted

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import (
    Decided,
    DecideRequests,
    GetRoster,
    Outcome,
    Roster,
    RosterEntry,
    Status,
)
from practio_contracts.notifications import Named, NamePeople, Names
from practio_contracts.rooms import GetRoom

ADA, BEN, CLEO = UUID(int=0xADA), UUID(int=0xBE), UUID(int=0xC1E0)
NAMES = {ADA: "Ada Lovelace", BEN: "Ben Okri", CLEO: "Cléo <Vic>"}
NO_OFFICE = Refusal(code="not-allowed", detail="only the room's host, facilitators and stewards may do this")
QUESTIONS = [{"key": "why", "text": "What do you bring?"}, {"key": "when", "text": "Since when?"}]


def a_queue(language: str = "en") -> Link:
    return Link(Purpose.QUEUE, HOST, ROOM, locale=language)


def an_entry(person_id: UUID, status: Status = Status.REQUESTED, **fields: Any) -> RosterEntry:
    beside = RosterEntry.model_fields.keys() - {"membership"}
    given = {name: fields.pop(name) for name in beside & fields.keys()}
    membership = a_membership(status, person_id=person_id, **fields)
    usual: dict[str, Any] = {"ahead": None, "priority": 0, "answers": {}, "message": None}
    return RosterEntry(membership=membership, **usual | given)


def a_roster(entries: Sequence[RosterEntry], *, capacity: int = 8, pages: int = 100, **counts: int) -> Any:
    """Return a function that answers queries for a roster from ``entries``, ``pages`` of them at a time."""
    counted = {status: sum(each.membership.status is status for each in entries) for status in Status}
    counted |= {Status(name): count for name, count in counts.items()}

    def answer(query: GetRoster) -> Roster | Refusal:
        found = [each for each in entries if each.membership.status is query.status]
        if query.after and not query.after.isdigit():
            return Refusal(code="invalid", detail="not where a page ended")
        start = int(query.after or 0)
        return Roster(
            counts=counted,
            capacity=capacity,
            seats_taken=counted[Status.JOINED],
            seats_held=counted[Status.OFFERED],
            entries=found[start : start + pages],
            after=str(start + pages) if len(found) > start + pages else None,
        )

    return answer


def named(query: NamePeople) -> Names:
    with_names = [each for each in query.person_ids if each in NAMES]
    return Names(people=[Named(person_id=each, display_name=NAMES[each]) for each in with_names])


def a_host(*entries: RosterEntry, room: dict[str, Any] | None = None, **roster: Any) -> Visit:
    visit = a_visit()
    visit.gateway.answers |= {
        GetRoom: a_room_shown(**(room or {})),
        GetRoster: a_roster(entries, **roster),
        NamePeople: named,
    }
    return visit


def results_in(visit: Visit, *outcomes: Outcome) -> None:
    answer = [each.model_dump(mode="json") for each in outcomes]
    visit.gateway.outcomes[DecideRequests] = accepted(DecideRequests, outcomes=answer)


def decided(visit: Visit) -> list[Decided]:
    (sent,) = visit.gateway.sent
    assert sent.actor == HOST
    assert isinstance(sent.command, DecideRequests)
    assert sent.command.room_id == ROOM
    return sent.command.decisions


async def looked(visit: Visit, query: str = "") -> Seen:
    return await visit.get(visit.path(a_queue()) + query)
