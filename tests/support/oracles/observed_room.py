"""What an outside system sees of one room at a quiet point: its answers and its events, once both agree."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.support.clients.actions import OpenRoom, roster
from tests.support.clients.commands import Data, about
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.oracles.ledger import room_of

LIVE = ("invited", "requested", "waitlisted", "offered", "joined")
SETTLE_SECONDS = 30.0


@dataclass(frozen=True)
class ObservedPerson:
    """The answers about one person."""

    shown: Data
    changes: Sequence[Data]
    explained: Data


@dataclass(frozen=True)
class ObservedRoom:
    """A room as its host sees it.

    ``membership_events`` are the events of each membership by its id, ``occupancies`` the occupancy events of the room.
    Events are in the order of their numbers, each once; several with one number are adjacent.
    """

    roster: Data
    people: Mapping[str, ObservedPerson]
    membership_events: Mapping[str, Sequence[Data]]
    occupancies: Sequence[Data]

    @property
    def entries(self) -> Sequence[Data]:
        """Return the entries of the roster, in waitlist order."""
        found: Sequence[Data] = self.roster["entries"]
        return found

    def status(self, person: str) -> str | None:
        """Return the status of a person, None if they never requested."""
        membership: Data | None = self.people[person].shown["membership"]
        return membership["status"] if membership else None

    def reasons(self, person: str) -> set[str]:
        """Return the codes of a person's explanation."""
        return {each["code"] for each in self.people[person].explained["reasons"]}

    def events_of(self, person: str) -> list[Data]:
        """Return the events about a person, first to last: memberships follow one another, and so do their ids."""
        of_each = (events for _, events in sorted(self.membership_events.items()) if person_of(events[0]) == person)
        return [event for events in of_each for event in events]

    def news_since(self, before: "ObservedRoom") -> dict[str, Sequence[Data]]:
        """Return the new events of each membership since then, if there are any."""
        news = {
            each: events[len(before.membership_events.get(each, ())) :]
            for each, events in self.membership_events.items()
        }
        return {each: events for each, events in news.items() if events}


def person_of(event: Data) -> str:
    """Return the person whom an event is about."""
    return str(event["data"]["membership"]["person_id"])


async def observe_room(
    outside: OutsideSystem, room: OpenRoom, people: Sequence[str], *, known: ObservedRoom | None = None
) -> ObservedRoom:
    """Observe a room once its answers and events agree; raise AssertionError with the differences if they never do.

    If a person has no new events since ``known``, only the explanation is queried.
    """
    last: list[str] = []

    async def agreed() -> ObservedRoom | None:
        observed = await _observe(outside, room, people, known)
        last[:] = disagreements(observed)
        return None if last else observed

    observed = await eventually(agreed, within=SETTLE_SECONDS, message=lambda: last)
    assert observed is not None
    return observed


async def _observe(
    outside: OutsideSystem, room: OpenRoom, people: Sequence[str], known: ObservedRoom | None
) -> ObservedRoom:
    shown = await roster(outside, room)
    events = {each["id"]: each for each in outside.all_events() if room_of(each) == room.room_id and "sequence" in each}
    ours = [each for each in events.values() if each["source"] == "/practio/membership"]
    by_membership, occupancies = _by_membership(ours), _in_order(ours, room.room_id)
    unseen = ObservedRoom(shown, {}, by_membership, occupancies)
    seen = [known.people[each] if known and not _is_news(unseen, known, each) else None for each in people]
    answered = await asyncio.gather(*(_person(outside, room, *each) for each in zip(people, seen, strict=True)))
    return replace(unseen, people=dict(zip(people, answered, strict=True)))


def _is_news(observed: ObservedRoom, known: ObservedRoom, person: str) -> bool:
    return len(observed.events_of(person)) > len(known.events_of(person))


async def _person(outside: OutsideSystem, room: OpenRoom, person: str, known: ObservedPerson | None) -> ObservedPerson:
    async def answer(name: str) -> Data:
        command = about(room.room_id, person)
        result: Data = (await outside.query(f"membership.{name}.v1", command, actor=room.host))["result"]
        return result

    if known:
        return replace(known, explained=await answer("explain"))
    shown, history, explained = await asyncio.gather(*map(answer, ("get-membership", "get-history", "explain")))
    return ObservedPerson(shown, history["changes"], explained)


def _by_membership(events: Sequence[Data]) -> dict[str, Sequence[Data]]:
    subjects = {each["subject"] for each in events if "membership" in each["data"]}
    return {subject: _in_order(events, subject) for subject in subjects}


def _in_order(events: Sequence[Data], subject: str) -> Sequence[Data]:
    return sorted((each for each in events if each["subject"] == subject), key=lambda each: int(each["sequence"]))


def disagreements(observed: ObservedRoom) -> list[str]:
    """Return where answers and events differ: in statuses, in the history, and in the occupancy."""
    return [*_counts_differ(observed), *_people_differ(observed), *_occupancy_differs(observed)]


def _counts_differ(observed: ObservedRoom) -> Iterator[str]:
    published = Counter(events[-1]["data"]["membership"]["status"] for events in observed.membership_events.values())
    if published != Counter(observed.roster["counts"]):
        yield f"published {published}, counted {observed.roster['counts']}"
    shown = {each["membership"]["membership_id"]: each["membership"]["version"] for each in observed.entries}
    for membership, version in shown.items():
        count = len(observed.membership_events.get(membership, ()))
        if version != count:
            yield f"{membership} is at version {version}, with {count} events"


def _people_differ(observed: ObservedRoom) -> Iterator[str]:
    for person, seen in observed.people.items():
        published = [(each["type"], each["data"]["membership"]["status"]) for each in observed.events_of(person)]
        kept = [(f"practio.{each['fact']}", each["to"]) for each in seen.changes]
        if published != kept:
            yield f"{person}: published {published}, kept in the history {kept}"
        if (published[-1][1] if published else None) != observed.status(person):
            yield f"{person} was last published as {published[-1:]}, and is {observed.status(person)}"


def _occupancy_differs(observed: ObservedRoom) -> Iterator[str]:
    counts = observed.roster["counts"]
    names = ("capacity", "seats_taken", "seats_held", "over_capacity", "viable")
    seen = {name: observed.roster[name] for name in names}
    seen |= {"waiting": counts.get("waitlisted", 0), "pending": counts.get("requested", 0)}
    last = observed.occupancies[-1]["data"] if observed.occupancies else None
    if last and seen != (published := {name: last[name] for name in seen}):
        yield f"the room is {seen}, and was published as {published}"
