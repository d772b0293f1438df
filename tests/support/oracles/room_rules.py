"""The rules of seats and waitlist, checked on what an outside system sees; each yields a sentence per fault."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise

from tests.support.clients.commands import Data
from tests.support.oracles.observed_room import LIVE, ObservedRoom

AT_ONCE = ("open", "approved", "invitation")
"""How people get a seat at once, rather than from the waitlist."""


def oversold(room: ObservedRoom) -> Iterator[str]:
    """Yield events that gave more seats than there were, apart from places over capacity and lowered capacities."""
    empty = {"seats_taken": 0, "seats_held": 0, "over_capacity": 0}
    for before, now in pairwise([empty, *(each["data"] for each in room.occupancies)]):
        if used(now) - now["over_capacity"] > max(now["capacity"], used(before) - before["over_capacity"]):
            yield f"{before} was followed by {now}"
        for name, role in now["by_role"].items():
            had = before.get("by_role", {}).get(name, {"taken": 0, "held": 0})
            seats = now["capacity"] if role["seats"] is None else role["seats"]
            if _used_by(role) > max(seats, _used_by(had)) + now["over_capacity"]:
                yield f"as {name} {before} was followed by {now}"


def used(occupancy: Data) -> int:
    """Return the seats that are taken or held."""
    return int(occupancy["seats_taken"] + occupancy["seats_held"])


def _used_by(role: Data) -> int:
    return int(role["taken"] + role["held"])


def miscounted(room: ObservedRoom) -> Iterator[str]:
    """Yield differences between counts and entries of the roster, and of roles and the last occupancy event."""
    found = Counter(each["membership"]["status"] for each in room.entries)
    counts = {status: room.roster["counts"].get(status, 0) for status in LIVE}
    if counts != {status: found[status] for status in LIVE}:
        yield f"the roster counts {counts}, and shows {found}"
    roles = Counter((each["membership"]["role"], each["membership"]["status"]) for each in room.entries)
    for name, published in (room.occupancies[-1]["data"]["by_role"] if room.occupancies else {}).items():
        if (published["taken"], published["held"]) != (roles[name, "joined"], roles[name, "offered"]):
            yield f"{published} was published of {name}, and {roles} are there"


def living_twice(room: ObservedRoom) -> Iterator[str]:
    """Yield people with two live memberships, and entries of the roster that differ from their last event."""
    entries = {each["membership"]["membership_id"]: each["membership"] for each in room.entries}
    persons = Counter(each["person_id"] for each in entries.values())
    yield from (f"{person} has {count} live memberships" for person, count in persons.items() if count > 1)
    last = {each: events[-1]["data"]["membership"] for each, events in room.membership_events.items()}
    live = {each: published for each, published in last.items() if published["status"] in LIVE}
    yield from (f"{each} is on the roster or live by its events, not both" for each in entries.keys() ^ live.keys())
    for each in entries.keys() & live.keys():
        shown = {name: value for name, value in entries[each].items() if name in live[each]}
        if shown != live[each]:
            yield f"published {live[each]}, shown {shown}"


def misnumbered(room: ObservedRoom) -> Iterator[str]:
    """Yield events and versions whose numbers do not rise by one."""
    for subject, events in {**room.membership_events, "seats": room.occupancies}.items():
        numbers = [int(each["sequence"]) for each in events]
        versions = [each["data"]["membership"]["version"] for each in events if "membership" in each["data"]]
        if numbers != list(range(1, len(numbers) + 1)) or versions not in ([], numbers):
            yield f"events {numbers} of {subject}, with versions {versions}"


def broken_histories(room: ObservedRoom) -> Iterator[str]:
    """Yield histories that do not lead from nothing to the present status, or name another cause than the event."""
    for person, seen in room.people.items():
        for before, now in pairwise([{"to": None}, *seen.changes]):
            begins_again = before["to"] not in LIVE and now["from"] is None
            if now["from"] != before["to"] and not begins_again:
                yield f"{person}: {before} was followed by {now}"
        causes = [each["causationid"] for each in room.events_of(person)]
        if causes != [each["message_id"] for each in seen.changes]:
            yield f"{person}: the events were caused by {causes}, the history says {seen.changes}"


def unexplained(room: ObservedRoom) -> Iterator[str]:
    """Yield people who wait although a seat is free that they would take, and explanations that do not fit."""
    for person, seen in room.people.items():
        status, codes, explained = room.status(person), room.reasons(person), seen.explained
        if (explained["status"], explained["has_seat"]) != (status, status == "joined"):
            yield f"{person} is {status}, explained as {explained}"
        if status == "waitlisted" and "seat-freeing" in codes:
            yield f"{person} waits while a seat is free: {explained}"
        if "room-full" in codes and used(room.roster) < room.roster["capacity"]:
            yield f"{person} is explained as in a full room: {explained}, {room.roster}"


def out_of_order(before: ObservedRoom, now: ObservedRoom) -> Iterator[str]:
    """Yield faults in the waitlist order, and people who changed places without a new priority or number."""
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


def _sent_to_the_end(news: Sequence[Data], before: ObservedRoom, identity: str) -> bool:
    """Return whether somebody got a new number: after an offer that was over, or by accepting an invitation."""
    known = before.membership_events.get(identity, ())[-1:]
    for was, is_now in pairwise([*known, *news]):
        came_back = _has([is_now], "offer-lapsed") and _status(is_now) == "waitlisted"
        if came_back or (_status(was) == "invited" and _status(is_now) in ("joined", "waitlisted")):
            return True
    return False


def _status(event: Data) -> str:
    return str(event["data"]["membership"]["status"])


def passed_over(before: ObservedRoom, now: ObservedRoom, wanted_roles: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield people who got a seat before a person who waited all the time and would have taken it.

    ``wanted_roles`` are the preferred roles of each membership, if known; an empty list means any role. A person who is
    set aside blocks nobody; a person on the waitlist may be served before those behind.
    """
    news = now.news_since(before)
    stayed = [each for each in now.entries if _id(each) in wanted_roles and _stayed(each, before, now, news)]
    for events in news.values():
        for event in events:
            for each in _passed_by(event, events, before, stayed):
                if _would_take(wanted_roles[_id(each)], event["data"]["membership"]["role"]):
                    yield f"{event['type']} of {event['data']['membership']} came past {each}"


