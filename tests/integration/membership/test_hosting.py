"""Invitations, bars, decisions in bulk and queries about them, on a real database."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError
from tests.integration.membership.membership_service import MembershipService, of_ourselves, people
from tests.support.stack.example_service import received
from tests.unit.membership.builders import FACILITATOR, HOST

from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    AcceptInvitation,
    AcceptOffer,
    ChangeRole,
    DecideRequests,
    ExchangeRoles,
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
    Status,
    Withdraw,
)
from practio_contracts.message import Command
from practio_contracts.rooms import Room

Data = dict[str, Any]


async def send(
    membership: MembershipService, kind: type[Command], room: Room, person: UUID, by: UUID, **fields: Any
) -> Data:
    message = kind.model_validate({"room_id": room.room_id, "person_id": person, **fields})
    return await membership.send(message, by=by)


async def listed(membership: MembershipService, person: UUID, by: UUID | str, **asked: Any) -> Memberships:
    answer = await membership.query(ListMemberships.model_validate({"person_id": person, **asked}), by=by)
    assert isinstance(answer, Memberships), answer
    return answer


async def barred(membership: MembershipService, room: Room) -> dict[UUID, bool | None]:
    roster = await membership.query(GetRoster(room_id=room.room_id, status=Status.REMOVED), by=HOST)
    assert isinstance(roster, Roster)
    return {each.membership.person_id: each.barred for each in roster.entries}


async def test_answers_given_on_accepting_are_stored_with_the_membership(membership: MembershipService) -> None:
    room, [person] = (
        await membership.publish(policy="invitation", questions=[{"key": "why", "text": "Why?"}]),
        people(1),
    )
    await send(membership, Invite, room, person, HOST, message="Come and see.")
    await send(membership, AcceptInvitation, room, person, person, answers={"why": "to learn"}, message="Gladly.")
    roster = await membership.query(GetRoster(room_id=room.room_id), by=HOST)
    assert isinstance(roster, Roster)
    [entry] = roster.entries
    assert (entry.membership.status, entry.answers, entry.message) == ("joined", {"why": "to learn"}, "Gladly.")


async def test_an_invitation_lapses_by_its_timer_and_an_answer_removes_the_timer(membership: MembershipService) -> None:
    room, [late, early] = await membership.publish(policy="invitation"), people(2)
    invited = [await send(membership, Invite, room, person, HOST) for person in (late, early)]
    await send(membership, AcceptInvitation, room, early, early)
    query = "SELECT key FROM timer WHERE key LIKE 'invitation:%' AND data ->> 'room_id' = :room"
    [timer] = await membership.rows(query, room=str(room.room_id))
    membership_id = invited[0]["state"]["membership_id"]
    assert timer.key == f"invitation:{membership_id}"
    await membership.change(
        "UPDATE membership SET invitation_expires_at = now() - interval '1 minute' WHERE person_id = :late", late=late
    )
    about = {"room_id": room.room_id, "person_id": late, "membership_id": membership_id}
    await membership.take(of_ourselves(LapseInvitation.model_validate(about)))
    assert await membership.statuses(room) == {late: "lapsed", early: "joined"}


async def test_an_expired_invitation_is_shown_as_lapsed_before_any_timer(membership: MembershipService) -> None:
    room, [person] = await membership.publish(policy="invitation"), people(1)
    await send(membership, Invite, room, person, HOST)
    await membership.change(
        "UPDATE membership SET invitation_expires_at = now() - interval '1 minute' WHERE person_id = :person",
        person=person,
    )
    roster = await membership.query(GetRoster(room_id=room.room_id), by=HOST)
    assert isinstance(roster, Roster)
    assert (roster.counts, roster.entries) == ({"lapsed": 1}, [])
    assert [each.status for each in (await listed(membership, person, person)).memberships] == ["lapsed"]
    assert (await listed(membership, person, person, live_only=True)).memberships == []


async def test_five_hundred_decisions_are_made_in_one_transaction_each_independently(
    membership: MembershipService,
) -> None:
    room, requesting = await membership.publish(capacity=300, policy="approval"), people(499)
    await membership.join(room, *requesting)
    decisions = [{"person_id": person, "approve": number % 5 > 0} for number, person in enumerate(requesting)]
    stranger = {"person_id": uuid4(), "approve": True}
    message = DecideRequests.model_validate({"room_id": room.room_id, "decisions": [*decisions, stranger]})
    answer = await membership.send(message, by=FACILITATOR)
    outcomes = answer["state"]["outcomes"]
    assert [outcome["person_id"] for outcome in outcomes[:-1]] == [str(person) for person in requesting]
    assert (outcomes[-1]["accepted"], outcomes[-1]["code"]) == (False, "nothing-pending")
    statuses = list((await membership.statuses(room)).values())
    approved = [status for number, status in enumerate(statuses) if number % 5]
    assert approved == ["joined"] * 300 + ["waitlisted"] * 99
    assert [status for number, status in enumerate(statuses) if not number % 5] == ["declined"] * 100
    positions = [data["ahead"] for name, data in await membership.events(room) if name == "waitlisted"]
    assert positions == list(range(99))


async def test_a_bar_is_remembered_until_it_is_lifted(membership: MembershipService) -> None:
    room, [person, other] = await membership.publish(), people(2)
    await membership.join(room, person, other)
    await send(membership, Remove, room, person, HOST, reason="Shouted.", bar=True)
    await send(membership, Remove, room, other, HOST, reason="Moved away.")
    [refused] = await membership.join(room, person)
    assert refused["code"] == "barred"
    assert await barred(membership, room) == {person: True, other: False}
    await send(membership, LiftBar, room, person, HOST)
    assert await barred(membership, room) == {person: False, other: False}
    [joined] = await membership.join(room, person)
    assert joined["state"]["status"] == "joined"


async def test_places_over_capacity_are_counted_and_the_database_allows_no_more(membership: MembershipService) -> None:
    room, [first, second] = await membership.publish(capacity=1), people(2)
    await membership.join(room, first, second)
    await send(membership, OfferSeat, room, second, HOST, over_capacity=True)
    await send(membership, AcceptOffer, room, second, second)
    [row] = await membership.rows("SELECT * FROM room WHERE room_id = :room", room=room.room_id)
    assert (row.taken, row.beyond, row.most, row.capacity) == (2, 1, 2, 1)
    roster = await membership.query(GetRoster(room_id=room.room_id), by=HOST)
    assert isinstance(roster, Roster)
    assert (roster.over_capacity, roster.seats_taken, roster.capacity) == (1, 2, 1)
    with pytest.raises(DBAPIError, match="room_not_oversold"):
        await membership.change("UPDATE room SET held = 1 WHERE room_id = :room", room=room.room_id)


async def test_a_newcomer_gets_a_position_before_people_of_lower_priority_also_within_one_batch(
    membership: MembershipService,
) -> None:
    room, [seated, low, high, *newcomers] = await membership.publish(capacity=1), people(5)
    await membership.join(room, seated, low, high)
    await send(membership, Prioritise, room, low, HOST, priority=-5)
    await send(membership, Prioritise, room, high, HOST, priority=5)
    commands: list[Command] = [RequestToJoin(room_id=room.room_id, person_id=person) for person in newcomers]
    first = received(commands[0], actor=newcomers[0])
    moved = received(Prioritise(room_id=room.room_id, person_id=newcomers[0], priority=-9), actor=HOST)
    await membership.take(first, moved, received(commands[1], actor=newcomers[1]))
    positions = [data["ahead"] for name, data in await membership.events(room) if name == "waitlisted"]
    assert positions == [0, 1, 1, 1]
    on_the_waitlist = [person for person, status in (await membership.statuses(room)).items() if status == "waitlisted"]
    assert on_the_waitlist == [high, newcomers[1], low, newcomers[0]]


async def test_a_reminder_is_one_more_version_and_one_more_row_of_history(membership: MembershipService) -> None:
    room, [person] = await membership.publish(policy="approval"), people(1)
    [asked] = await membership.join(room, person)
    about = {"room_id": room.room_id, "person_id": person, "membership_id": asked["state"]["membership_id"]}
    await membership.take(of_ourselves(RemindOfRequest.model_validate(about | {"days": 3})))
    [event] = [data for name, data in await membership.events(room) if name == "request-unanswered"]
    assert (event["days"], event["membership"]["version"], event["membership"]["status"]) == (3, 2, "requested")
    [timer] = await membership.rows("SELECT * FROM timer WHERE key = :key", key=f"reminder:{about['membership_id']}")
    assert timer.data["days"] == 7


async def test_a_person_sees_all_their_memberships_newest_first_and_an_office_those_of_its_rooms(
    membership: MembershipService,
) -> None:
    other_host, [person] = uuid4(), people(1)
    rooms = [
        await membership.publish(),
        await membership.publish(host_id=other_host, facilitator_ids=[], steward_ids=[]),
    ]
    for room in rooms:
        await membership.join(room, person)
    await send(membership, Withdraw, rooms[0], person, person)

    def seen(answer: Memberships) -> list[UUID]:
        return [each.room_id for each in answer.memberships]

    newest_first = [rooms[1].room_id, rooms[0].room_id]
    assert seen(await listed(membership, person, person)) == newest_first
    assert seen(await listed(membership, person, "system")) == newest_first
    assert seen(await listed(membership, person, person, live_only=True)) == [rooms[1].room_id]
    assert seen(await listed(membership, person, FACILITATOR)) == [rooms[0].room_id]
    assert seen(await listed(membership, person, other_host)) == [rooms[1].room_id]
    refused = await membership.query(ListMemberships(person_id=person), by=uuid4())
    assert isinstance(refused, Refusal)
    assert refused.code == "not-allowed"


async def test_memberships_come_with_the_titles_of_their_rooms(membership: MembershipService) -> None:
    [person] = people(1)
    rooms = [await membership.publish(title=title) for title in ("Heads", "Leads", "Left")]
    for room in rooms:
        await membership.join(room, person)
    await send(membership, Withdraw, rooms[2], person, person)

    def titles(answer: Memberships) -> list[tuple[UUID, str]]:
        return [(each.room_id, each.title) for each in answer.titles]

    newest_first = [(room.room_id, room.title) for room in reversed(rooms)]
    assert titles(await listed(membership, person, person)) == newest_first
    assert titles(await listed(membership, person, person, live_only=True)) == newest_first[1:]
    assert titles(await listed(membership, person, person, limit=1)) == newest_first[:1]


async def test_pages_of_memberships_and_of_the_history_skip_and_repeat_nothing(membership: MembershipService) -> None:
    room, [person] = await membership.publish(), people(1)
    for _ in range(4):
        await membership.join(room, person)
        await send(membership, Withdraw, room, person, person)
    found: list[UUID] = []
    after = None
    while page := await listed(membership, person, person, limit=3, after=after):
        found += [each.membership_id for each in page.memberships]
        after = page.after
        if after is None:
            break
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 4
    events: list[str] = []
    while True:
        asked = {"room_id": room.room_id, "person_id": person, "limit": 3, "after": after}
        history = await membership.query(GetHistory.model_validate(asked), by=person)
        assert isinstance(history, History)
        events += [change.fact for change in history.changes]
        after = history.after
        if after is None:
            break
    assert events == ["membership.joined.v1", "membership.withdrawn.v1"] * 4


@pytest.mark.parametrize(
    "after", ["nonsense", "MQ", "YSBi", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "LTk5OTk5OTk5OTk5OTk5OTk5OTk5"]
)
async def test_an_invalid_cursor_is_refused(membership: MembershipService, after: str) -> None:
    room, [person] = await membership.publish(), people(1)
    for query in (
        ListMemberships(person_id=person, after=after),
        GetHistory(room_id=room.room_id, person_id=person, after=after),
        GetHistory(room_id=uuid4(), person_id=person, after=after),
    ):
        answer = await membership.query(query, by=person)
        assert isinstance(answer, Refusal)
        assert (answer.code, answer.errors[0].field) == ("invalid", "after")


async def test_an_explanation_is_current_and_only_for_the_person_and_office_holders(
    membership: MembershipService,
) -> None:
    room, [seated, waits] = await membership.publish(capacity=1), people(2)
    await membership.join(room, seated, waits)
    query = Explain(room_id=room.room_id, person_id=waits)
    answer = await membership.query(query, by=waits)
    assert isinstance(answer, Explanation)
    assert [reason.code for reason in answer.reasons] == ["room-full", "place-in-line"]
    await send(membership, Withdraw, room, seated, seated)
    answer = await membership.query(query, by=HOST)
    assert isinstance(answer, Explanation)
    assert [reason.code for reason in answer.reasons] == ["offer-stands"]
    await membership.offers_run_out(room)
    answer = await membership.query(query, by=waits)
    assert isinstance(answer, Explanation)
    assert [reason.code for reason in answer.reasons] == ["lapsed", "may-ask"]
    refused = await membership.query(query, by=seated)
    assert isinstance(refused, Refusal)
    assert refused.code == "not-allowed"


async def test_a_full_triad_rotates_its_roles_again_and_again(membership: MembershipService) -> None:
    names = ["coach", "coachee", "observer"]
    roles, persons = [{"name": name, "seats": 1} for name in names], people(3)
    room = await membership.publish(capacity=3, policy="open", format="peer-coaching", roles=roles)
    for person, role in zip(persons, names, strict=True):
        await send(membership, RequestToJoin, room, person, person, roles=[role])
    for turn in (1, 2):
        rotated = names[turn:] + names[:turn]
        assignments = [{"person_id": each, "role": role} for each, role in zip(persons, rotated, strict=True)]
        command = ExchangeRoles.model_validate({"room_id": room.room_id, "assignments": assignments})
        answer = await membership.send(command, by=HOST)
        assert [each["role"] for each in answer["state"]["memberships"]] == rotated
    roster = await membership.query(GetRoster(room_id=room.room_id), by=HOST)
    assert isinstance(roster, Roster)
    shown = {entry.membership.person_id: entry.membership.role for entry in roster.entries}
    assert shown == dict(zip(persons, rotated, strict=True))
    assert (roster.seats_free, roster.viable) == (0, True)


async def test_the_roster_names_the_roles_that_nobody_has(membership: MembershipService) -> None:
    roles, [person] = [{"name": name} for name in ("moderator", "scribe")], people(1)
    room = await membership.publish(policy="open", roles=roles)

    async def empty() -> list[str]:
        roster = await membership.query(GetRoster(room_id=room.room_id), by=HOST)
        assert isinstance(roster, Roster)
        return roster.empty_roles

    assert await empty() == ["moderator", "scribe"]
    await send(membership, RequestToJoin, room, person, person, roles=["scribe"])
    assert await empty() == ["moderator"]


async def test_a_flexible_person_is_moved_by_the_host_and_the_seat_goes_to_the_waitlist(
    membership: MembershipService,
) -> None:
    roles, [flexible, coachee, waits] = [{"name": name, "seats": 1} for name in ("coach", "coachee")], people(3)
    room = await membership.publish(capacity=2, policy="open", roles=roles)
    await send(membership, RequestToJoin, room, flexible, flexible)
    await send(membership, RequestToJoin, room, coachee, coachee, roles=["coachee"])
    await send(membership, RequestToJoin, room, waits, waits, roles=["coach"])

    async def reasons() -> list[str]:
        answer = await membership.query(Explain(room_id=room.room_id, person_id=waits), by=waits)
        assert isinstance(answer, Explanation)
        return [reason.code for reason in answer.reasons]

    assert await reasons() == ["room-full", "place-in-line"]
    await send(membership, Withdraw, room, coachee, coachee)
    assert await reasons() == ["role-full", "role-could-be-freed", "place-in-line"]
    await send(membership, ChangeRole, room, flexible, HOST, role="coachee")
    assert await reasons() == ["offer-stands"]
