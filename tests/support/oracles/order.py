"""The rules of seats and queue, checked on what an outside system sees; each gives a sentence for what is wrong."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise

from tests.support.clients.commands import Data
from tests.support.oracles.observed_room import LIVE, Sight

AT_ONCE = ("open", "approved", "invitation")
"""How people come to a seat at once, rather than from the line."""


def oversold(sight: Sight) -> Iterator[str]:
    """Give where more seats were given than there were, places over capacity and lowered capacities aside."""
    empty = {"seats_taken": 0, "seats_held": 0, "over_capacity": 0}
    for before, now in pairwise([empty, *(each["data"] for each in sight.filled)]):
        if used(now) - now["over_capacity"] > max(now["capacity"], used(before) - before["over_capacity"]):
            yield f"{before} was followed by {now}"
        for name, role in now["by_role"].items():
            had = before.get("by_role", {}).get(name, {"taken": 0, "held": 0})
            seats = now["capacity"] if role["seats"] is None else role["seats"]
            if _used_by(role) > max(seats, _used_by(had)) + now["over_capacity"]:
                yield f"as {name} {before} was followed by {now}"


def used(fullness: Data) -> int:
    """Give the seats that are taken or held."""
    return int(fullness["seats_taken"] + fullness["seats_held"])


def _used_by(role: Data) -> int:
    return int(role["taken"] + role["held"])


def miscounted(sight: Sight) -> Iterator[str]:
    """Give where counts and entries of the roster differ, and roles from what was told of them."""
    found = Counter(each["membership"]["status"] for each in sight.entries)
    counts = {status: sight.roster["counts"].get(status, 0) for status in LIVE}
    if counts != {status: found[status] for status in LIVE}:
        yield f"the roster counts {counts}, and shows {found}"
    roles = Counter((each["membership"]["role"], each["membership"]["status"]) for each in sight.entries)
    for name, told in (sight.filled[-1]["data"]["by_role"] if sight.filled else {}).items():
        if (told["taken"], told["held"]) != (roles[name, "joined"], roles[name, "offered"]):
            yield f"{told} was told of {name}, and {roles} are there"


def living_twice(sight: Sight) -> Iterator[str]:
    """Give people with two live memberships, and those of the roster who are not what was told of them last."""
    entries = {each["membership"]["membership_id"]: each["membership"] for each in sight.entries}
    persons = Counter(each["person_id"] for each in entries.values())
    yield from (f"{person} has {count} live memberships" for person, count in persons.items() if count > 1)
    last = {each: events[-1]["data"]["membership"] for each, events in sight.told.items()}
    live = {each: told for each, told in last.items() if told["status"] in LIVE}
    yield from (f"{each} is on the roster or was told to be, not both" for each in entries.keys() ^ live.keys())
    for each in entries.keys() & live.keys():
        shown = {name: value for name, value in entries[each].items() if name in live[each]}
        if shown != live[each]:
            yield f"told {live[each]}, shown {shown}"


def misnumbered(sight: Sight) -> Iterator[str]:
    """Give where the numbers of events, or the versions in them, do not rise by one."""
    for subject, events in {**sight.told, "seats": sight.filled}.items():
        numbers = [int(each["sequence"]) for each in events]
        versions = [each["data"]["membership"]["version"] for each in events if "membership" in each["data"]]
        if numbers != list(range(1, len(numbers) + 1)) or versions not in ([], numbers):
            yield f"facts {numbers} of {subject}, with versions {versions}"


def broken_histories(sight: Sight) -> Iterator[str]:
    """Yield histories that do not lead from nothing to the present status, or name another cause than the event."""
    for person, seen in sight.people.items():
        for before, now in pairwise([{"to": None}, *seen.changes]):
            begins_anew = before["to"] not in LIVE and now["from"] is None
            if now["from"] != before["to"] and not begins_anew:
                yield f"{person}: {before} was followed by {now}"
        causes = [each["causationid"] for each in sight.events_of(person)]
        if causes != [each["message_id"] for each in seen.changes]:
            yield f"{person}: the facts were caused by {causes}, the history says {seen.changes}"


def unexplained(sight: Sight) -> Iterator[str]:
    """Give people who wait beside a free seat that they would take, and explanations that do not fit."""
    for person, seen in sight.people.items():
        status, codes, explained = sight.status(person), sight.reasons(person), seen.explained
        if (explained["status"], explained["has_seat"]) != (status, status == "joined"):
            yield f"{person} is {status}, explained as {explained}"
        if status == "waitlisted" and "seat-freeing" in codes:
            yield f"{person} waits while a seat is free: {explained}"
        if "room-full" in codes and used(sight.roster) < sight.roster["capacity"]:
            yield f"{person} is told that the room is full: {explained}, {sight.roster}"


def out_of_order(before: Sight, now: Sight) -> Iterator[str]:
    """Give where the queue is not in order, or people changed places who were neither moved nor sent to the end."""
    priorities = [each["priority"] for each in now.entries]
    if priorities != sorted(priorities, reverse=True):
        yield f"priorities {priorities}"
    places = [each["ahead"] for each in now.entries if each["membership"]["status"] == "waitlisted"]
    if places != list(range(len(places))):
        yield f"places {places}"
    ranks = {_id(each): rank for rank, each in enumerate(before.entries)}
    news = now.news_since(before)
    old = {each: rank for each, rank in ranks.items() if not _sent_to_the_end(news.get(each, ()), before, each)}
    kept = [each for each in now.entries if not _has(news.get(_id(each), ()), "prioritised")]
    for one, other in combinations(kept, 2):
        swapped = _id(other) in old and old.get(_id(one), len(ranks)) > old[_id(other)]
        if swapped and one["priority"] == other["priority"]:
            yield f"{_id(one)} came before {_id(other)}"


def _id(entry: Data) -> str:
    return str(entry["membership"]["membership_id"])


def _has(events: Sequence[Data], name: str) -> bool:
    return any(each["type"] == f"practio.membership.{name}.v1" for each in events)


def _sent_to_the_end(news: Sequence[Data], before: Sight, identity: str) -> bool:
    """Say whether somebody got a new number: after an offer that was over, or by accepting an invitation."""
    known = before.told.get(identity, ())[-1:]
    for was, is_now in pairwise([*known, *news]):
        came_back = _has([is_now], "offer-lapsed") and _status(is_now) == "waitlisted"
        if came_back or (_status(was) == "invited" and _status(is_now) in ("joined", "waitlisted")):
            return True
    return False


def _status(event: Data) -> str:
    return str(event["data"]["membership"]["status"])


def passed_over(before: Sight, now: Sight, wished: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Give who came to a seat past somebody who waited all the time and would have taken it.

    ``wished`` are the roles that each membership asked for, where that is known; none means any. Who is set aside
    holds nobody back; who is in line may be served before those who stand behind.
    """
    news = now.news_since(before)
    stayed = [each for each in now.entries if _id(each) in wished and _stayed(each, before, now, news)]
    for events in news.values():
        for event in events:
            for each in _passed_by(event, events, before, stayed):
                if _would_take(wished[_id(each)], event["data"]["membership"]["role"]):
                    yield f"{event['type']} of {event['data']['membership']} came past {each}"


