"""What hosts and people do besides the main job, by an outside system that has AMQP and contracts/README.md alone."""

import asyncio

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
from tests.support.clients.commands import Data, about, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.oracles.ledger import Ledger
from tests.support.stack.running import RunningStack
from tests.system.test_letters import letter_to

COACHING = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 1}, {"name": "observer", "seats": 1}]


async def hosts(outside: OutsideSystem, command: str, room: OpenRoom, person: str, **fields: object) -> Data:
    """Send a command of the host about a person; return the answer's data."""
    answering = outside.send(f"membership.{command}.v1", about(room.room_id, person, **fields), actor=room.host)
    answer: Data = await answering
    return answer


async def queried(outside: OutsideSystem, query: str, actor: str, **fields: object) -> Data:
    result: Data = (await outside.query(f"membership.{query}.v1", fields, actor=actor))["result"]
    return result


async def test_two_simultaneous_decisions_have_one_outcome_and_one_letter(
    outside: OutsideSystem, stack: RunningStack, ledger: Ledger
) -> None:
    facilitator, person = new_id(), await a_known_person(outside)
    host = await a_known_person(outside, "Marta Bianchi")
    room = await a_published_room(outside, host=host, facilitator_ids=[facilitator])
    await accepted(asks(outside, room, person))
    await letter_to(outside, stack, person, "requested")  # decided before it left, it would rightly be skipped
    command = about(room.room_id, person)
    answers = await asyncio.gather(
        *(outside.send(APPROVE, command, actor=by) for by in (room.host, facilitator, room.host))
    )
    assert sorted(answer.get("code", "accepted") for answer in answers) == ["accepted"] + ["already-decided"] * 2
    await ledger.is_clean()
    assert (await letter_to(outside, stack, person, "joined")).subject.startswith("You are in")
    assert len(stack.mailbox.to(outside.people[person]["email"])) == 2


async def test_a_person_invited_over_capacity_joins_is_removed_and_barred_until_the_bar_is_lifted(
    outside: OutsideSystem, ledger: Ledger
) -> None:
    room = await a_published_room(outside, capacity=1, policy="open")
    seated, guest = new_id(), new_id()
    await accepted(asks(outside, room, seated))
    invited = await hosts(outside, "invite", room, guest, over_capacity=True, message="Come and see.")
    assert (invited["state"]["status"], bool(invited["state"]["invitation_expires_at"])) == ("invited", True)
    moves = (await queried(outside, "get-membership", guest, room_id=room.room_id, person_id=guest))["moves"]
    assert moves[:2] == ["membership.accept-invitation.v1", "membership.decline-invitation.v1"]
    joined = await does(outside, "membership.accept-invitation.v1", room, guest)
    assert joined["status"] == "joined"
    shown = await roster(outside, room)
    assert (shown["seats_taken"], shown["capacity"], shown["over_capacity"]) == (2, 1, 1)

    await hosts(outside, "remove", room, guest, reason="Passed on what was confided.", bar=True)
    assert (await asks(outside, room, guest))["code"] == "barred"
    assert (await hosts(outside, "invite", room, guest))["code"] == "barred"
    await hosts(outside, "lift-bar", room, guest)
    assert (await accepted(asks(outside, room, guest)))["status"] == "waitlisted"
    await ledger.is_clean()


async def test_many_requests_are_decided_at_once_and_everybody_learns_why_they_have_no_seat(
    outside: OutsideSystem, ledger: Ledger
) -> None:
    room = await a_published_room(outside, capacity=2)
    people = [new_id() for _ in range(4)]
    for person in people:
        await accepted(asks(outside, room, person))
    decisions = [{"person_id": person, "approve": person != people[3]} for person in [*people, new_id()]]
    command = {"room_id": room.room_id, "decisions": decisions}
    state = await accepted(outside.send("membership.decide-requests.v1", command, actor=room.host))
    assert [(each["status"], each["code"]) for each in state["outcomes"]] == [
        ("joined", None),
        ("joined", None),
        ("waitlisted", None),
        ("declined", None),
        (None, "nothing-pending"),
    ]
    why = await queried(outside, "explain", people[2], room_id=room.room_id, person_id=people[2])
    assert (why["has_seat"], [reason["code"] for reason in why["reasons"]]) == (False, ["room-full", "place-in-line"])
    await ledger.is_clean()


async def test_priorities_offers_by_hand_and_roles_end_in_one_list_of_memberships(
    outside: OutsideSystem, ledger: Ledger
) -> None:
    room = await a_published_room(outside, capacity=3, policy="open", format="peer-coaching", roles=COACHING)
    coach, first, second = new_id(), new_id(), new_id()
    await accepted(asks(outside, room, coach, roles=["coach"]))
    for person in (first, second):
        assert (await accepted(asks(outside, room, person, roles=["coach"])))["status"] == "waitlisted"
    await hosts(outside, "prioritise", room, second, priority=10)
    changed = await hosts(outside, "change-role", room, coach, role="observer")
    assert changed["state"]["role"] == "observer"
    await outside.receives("membership.seat-offered.v1", person_id=second)
    assert (await hosts(outside, "revoke-offer", room, second))["state"]["status"] == "waitlisted"
    await outside.receives("membership.seat-offered.v1", person_id=first)
    assert (await does(outside, ACCEPT, room, first))["role"] == "coach"
    offered = await hosts(outside, "offer-seat", room, second)
    assert offered["code"] == "seat-taken"
    await does(outside, WITHDRAW, room, first)
    again = await hosts(outside, "offer-seat", room, second)
    assert again["state"]["status"] == "offered"
    listed = await queried(outside, "list-memberships", second, person_id=second, live_only=True)
    assert [each["status"] for each in listed["memberships"]] == ["offered"]
    assert not (await roster(outside, room))["viable"], "nobody is in the room as coach"
    await ledger.is_clean()
