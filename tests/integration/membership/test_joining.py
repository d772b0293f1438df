"""People ask, wait, are offered seats and leave, on a real database."""

import asyncio
from collections import Counter
from uuid import uuid4

from tests.integration.membership.house import House, of_ourselves, of_room, people
from tests.support.stack.handling import received
from tests.unit.membership.builders import FACILITATOR, HOST, a_room

from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    AcceptOffer,
    ApproveRequest,
    DeclineRequest,
    FillSeats,
    LapseOffer,
    LapseRequest,
    RequestToJoin,
    Withdraw,
)
from practio_contracts.rooms import RoomCancelled, RoomRevised, RoomStatus
from practio_membership.handlers.apply import MOST_AT_ONCE


async def test_200_people_ask_for_10_seats_at_once_each_twice(house: House) -> None:
    room, asking = await house.publish(capacity=10), people(200)
    preferred_roles = [
        received(RequestToJoin(room_id=room.room_id, person_id=person), actor=person) for person in asking
    ]
    doubled = [command for command in preferred_roles for _ in range(2)]
    async with asyncio.TaskGroup() as batches:
        for start in range(0, 400, 100):
            batches.create_task(house.transaction.handle(doubled[start : start + 100]))
    statuses = await house.statuses(room)
    assert Counter(statuses.values()) == {"joined": 10, "waitlisted": 190}
    [row] = await house.rows("SELECT * FROM room WHERE room_id = :room", room=room.room_id)
    assert (row.taken, row.held, row.waiting, row.last_number) == (10, 0, 190, 200)
    told = [data for name, data in await house.events(room) if name == "waitlisted"]
    assert [data["ahead"] for data in told] == list(range(190))


async def test_the_queue_has_the_order_in_which_people_were_handled(house: House) -> None:
    room, asking = await house.publish(capacity=1), people(30)
    await house.join(room, *asking[:20])
    await house.join(room, *asking[20:])
    assert list(await house.statuses(room)) == asking


async def test_a_seat_that_is_left_is_offered_to_the_first_in_line(house: House) -> None:
    room, [first, second, third] = await house.publish(capacity=1), people(3)
    await house.join(room, first, second, third)
    await house.send(Withdraw(room_id=room.room_id, person_id=first, reason="moved away"), by=first)
    assert await house.statuses(room) == {first: "withdrawn", second: "offered", third: "waitlisted"}
    answer = await house.send(AcceptOffer(room_id=room.room_id, person_id=second), by=second)
    assert (answer["state"]["status"], answer["state"]["role"]) == ("joined", "participant")
    [said] = [data for name, data in await house.events(room) if name == "withdrawn"]
    assert (said["from_status"], said["membership"]["reason"]) == ("joined", "moved away")


async def test_how_full_a_room_is_is_told_with_numbers_that_rise_by_one(house: House) -> None:
    room = await house.publish(capacity=2)
    for person in people(3):
        await house.join(room, person)
    query = "SELECT public FROM outbox WHERE subject = :room ORDER BY id"
    told = [row.public for row in await house.rows(query, room=str(room.room_id))]
    assert [b'"sequence":"%d"' % number in body for number, body in enumerate(told, start=1)] == [True] * 3


async def test_how_full_a_room_is_is_told_once_a_batch_as_it_is_in_the_end(house: House) -> None:
    crowded, other, [extra] = await house.publish(capacity=3), await house.publish(capacity=3), people(1)
    preferred_roles = [RequestToJoin(room_id=crowded.room_id, person_id=person) for person in people(9)]
    refused = RequestToJoin(room_id=crowded.room_id, person_id=HOST)
    not_a_system = received(RequestToJoin(room_id=crowded.room_id, person_id=extra), actor=SYSTEM)
    elsewhere = RequestToJoin(room_id=other.room_id, person_id=extra)
    batch = [received(command, actor=command.person_id) for command in (*preferred_roles, elsewhere, refused)]
    await house.take(*batch, not_a_system)
    [told] = [data for name, data in await house.events(crowded) if name == "occupancy-changed"]
    assert (told["seats_taken"], told["waiting"]) == (3, 6)
    assert [name for name, _ in await house.events(other)] == ["joined", "occupancy-changed"]


