"""Invitations, bars, decisions in bulk and what is asked about them, on a real database."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError
from tests.integration.membership.house import House, of_ourselves, people
from tests.support.stack.handling import received
from tests.unit.membership.builders import FACILITATOR, HOST

from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    AcceptInvitation,
    AcceptOffer,
    DecideRequests,
    Explain,
    Explanation,
    GetHistory,
    GetRoster,
    History,
    Invite,
    LapseInvitation,
    LiftBar,
    ListMemberships,
    Memberships,
    OfferSeat,
    Prioritise,
    RemindOfRequest,
    Remove,
    RequestToJoin,
    Roster,
    Withdraw,
)
from practio_contracts.message import Command
from practio_contracts.rooms import Room

Data = dict[str, Any]


async def send(house: House, kind: type[Command], room: Room, person: UUID, by: UUID, **fields: Any) -> Data:
    message = kind.model_validate({"room_id": room.room_id, "person_id": person, **fields})
    return await house.send(message, by=by)


async def listed(house: House, person: UUID, by: UUID | str, **asked: Any) -> Memberships:
    answer = await house.ask(ListMemberships.model_validate({"person_id": person, **asked}), by=by)
    assert isinstance(answer, Memberships), answer
    return answer


async def test_what_a_person_writes_when_accepting_is_kept_with_the_membership(house: House) -> None:
    room, [person] = await house.publish(policy="invitation", questions=[{"key": "why", "text": "Why?"}]), people(1)
    await send(house, Invite, room, person, HOST, message="Come and see.")
    await send(house, AcceptInvitation, room, person, person, answers={"why": "to learn"}, message="Gladly.")
    roster = await house.ask(GetRoster(room_id=room.room_id), by=HOST)
    assert isinstance(roster, Roster)
    [entry] = roster.entries
    assert (entry.membership.status, entry.answers, entry.message) == ("joined", {"why": "to learn"}, "Gladly.")


async def test_an_invitation_lapses_by_its_timer_and_the_timer_is_gone_with_an_answer(house: House) -> None:
    room, [late, early] = await house.publish(policy="invitation"), people(2)
    invited = [await send(house, Invite, room, person, HOST) for person in (late, early)]
    await send(house, AcceptInvitation, room, early, early)
    query = "SELECT key FROM timer WHERE key LIKE 'invitation:%' AND data ->> 'room_id' = :room"
    [timer] = await house.rows(query, room=str(room.room_id))
    membership_id = invited[0]["state"]["membership_id"]
    assert timer.key == f"invitation:{membership_id}"
    await house.change(
        "UPDATE membership SET invitation_expires_at = now() - interval '1 minute' WHERE person_id = :late", late=late
    )
    about = {"room_id": room.room_id, "person_id": late, "membership_id": membership_id}
    await house.take(of_ourselves(LapseInvitation.model_validate(about)))
    assert await house.statuses(room) == {late: "lapsed", early: "joined"}


async def test_an_invitation_that_is_over_is_told_as_over_before_any_timer(house: House) -> None:
    room, [person] = await house.publish(policy="invitation"), people(1)
    await send(house, Invite, room, person, HOST)
    await house.change(
        "UPDATE membership SET invitation_expires_at = now() - interval '1 minute' WHERE person_id = :person",
        person=person,
    )
    roster = await house.ask(GetRoster(room_id=room.room_id), by=HOST)
    assert isinstance(roster, Roster)
    assert (roster.counts, roster.entries) == ({"lapsed": 1}, [])
    assert [each.status for each in (await listed(house, person, person)).memberships] == ["lapsed"]
    assert (await listed(house, person, person, live_only=True)).memberships == []


async def test_five_hundred_decisions_are_taken_in_one_transaction_each_on_its_own(house: House) -> None:
    room, asking = await house.publish(capacity=300, policy="approval"), people(499)
    await house.join(room, *asking)
    decisions = [{"person_id": person, "approve": number % 5 > 0} for number, person in enumerate(asking)]
    stranger = {"person_id": uuid4(), "approve": True}
    message = DecideRequests.model_validate({"room_id": room.room_id, "decisions": [*decisions, stranger]})
    answer = await house.send(message, by=FACILITATOR)
    outcomes = answer["state"]["outcomes"]
    assert [outcome["person_id"] for outcome in outcomes[:-1]] == [str(person) for person in asking]
    assert (outcomes[-1]["accepted"], outcomes[-1]["code"]) == (False, "nothing-pending")
    statuses = list((await house.statuses(room)).values())
    approved = [status for number, status in enumerate(statuses) if number % 5]
    assert approved == ["joined"] * 300 + ["waitlisted"] * 99
    assert [status for number, status in enumerate(statuses) if not number % 5] == ["declined"] * 100
    told = [data["ahead"] for name, data in await house.events(room) if name == "waitlisted"]
    assert told == list(range(99))


async def test_a_bar_is_remembered_until_it_is_lifted(house: House) -> None:
    room, [person] = await house.publish(), people(1)
    await house.join(room, person)
    await send(house, Remove, room, person, HOST, reason="Shouted.", bar=True)
    [refused] = await house.join(room, person)
    assert refused["code"] == "barred"
    await send(house, LiftBar, room, person, HOST)
    [joined] = await house.join(room, person)
    assert joined["state"]["status"] == "joined"


async def test_places_over_capacity_are_counted_and_the_database_lets_no_other_be_given(house: House) -> None:
    room, [first, second] = await house.publish(capacity=1), people(2)
    await house.join(room, first, second)
    await send(house, OfferSeat, room, second, HOST, over_capacity=True)
    await send(house, AcceptOffer, room, second, second)
    [row] = await house.rows("SELECT * FROM room WHERE room_id = :room", room=room.room_id)
    assert (row.taken, row.beyond, row.most, row.capacity) == (2, 1, 2, 1)
    roster = await house.ask(GetRoster(room_id=room.room_id), by=HOST)
    assert isinstance(roster, Roster)
    assert (roster.over_capacity, roster.seats_taken, roster.capacity) == (1, 2, 1)
    with pytest.raises(DBAPIError, match="room_not_oversold"):
        await house.change("UPDATE room SET held = 1 WHERE room_id = :room", room=room.room_id)


async def test_a_newcomer_is_told_the_place_before_those_of_lower_priority_in_one_batch_too(house: House) -> None:
    room, [seated, low, high, *newcomers] = await house.publish(capacity=1), people(5)
    await house.join(room, seated, low, high)
    await send(house, Prioritise, room, low, HOST, priority=-5)
    await send(house, Prioritise, room, high, HOST, priority=5)
    preferred_roles: list[Command] = [RequestToJoin(room_id=room.room_id, person_id=person) for person in newcomers]
    first = received(preferred_roles[0], actor=newcomers[0])
    moved = received(Prioritise(room_id=room.room_id, person_id=newcomers[0], priority=-9), actor=HOST)
    await house.take(first, moved, received(preferred_roles[1], actor=newcomers[1]))
    told = [data["ahead"] for name, data in await house.events(room) if name == "waitlisted"]
    assert told == [0, 1, 1, 1]
    in_line = [person for person, status in (await house.statuses(room)).items() if status == "waitlisted"]
    assert in_line == [high, newcomers[1], low, newcomers[0]]


async def test_a_reminder_is_one_more_version_and_one_more_row_of_history(house: House) -> None:
    room, [person] = await house.publish(policy="approval"), people(1)
    [asked] = await house.join(room, person)
    about = {"room_id": room.room_id, "person_id": person, "membership_id": asked["state"]["membership_id"]}
    await house.take(of_ourselves(RemindOfRequest.model_validate(about | {"days": 3})))
    [said] = [data for name, data in await house.events(room) if name == "request-unanswered"]
    assert (said["days"], said["membership"]["version"], said["membership"]["status"]) == (3, 2, "requested")
    [timer] = await house.rows("SELECT * FROM timer WHERE key = :key", key=f"reminder:{about['membership_id']}")
    assert timer.data["days"] == 7


async def test_a_person_sees_all_their_memberships_newest_first_and_an_office_those_of_its_rooms(house: House) -> None:
    other_host, [person] = uuid4(), people(1)
    rooms = [await house.publish(), await house.publish(host_id=other_host, facilitator_ids=[], steward_ids=[])]
    for room in rooms:
        await house.join(room, person)
    await send(house, Withdraw, rooms[0], person, person)

    def seen(answer: Memberships) -> list[UUID]:
        return [each.room_id for each in answer.memberships]

    newest_first = [rooms[1].room_id, rooms[0].room_id]
    assert seen(await listed(house, person, person)) == newest_first
    assert seen(await listed(house, person, "system")) == newest_first
    assert seen(await listed(house, person, person, live_only=True)) == [rooms[1].room_id]
    assert seen(await listed(house, person, FACILITATOR)) == [rooms[0].room_id]
    assert seen(await listed(house, person, other_host)) == [rooms[1].room_id]
    refused = await house.ask(ListMemberships(person_id=person), by=uuid4())
    assert isinstance(refused, Refusal)
    assert refused.code == "not-allowed"


async def test_pages_of_memberships_and_of_the_history_skip_and_repeat_nothing(house: House) -> None:
    room, [person] = await house.publish(), people(1)
    for _ in range(4):
        await house.join(room, person)
        await send(house, Withdraw, room, person, person)
    found: list[UUID] = []
    after = None
    while page := await listed(house, person, person, limit=3, after=after):
        found += [each.membership_id for each in page.memberships]
        after = page.after
        if after is None:
            break
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 4
    events: list[str] = []
    while True:
        asked = {"room_id": room.room_id, "person_id": person, "limit": 3, "after": after}
        history = await house.ask(GetHistory.model_validate(asked), by=person)
        assert isinstance(history, History)
        events += [change.fact for change in history.changes]
        after = history.after
        if after is None:
            break
    assert events == ["membership.joined.v1", "membership.withdrawn.v1"] * 4


@pytest.mark.parametrize(
    "after", ["nonsense", "MQ", "YSBi", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "LTk5OTk5OTk5OTk5OTk5OTk5OTk5"]
)
async def test_a_page_that_nobody_was_given_is_refused(house: House, after: str) -> None:
    room, [person] = await house.publish(), people(1)
    for question in (
        ListMemberships(person_id=person, after=after),
        GetHistory(room_id=room.room_id, person_id=person, after=after),
        GetHistory(room_id=uuid4(), person_id=person, after=after),
    ):
        answer = await house.ask(question, by=person)
        assert isinstance(answer, Refusal)
        assert (answer.code, answer.errors[0].field) == ("invalid", "after")


async def test_reasons_are_true_at_that_moment_and_for_the_person_and_offices_alone(house: House) -> None:
    room, [seated, waits] = await house.publish(capacity=1), people(2)
    await house.join(room, seated, waits)
    question = Explain(room_id=room.room_id, person_id=waits)
    told = await house.ask(question, by=waits)
    assert isinstance(told, Explanation)
    assert [reason.code for reason in told.reasons] == ["room-full", "place-in-line"]
    await send(house, Withdraw, room, seated, seated)
    told = await house.ask(question, by=HOST)
    assert isinstance(told, Explanation)
    assert [reason.code for reason in told.reasons] == ["offer-stands"]
    await house.offers_run_out(room)
    told = await house.ask(question, by=waits)
    assert isinstance(told, Explanation)
    assert [reason.code for reason in told.reasons] == ["lapsed", "may-ask"]
    refused = await house.ask(question, by=seated)
    assert isinstance(refused, Refusal)
    assert refused.code == "not-allowed"
