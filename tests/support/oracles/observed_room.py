"""What an outside system sees of one room at a quiet point: all that is answered and told, once both agree."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.support.clients.commands import Data, about
from tests.support.clients.outside import Outside
from tests.support.clients.scenes import OpenRoom, roster
from tests.support.eventually import eventually
from tests.support.oracles.ledger import room_of

LIVE = ("invited", "requested", "waitlisted", "offered", "joined")
SETTLE_SECONDS = 30.0


@dataclass(frozen=True)
class Person:
    """What is answered about one person."""

    shown: Data
    changes: Sequence[Data]
    explained: Data


@dataclass(frozen=True)
class Sight:
    """A room as its host sees it; ``told`` are the events of each membership by its id, ``filled`` those of the seats.

    Events are in the order of their numbers, each once; several with one number stand beside each other.
    """

    roster: Data
    people: Mapping[str, Person]
    told: Mapping[str, Sequence[Data]]
    filled: Sequence[Data]

    @property
    def entries(self) -> Sequence[Data]:
        """Give who is in the room and who is on the way, in the queue's order."""
        found: Sequence[Data] = self.roster["entries"]
        return found

    def status(self, person: str) -> str | None:
        """Give where a person stands; None where they never asked."""
        membership: Data | None = self.people[person].shown["membership"]
        return membership["status"] if membership else None

    def reasons(self, person: str) -> set[str]:
        """Give the codes of what explains where a person stands."""
        return {each["code"] for each in self.people[person].explained["reasons"]}

    def events_of(self, person: str) -> list[Data]:
        """Give the events about a person, first to last: memberships follow one another, and so do their ids."""
        of_each = (events for _, events in sorted(self.told.items()) if person_of(events[0]) == person)
        return [event for events in of_each for event in events]

    def news_since(self, before: "Sight") -> dict[str, Sequence[Data]]:
        """Give what was told of each membership since then, where anything was."""
        news = {each: events[len(before.told.get(each, ())) :] for each, events in self.told.items()}
        return {each: events for each, events in news.items() if events}


def person_of(event: Data) -> str:
    """Give the person whom an event is about."""
    return str(event["data"]["membership"]["person_id"])


async def look(outside: Outside, room: OpenRoom, people: Sequence[str], *, known: Sight | None = None) -> Sight:
    """Look at a room once all that is answered was told too; raises AssertionError with what never agreed.

    Of those of whom nothing was told since they were ``known``, nothing is asked but why they stand there.
    """
    last: list[str] = []

    async def agreed() -> Sight | None:
        sight = await _sight(outside, room, people, known)
        last[:] = disagreements(sight)
        return None if last else sight

    sight = await eventually(agreed, within=SETTLE_SECONDS, saying=lambda: last)
    assert sight is not None
    return sight


async def _sight(outside: Outside, room: OpenRoom, people: Sequence[str], known: Sight | None) -> Sight:
    told = await roster(outside, room)
    events = {each["id"]: each for each in outside.all_events() if room_of(each) == room.room_id and "sequence" in each}
    ours = [each for each in events.values() if each["source"] == "/practio/membership"]
    by_membership, filled = _by_membership(ours), _in_order(ours, room.room_id)
    unseen = Sight(told, {}, by_membership, filled)
    seen = [known.people[each] if known and not _is_news(unseen, known, each) else None for each in people]
    answered = await asyncio.gather(*(_person(outside, room, *each) for each in zip(people, seen, strict=True)))
    return replace(unseen, people=dict(zip(people, answered, strict=True)))


def _is_news(sight: Sight, known: Sight, person: str) -> bool:
    return len(sight.events_of(person)) > len(known.events_of(person))


async def _person(outside: Outside, room: OpenRoom, person: str, known: Person | None) -> Person:
    async def answer(name: str) -> Data:
        command = about(room.room_id, person)
        result: Data = (await outside.ask(f"membership.{name}.v1", command, actor=room.host))["result"]
        return result

    if known:
        return replace(known, explained=await answer("explain"))
    shown, history, explained = await asyncio.gather(*map(answer, ("get-membership", "get-history", "explain")))
    return Person(shown, history["changes"], explained)


def _by_membership(events: Sequence[Data]) -> dict[str, Sequence[Data]]:
    subjects = {each["subject"] for each in events if "membership" in each["data"]}
    return {subject: _in_order(events, subject) for subject in subjects}


def _in_order(events: Sequence[Data], subject: str) -> Sequence[Data]:
    return sorted((each for each in events if each["subject"] == subject), key=lambda each: int(each["sequence"]))


def disagreements(sight: Sight) -> list[str]:
    """Give where answers and events differ: in statuses, in what was kept, and in how full the room is."""
    return [*_counts_differ(sight), *_people_differ(sight), *_fullness_differs(sight)]


def _counts_differ(sight: Sight) -> Iterator[str]:
    told = Counter(events[-1]["data"]["membership"]["status"] for events in sight.told.values())
    if told != Counter(sight.roster["counts"]):
        yield f"told {told}, counted {sight.roster['counts']}"
    shown = {each["membership"]["membership_id"]: each["membership"]["version"] for each in sight.entries}
    for membership, version in shown.items():
        if version != len(sight.told.get(membership, ())):
            yield f"{membership} is at version {version}, and was told {len(sight.told.get(membership, ()))} times"


def _people_differ(sight: Sight) -> Iterator[str]:
    for person, seen in sight.people.items():
        told = [(each["type"], each["data"]["membership"]["status"]) for each in sight.events_of(person)]
        kept = [(f"practio.{each['fact']}", each["to"]) for each in seen.changes]
        if told != kept:
            yield f"{person}: told {told}, kept in the history {kept}"
        if (told[-1][1] if told else None) != sight.status(person):
            yield f"{person} was told to be {told[-1:]}, and is {sight.status(person)}"


def _fullness_differs(sight: Sight) -> Iterator[str]:
    counts = sight.roster["counts"]
    names = ("capacity", "seats_taken", "seats_held", "over_capacity", "viable")
    seen = {name: sight.roster[name] for name in names}
    seen |= {"waiting": counts.get("waitlisted", 0), "pending": counts.get("requested", 0)}
    last = sight.filled[-1]["data"] if sight.filled else None
    if last and seen != (told := {name: last[name] for name in seen}):
        yield f"the room is {seen}, and was told as {told}"