async def test_an_offer_that_is_over_goes_to_the_next_by_its_timer(house: House) -> None:
    room, [first, second, third] = await house.publish(capacity=1), people(3)
    await house.join(room, first, second, third)
    await house.send(Withdraw(room_id=room.room_id, person_id=first), by=first)
    await house.offers_run_out(room)
    [row] = await house.rows("SELECT * FROM membership WHERE person_id = :person", person=second)
    about = {"room_id": room.room_id, "person_id": second, "membership_id": row.membership_id}
    await house.take(of_ourselves(LapseOffer(**about)), of_ourselves(LapseOffer(**about)))
    assert await house.statuses(room) == {first: "withdrawn", second: "lapsed", third: "offered"}
    assert [name for name, _ in await house.events(room)].count("offer-lapsed") == 1


async def test_an_offer_is_over_at_its_instant_without_any_timer(house: House) -> None:
    room, [first, second, late] = await house.publish(capacity=1), people(3)
    await house.join(room, first, second)
    await house.send(Withdraw(room_id=room.room_id, person_id=first), by=first)
    await house.offers_run_out(room)
    refused = await house.send(AcceptOffer(room_id=room.room_id, person_id=second), by=second)
    assert refused["code"] == "offer-expired"
    assert (await house.statuses(room))[second] == "lapsed", "what is over is tidied whatever was wished"
    await house.join(room, late)
    assert await house.statuses(room) == {first: "withdrawn", second: "lapsed", late: "joined"}


async def test_who_comes_while_an_offer_is_over_does_not_pass_those_who_wait(house: House) -> None:
    room, [first, second, third, late] = await house.publish(capacity=1), people(4)
    await house.join(room, first, second, third)
    await house.send(Withdraw(room_id=room.room_id, person_id=first), by=first)
    await house.offers_run_out(room)
    await house.join(room, late)
    statuses = await house.statuses(room)
    assert (statuses[third], statuses[late]) == ("offered", "waitlisted")


async def test_who_is_sent_to_the_end_of_the_line_is_still_before_who_comes_after(house: House) -> None:
    room = await house.publish(capacity=1, waitlist={"after_lapse": "requeue"})
    first, second, late = people(3)
    await house.join(room, first, second)
    await house.send(Withdraw(room_id=room.room_id, person_id=first), by=first)
    await house.offers_run_out(room)
    await house.join(room, late)
    assert await house.statuses(room) == {first: "withdrawn", second: "offered", late: "waitlisted"}


async def test_requests_are_approved_in_order_whoever_is_approved_first(house: House) -> None:
    room, [seated, early, later] = await house.publish(capacity=1, policy="approval"), people(3)
    await house.join(room, seated, early, later)
    for person in (seated, later, early):
        answer = await house.send(ApproveRequest(room_id=room.room_id, person_id=person), by=HOST)
        assert answer["changed"], answer
    told = {data["membership"]["person_id"]: data for name, data in await house.events(room) if name == "waitlisted"}
    assert (told[str(later)]["ahead"], told[str(early)]["ahead"]) == (0, 0)
    await house.send(Withdraw(room_id=room.room_id, person_id=seated), by=seated)
    assert (await house.statuses(room))[early] == "offered"


async def test_two_hosts_who_decide_at_once_get_one_outcome(house: House) -> None:
    room, [person] = await house.publish(policy="approval"), people(1)
    await house.join(room, person)
    approve = received(ApproveRequest(room_id=room.room_id, person_id=person), actor=HOST)
    decline = received(DeclineRequest(room_id=room.room_id, person_id=person), actor=FACILITATOR)
    [approved], [declined] = await asyncio.gather(house.take(approve), house.take(decline))
    codes = {approved["data"].get("code"), declined["data"].get("code")}
    assert codes == {None, "already-decided"}
    assert len(await house.events(room)) == 4, "requested, the decision, and twice how full the room is"


async def test_a_request_that_nobody_answers_lapses_by_its_timer(house: House) -> None:
    room, [person] = await house.publish(policy="approval", request_expires_after_days=10), people(1)
    [answer] = await house.join(room, person)
    key = f"request:{answer['state']['membership_id']}"
    [timer] = await house.rows("SELECT due_at - now() AS rest, data FROM timer WHERE key = :key", key=key)
    assert 9 <= timer.rest.days <= 10
    await house.take(of_ourselves(LapseRequest.model_validate(timer.data)))
    assert await house.statuses(room) == {person: "lapsed"}
    [again] = await house.join(room, person)
    assert again["state"]["status"] == "requested"


async def test_what_is_said_while_a_request_lives_changes_nothing(house: House) -> None:
    room, [person] = await house.publish(policy="approval"), people(1)
    first, second = await house.join(room, person, person)
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["state"] == second["state"]


