"""The main job, by an outside system that has nothing but AMQP and contracts/README.md."""

from collections.abc import Sequence

from tests.support.clients.actions import (
    ACCEPT,
    APPROVE,
    WITHDRAW,
    OpenRoom,
    a_known_person,
    a_published_room,
    accepted,
    asks,
    does,
    roster,
)
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually

NAMES = ("Tomás Herrera", "Aisha Rahman", "Jonas Weber", "Claire Dubois", "Kofi Mensah")


async def the_main_job(outside: OutsideSystem) -> tuple[str, list[str]]:
    """Let five people request three seats, the host approve them all, one leave and one follow.

    Return the host and the people; the second left, and the fourth has the seat now.
    """
    host = await a_known_person(outside, "Marta Bianchi")
    people = [await a_known_person(outside, name) for name in NAMES]
    room = await a_published_room(outside, host=host, capacity=3)
    await outside.receives("rooms.room-published.v1", room_id=room.room_id)
    for person in people:
        assert (await accepted(asks(outside, room, person)))["status"] == "requested"
    await letters_left(outside, "requested", people)
    await letters_left(outside, "request-to-decide", [host] * 5)

    await the_host_approves(outside, room, people)
    await the_seat_goes_on(outside, room, leaver=people[1], follower=people[3])

    counts = (await roster(outside, room))["counts"]
    assert (counts["joined"], counts["waitlisted"], counts["withdrawn"]) == (3, 1, 1)
    assert published_events(outside, people[3]) == ["requested", "waitlisted", "seat-offered", "joined"]
    return host, people


async def the_host_approves(outside: OutsideSystem, room: OpenRoom, people: Sequence[str]) -> None:
    """Let the host approve everybody in turn, until the room is full."""
    statuses = [(await does(outside, APPROVE, room, person, actor=room.host))["status"] for person in people]
    assert statuses == ["joined"] * 3 + ["waitlisted"] * 2
    await letters_left(outside, "joined", people[:3])
    await letters_left(outside, "waitlisted", people[3:])


async def the_seat_goes_on(outside: OutsideSystem, room: OpenRoom, *, leaver: str, follower: str) -> None:
    """Let one person leave, and the first on the waitlist accept the offered seat."""
    assert (await does(outside, WITHDRAW, room, leaver))["status"] == "withdrawn"
    offer = await outside.receives("membership.seat-offered.v1", person_id=follower)
    assert offer["data"]["membership"]["offer_expires_at"]
    await letters_left(outside, "withdrawn", [leaver])
    await letters_left(outside, "seat-offered", [follower])
    assert (await does(outside, ACCEPT, room, follower))["status"] == "joined"
    await letters_left(outside, "joined", [follower])


async def letters_left(outside: OutsideSystem, kind: str, people: Sequence[str]) -> None:
    """Wait until letters of a kind have been sent to these people: as people do, who act on the letters they read."""
    events = outside.events["notifications.letter-sent.v1"]

    def missing() -> list[str]:
        left = [event["data"]["person_id"] for event in events if event["data"]["kind"] == kind]
        return [person for person in set(people) if left.count(person) < people.count(person)]

    await eventually(lambda: not missing(), message=lambda: f"no letter {kind} to {missing()}")


def published_events(outside: OutsideSystem, person: str) -> list[str]:
    """Return the names of the events about a person's membership, in order."""
    events = [event for event in outside.all_events() if event["data"].get("membership", {}).get("person_id") == person]
    return [event["type"].split(".")[2] for event in sorted(events, key=lambda event: int(event["sequence"]))]