def _passed_by(event: Data, events: Sequence[Data], before: Sight, stayed: Sequence[Data]) -> Sequence[Data]:
    """Give whom a seat may not go past: everybody for those who come from outside the line, else those before them."""
    if event["data"].get("how") in AT_ONCE:
        return stayed
    if not _is_served(event) or _has(events, "prioritised") or _sent_to_the_end(events, before, event["subject"]):
        return ()
    ranks = {_id(each): rank for rank, each in enumerate(before.entries)}
    if event["subject"] in ranks:
        return [each for each in stayed if ranks[_id(each)] < ranks[event["subject"]]]
    return [each for each in stayed if each["priority"] >= 0]


def _stayed(entry: Data, before: Sight, now: Sight, news: Mapping[str, Sequence[Data]]) -> bool:
    """Say whether somebody has waited since ``before``, in line, and nothing was told of them."""
    person = entry["membership"]["person_id"]
    if _id(entry) in news or entry["membership"]["status"] != "waitlisted":
        return False
    return "set-aside" not in before.reasons(person) | now.reasons(person)


def _is_served(event: Data) -> bool:
    """Say whether a seat was given from the line, by the service itself."""
    promoted = event["data"].get("how") == "automatic" or _has([event], "seat-offered")
    return promoted and event["data"]["membership"]["by"] == "system"


def _would_take(wishes: Sequence[str], role: str | None) -> bool:
    return not wishes or role is None or role in wishes