async def test_a_raised_capacity_seats_those_in_line_in_bounded_steps(house: House) -> None:
    room = await house.publish(capacity=1, waitlist={"promotion": "automatic"})
    await house.join(room, *people(MOST_AT_ONCE + 50))
    raised = a_room(1_000, room_id=room.room_id, version=4, waitlist={"promotion": "automatic"})
    await house.take(of_room(RoomRevised(room=raised, changed_fields=["capacity"])))
    assert Counter((await house.statuses(room)).values())["joined"] == MOST_AT_ONCE + 1
    await house.take(of_ourselves(FillSeats(room_id=room.room_id)))
    assert Counter((await house.statuses(room)).values()) == {"joined": MOST_AT_ONCE + 50}


async def test_people_with_other_roles_are_passed_over_and_keep_their_place(house: House) -> None:
    roles = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 1}]
    room, [coach, coachee, next_coach, next_coachee, any_role] = await house.publish(capacity=2, roles=roles), people(5)
    for person, wished in [(coach, "coach"), (coachee, "coachee"), (next_coach, "coach"), (next_coachee, "coachee")]:
        await house.join(room, person, roles=[wished])
    await house.join(room, any_role)
    await house.send(Withdraw(room_id=room.room_id, person_id=coachee), by=coachee)
    statuses = await house.statuses(room)
    assert (statuses[next_coach], statuses[next_coachee], statuses[any_role]) == ("waitlisted", "offered", "waitlisted")


async def test_a_newcomer_takes_a_role_that_nobody_in_line_would(house: House) -> None:
    roles = [{"name": "coach", "seats": 1}, {"name": "coachee", "seats": 1}]
    room, [coach, next_coach, newcomer] = await house.publish(capacity=2, roles=roles), people(3)
    for person, wished in [(coach, "coach"), (next_coach, "coach")]:
        await house.join(room, person, roles=[wished])
    [answer] = await house.join(room, newcomer, roles=["coach", "coachee"])
    assert (answer["state"]["status"], answer["state"]["role"]) == ("joined", "coachee")


async def test_a_room_that_is_cancelled_ends_for_everybody(house: House) -> None:
    room, asking = await house.publish(capacity=1), people(4)
    await house.join(room, *asking)
    await house.send(Withdraw(room_id=room.room_id, person_id=asking[0]), by=asking[0])
    ended = room.model_copy(update={"status": RoomStatus.CANCELLED, "version": 4})
    await house.take(of_room(RoomCancelled(room=ended, reason="no host")))
    assert Counter((await house.statuses(room)).values()) == {"withdrawn": 1, "ended": 3}
    [row] = await house.rows("SELECT * FROM room WHERE room_id = :room", room=room.room_id)
    assert (row.taken, row.held, row.waiting, row.pending) == (0, 0, 0, 0)
    told = [data["membership"]["reason"] for name, data in await house.events(room) if name == "ended"]
    assert told == ["no host"] * 3
    assert not await house.rows("SELECT * FROM timer WHERE data ->> 'room_id' = :room", room=str(room.room_id))


async def test_a_room_that_nobody_told_of_is_unknown_and_asking_later_is_advised(house: House) -> None:
    draft = a_room(status=RoomStatus.DRAFT)
    await house.take(of_room(RoomRevised(room=draft, changed_fields=["title"])))
    person = uuid4()
    refused = await house.send(RequestToJoin(room_id=draft.room_id, person_id=person), by=person)
    assert (refused["code"], refused["next_step"]) == ("room-unknown", "retry-after")
    assert refused["retry_after"]


async def test_events_of_a_room_in_any_order_end_in_the_same_rules(house: House) -> None:
    newest = a_room(5, version=9)
    older = newest.model_copy(update={"capacity": 2, "version": 8})
    await house.take(of_room(RoomRevised(room=newest, changed_fields=["capacity"])))
    await house.take(of_room(RoomRevised(room=older, changed_fields=["capacity"])))
    [row] = await house.rows("SELECT * FROM room WHERE room_id = :room", room=newest.room_id)
    assert (row.capacity, row.most) == (5, 5)


async def test_who_leaves_and_asks_again_in_one_batch_has_two_memberships_of_which_one_is_live(house: House) -> None:
    room, [person] = await house.publish(), people(1)
    await house.join(room, person)
    about = {"room_id": room.room_id, "person_id": person}
    preferred_roles = (Withdraw.model_validate(about), RequestToJoin.model_validate(about))
    left, joined = await house.take(*(received(command, actor=person) for command in preferred_roles))
    assert (left["data"]["state"]["status"], joined["data"]["state"]["status"]) == ("withdrawn", "joined")
    rows = await house.rows("SELECT status FROM membership WHERE person_id = :person ORDER BY number", person=person)
    assert [row.status for row in rows] == ["withdrawn", "joined"]
