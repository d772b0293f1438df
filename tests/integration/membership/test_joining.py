"""People ask, wait, are offered seats and leave, on a real database."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import uuid4

from tests.integration.membership.membership_service import MembershipService, of_ourselves, of_room, people
from tests.support.stack.example_service import received
from tests.unit.membership.builders import FACILITATOR, HOST, a_room

from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    AcceptOffer,
    ApproveRequest,
    DeclineRequest,
    FillSeats,
    GetRoster,
    LapseOffer,
    LapseRequest,
    RequestToJoin,
    Roster,
    Withdraw,
)
from practio_contracts.rooms import RoomCancelled, RoomRevised, RoomStatus
from practio_membership.handlers.steps import MOST_AT_ONCE


async def test_200_people_request_10_seats_at_once_each_twice(membership: MembershipService) -> None:
    room, requesting = await membership.publish(capacity=10), people(200)
    commands = [received(RequestToJoin(room_id=room.room_id, person_id=person), actor=person) for person in requesting]
    doubled = [command for command in commands for _ in range(2)]
    async with asyncio.TaskGroup() as batches:
        for start in range(0, 400, 100):
            batches.create_task(membership.transaction.handle(doubled[start : start + 100]))
    statuses = await membership.statuses(room)
    assert Counter(statuses.values()) == {"joined": 10, "waitlisted": 190}
    [row] = await membership.rows("SELECT * FROM room WHERE room_id = :room", room=room.room_id)
    assert (row.taken, row.held, row.waiting, row.last_number) == (10, 0, 190, 200)
    published = [data for name, data in await membership.events(room) if name == "waitlisted"]
    assert [data["ahead"] for data in published] == list(range(190))


async def test_the_waitlist_has_the_order_in_which_requests_were_handled(membership: MembershipService) -> None:
    room, requesting = await membership.publish(capacity=1), people(30)
    await membership.join(room, *requesting[:20])
    await membership.join(room, *requesting[20:])
    assert list(await membership.statuses(room)) == requesting


async def test_a_freed_seat_is_offered_to_the_first_on_the_waitlist(membership: MembershipService) -> None:
    room, [first, second, third] = await membership.publish(capacity=1), people(3)
    await membership.join(room, first, second, third)
    await membership.send(Withdraw(room_id=room.room_id, person_id=first, reason="moved away"), by=first)
    assert await membership.statuses(room) == {first: "withdrawn", second: "offered", third: "waitlisted"}
    answer = await membership.send(AcceptOffer(room_id=room.room_id, person_id=second), by=second)
    assert (answer["state"]["status"], answer["state"]["role"]) == ("joined", "participant")
    [event] = [data for name, data in await membership.events(room) if name == "withdrawn"]
    assert (event["from_status"], event["membership"]["reason"]) == ("joined", "moved away")


async def test_occupancy_events_are_numbered_without_gaps(membership: MembershipService) -> None:
    room = await membership.publish(capacity=2)
    for person in people(3):
        await membership.join(room, person)
    query = "SELECT public FROM outbox WHERE subject = :room ORDER BY id"
    published = [row.public for row in await membership.rows(query, room=str(room.room_id))]
    assert [b'"sequence":"%d"' % number in body for number, body in enumerate(published, start=1)] == [True] * 3


async def test_occupancy_is_published_once_a_batch_with_the_final_numbers(membership: MembershipService) -> None:
    crowded, other, [extra] = await membership.publish(capacity=3), await membership.publish(capacity=3), people(1)
    commands = [RequestToJoin(room_id=crowded.room_id, person_id=person) for person in people(9)]
    refused = RequestToJoin(room_id=crowded.room_id, person_id=HOST)
    not_a_system = received(RequestToJoin(room_id=crowded.room_id, person_id=extra), actor=SYSTEM)
    elsewhere = RequestToJoin(room_id=other.room_id, person_id=extra)
    batch = [received(command, actor=command.person_id) for command in (*commands, elsewhere, refused)]
    await membership.take(*batch, not_a_system)
    [published] = [data for name, data in await membership.events(crowded) if name == "occupancy-changed"]
    assert (published["seats_taken"], published["waiting"]) == (3, 6)
    assert [name for name, _ in await membership.events(other)] == ["joined", "occupancy-changed"]


async def test_the_timer_passes_an_expired_offer_to_the_next_person(membership: MembershipService) -> None:
    room, [first, second, third] = await membership.publish(capacity=1), people(3)
    await membership.join(room, first, second, third)
    await membership.send(Withdraw(room_id=room.room_id, person_id=first), by=first)
    await membership.offers_run_out(room)
    [row] = await membership.rows("SELECT * FROM membership WHERE person_id = :person", person=second)
    about = {"room_id": room.room_id, "person_id": second, "membership_id": row.membership_id}
    await membership.take(of_ourselves(LapseOffer(**about)), of_ourselves(LapseOffer(**about)))
    assert await membership.statuses(room) == {first: "withdrawn", second: "lapsed", third: "offered"}
    assert [name for name, _ in await membership.events(room)].count("offer-lapsed") == 1


async def test_an_offer_expires_at_its_instant_without_any_timer(membership: MembershipService) -> None:
    room, [first, second, late] = await membership.publish(capacity=1), people(3)
    await membership.join(room, first, second)
    await membership.send(Withdraw(room_id=room.room_id, person_id=first), by=first)
    await membership.offers_run_out(room)
    refused = await membership.send(AcceptOffer(room_id=room.room_id, person_id=second), by=second)
    assert refused["code"] == "offer-expired"
    assert (await membership.statuses(room))[second] == "lapsed", "what is over lapses, whatever the command asks for"
    await membership.join(room, late)
    assert await membership.statuses(room) == {first: "withdrawn", second: "lapsed", late: "joined"}


async def test_a_newcomer_at_an_expired_offer_does_not_overtake_people_who_wait(membership: MembershipService) -> None:
    room, [first, second, third, late] = await membership.publish(capacity=1), people(4)
    await membership.join(room, first, second, third)
    await membership.send(Withdraw(room_id=room.room_id, person_id=first), by=first)
    await membership.offers_run_out(room)
    await membership.join(room, late)
    statuses = await membership.statuses(room)
    assert (statuses[third], statuses[late]) == ("offered", "waitlisted")


async def test_a_person_moved_to_the_end_of_the_waitlist_is_before_later_newcomers(
    membership: MembershipService,
) -> None:
    room = await membership.publish(capacity=1, waitlist={"after_lapse": "requeue"})
    first, second, late = people(3)
    await membership.join(room, first, second)
    await membership.send(Withdraw(room_id=room.room_id, person_id=first), by=first)
    await membership.offers_run_out(room)
    await membership.join(room, late)
    assert await membership.statuses(room) == {first: "withdrawn", second: "offered", late: "waitlisted"}


async def test_approved_requests_wait_in_the_order_of_the_requests(membership: MembershipService) -> None:
    room, [seated, early, later] = await membership.publish(capacity=1, policy="approval"), people(3)
    await membership.join(room, seated, early, later)
    for person in (seated, later, early):
        answer = await membership.send(ApproveRequest(room_id=room.room_id, person_id=person), by=HOST)
        assert answer["changed"], answer
    published = {
        data["membership"]["person_id"]: data for name, data in await membership.events(room) if name == "waitlisted"
    }
    assert (published[str(later)]["ahead"], published[str(early)]["ahead"]) == (0, 0)
    await membership.send(Withdraw(room_id=room.room_id, person_id=seated), by=seated)
    assert (await membership.statuses(room))[early] == "offered"


async def test_two_hosts_who_decide_at_once_get_one_outcome(membership: MembershipService) -> None:
    room, [person] = await membership.publish(policy="approval"), people(1)
    await membership.join(room, person)
    approve = received(ApproveRequest(room_id=room.room_id, person_id=person), actor=HOST)
    decline = received(DeclineRequest(room_id=room.room_id, person_id=person), actor=FACILITATOR)
    [approved], [declined] = await asyncio.gather(membership.take(approve), membership.take(decline))
    codes = {approved["data"].get("code"), declined["data"].get("code")}
    assert codes == {None, "already-decided"}
    assert len(await membership.events(room)) == 4, "requested, the decision, and twice how full the room is"


async def test_a_request_that_nobody_answers_lapses_by_its_timer(membership: MembershipService) -> None:
    room, [person] = await membership.publish(policy="approval", request_expires_after_days=10), people(1)
    [answer] = await membership.join(room, person)
    key = f"request:{answer['state']['membership_id']}"
    [timer] = await membership.rows("SELECT due_at - now() AS rest, data FROM timer WHERE key = :key", key=key)
    assert 9 <= timer.rest.days <= 10
    revised = a_room(3, room_id=room.room_id, version=4, policy="approval", request_expires_after_days=2)
    await membership.take(of_room(RoomRevised(room=revised, changed_fields=["access"])))
    roster = await membership.query(GetRoster(room_id=room.room_id), by=HOST)
    assert isinstance(roster, Roster)
    [entry] = roster.entries
    assert entry.request_expires_at == entry.membership.since + timedelta(days=10), "by the rule when it was made"
    await membership.take(of_ourselves(LapseRequest.model_validate(timer.data)))
    assert await membership.statuses(room) == {person: "lapsed"}
    [again] = await membership.join(room, person)
    assert again["state"]["status"] == "requested"


async def test_a_repeated_request_changes_nothing_while_the_first_is_live(membership: MembershipService) -> None:
    room, [person] = await membership.publish(policy="approval"), people(1)
    first, second = await membership.join(room, person, person)
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["state"] == second["state"]


async def test_a_raised_capacity_seats_the_waitlist_in_bounded_steps(membership: MembershipService) -> None:
    room = await membership.publish(capacity=1, waitlist={"promotion": "automatic"})
    await membership.join(room, *people(MOST_AT_ONCE + 50))
    raised = a_room(1_000, room_id=room.room_id, version=4, waitlist={"promotion": "automatic"})
    await membership.take(of_room(RoomRevised(room=raised, changed_fields=["capacity"])))
    assert Counter((await membership.statuses(room)).values())["joined"] == MOST_AT_ONCE + 1
    await membership.take(of_ourselves(FillSeats(room_id=room.room_id)))
    assert Counter((await membership.statuses(room)).values()) == {"joined": MOST_AT_ONCE + 50}


async def test_people_with_other_roles_are_skipped_and_keep_their_position(membership: MembershipService) -> None:
    roles = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 1}]
    room, [coach, coachee, next_coach, next_coachee, any_role] = (
        await membership.publish(capacity=2, roles=roles),
        people(5),
    )
    for person, role in [(coach, "coach"), (coachee, "coachee"), (next_coach, "coach"), (next_coachee, "coachee")]:
        await membership.join(room, person, roles=[role])
    await membership.join(room, any_role)
    await membership.send(Withdraw(room_id=room.room_id, person_id=coachee), by=coachee)
    statuses = await membership.statuses(room)
    assert (statuses[next_coach], statuses[next_coachee], statuses[any_role]) == ("waitlisted", "offered", "waitlisted")


async def test_a_newcomer_takes_a_role_that_nobody_on_the_waitlist_wants(membership: MembershipService) -> None:
    roles = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 1}]
    room, [coach, next_coach, newcomer] = await membership.publish(capacity=2, roles=roles), people(3)
    for person, role in [(coach, "coach"), (next_coach, "coach")]:
        await membership.join(room, person, roles=[role])
    [answer] = await membership.join(room, newcomer, roles=["coach", "coachee"])
    assert (answer["state"]["status"], answer["state"]["role"]) == ("joined", "coachee")


async def test_a_room_that_is_cancelled_ends_for_everybody(membership: MembershipService) -> None:
    room, requesting = await membership.publish(capacity=1), people(4)
    await membership.join(room, *requesting)
    await membership.send(Withdraw(room_id=room.room_id, person_id=requesting[0]), by=requesting[0])
    ended = room.model_copy(update={"status": RoomStatus.CANCELLED, "version": 4})
    await membership.take(of_room(RoomCancelled(room=ended, reason="no host")))
    assert Counter((await membership.statuses(room)).values()) == {"withdrawn": 1, "ended": 3}
    [row] = await membership.rows("SELECT * FROM room WHERE room_id = :room", room=room.room_id)
    assert (row.taken, row.held, row.waiting, row.pending) == (0, 0, 0, 0)
    published = [data["membership"]["reason"] for name, data in await membership.events(room) if name == "ended"]
    assert published == ["no host"] * 3
    assert not await membership.rows("SELECT * FROM timer WHERE data ->> 'room_id' = :room", room=str(room.room_id))


async def test_an_unknown_room_is_refused_with_the_advice_to_try_later(membership: MembershipService) -> None:
    draft = a_room(status=RoomStatus.DRAFT)
    await membership.take(of_room(RoomRevised(room=draft, changed_fields=["title"])))
    person = uuid4()
    refused = await membership.send(RequestToJoin(room_id=draft.room_id, person_id=person), by=person)
    assert (refused["code"], refused["next_step"]) == ("room-unknown", "retry-after")
    assert refused["retry_after"]


async def test_events_of_a_room_in_any_order_end_in_the_same_rules(membership: MembershipService) -> None:
    newest = a_room(5, version=9)
    older = newest.model_copy(update={"capacity": 2, "version": 8})
    await membership.take(of_room(RoomRevised(room=newest, changed_fields=["capacity"])))
    await membership.take(of_room(RoomRevised(room=older, changed_fields=["capacity"])))
    [row] = await membership.rows("SELECT * FROM room WHERE room_id = :room", room=newest.room_id)
    assert (row.capacity, row.most) == (5, 5)


async def test_a_person_who_leaves_and_requests_again_in_one_batch_has_one_live_membership(
    membership: MembershipService,
) -> None:
    room, [person] = await membership.publish(), people(1)
    await membership.join(room, person)
    about = {"room_id": room.room_id, "person_id": person}
    commands = (Withdraw.model_validate(about), RequestToJoin.model_validate(about))
    left, joined = await membership.take(*(received(command, actor=person) for command in commands))
    assert (left["data"]["state"]["status"], joined["data"]["state"]["status"]) == ("withdrawn", "joined")
    rows = await membership.rows(
        "SELECT status FROM membership WHERE person_id = :person ORDER BY number", person=person
    )
    assert [row.status for row in rows] == ["withdrawn", "joined"]