def _passed_by(event: Data, events: Sequence[Data], before: ObservedRoom, stayed: Sequence[Data]) -> Sequence[Data]:
    """Return the people with precedence for a seat: everybody for a newcomer, otherwise those before."""
    if event["data"].get("how") in AT_ONCE:
        return stayed
    if not _is_served(event) or _has(events, "prioritised") or _sent_to_the_end(events, before, event["subject"]):
        return ()
    ranks = {_id(each): rank for rank, each in enumerate(before.entries)}
    if event["subject"] in ranks:
        return [each for each in stayed if ranks[_id(each)] < ranks[event["subject"]]]
    return [each for each in stayed if each["priority"] >= 0]


def _stayed(entry: Data, before: ObservedRoom, now: ObservedRoom, news: Mapping[str, Sequence[Data]]) -> bool:
    """Return whether a person has been on the waitlist since ``before``, without a new event."""
    person = entry["membership"]["person_id"]
    if _id(entry) in news or entry["membership"]["status"] != "waitlisted":
        return False
    return "set-aside" not in before.reasons(person) | now.reasons(person)


def _is_served(event: Data) -> bool:
    """Return whether a seat was given from the waitlist, by the service itself."""
    promoted = event["data"].get("how") == "automatic" or _has([event], "seat-offered")
    return promoted and event["data"]["membership"]["by"] == "system"


def _would_take(roles: Sequence[str], role: str | None) -> bool:
    return not roles or role is None or role in roles
