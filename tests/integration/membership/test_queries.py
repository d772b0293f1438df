"""The answers of membership: who gets them, and that they are current."""

from base64 import urlsafe_b64encode
from uuid import UUID, uuid4

from tests.integration.membership.membership_service import MembershipService, people
from tests.unit.membership.builders import FACILITATOR, HOST

from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    GetHistory,
    GetMembership,
    GetRoster,
    History,
    Invite,
    MembershipResult,
    Remove,
    RevokeInvitation,
    Roster,
    Status,
    Withdraw,
)
from practio_contracts.rooms import Room


async def snapshot(membership: MembershipService, room: Room, person: UUID) -> MembershipResult:
    answer = await membership.query(GetMembership(room_id=room.room_id, person_id=person), by=person)
    assert isinstance(answer, MembershipResult), answer
    return answer


async def roster(membership: MembershipService, room: Room, **asked: object) -> Roster:
    answer = await membership.query(GetRoster.model_validate({"room_id": room.room_id, **asked}), by=FACILITATOR)
    assert isinstance(answer, Roster), answer
    return answer


async def test_a_person_sees_their_position_on_the_waitlist_and_the_available_commands(
    membership: MembershipService,
) -> None:
    room, [first, second, third] = await membership.publish(capacity=1), people(3)
    await membership.join(room, first, second, third)
    answer = await snapshot(membership, room, third)
    assert answer.membership is not None
    assert (answer.membership.status, answer.ahead, answer.moves) == ("waitlisted", 1, ["membership.withdraw.v1"])
    stranger = await snapshot(membership, room, uuid4())
    assert (stranger.membership, stranger.ahead) == (None, None)
    assert stranger.moves == ["membership.request-to-join.v1"]


async def test_the_latest_membership_is_shown_after_it_ended(membership: MembershipService) -> None:
    room, [person] = await membership.publish(), people(1)
    for _ in range(2):
        await membership.join(room, person)
        await membership.send(Withdraw(room_id=room.room_id, person_id=person), by=person)
    answer = await snapshot(membership, room, person)
    assert answer.membership is not None
    rows = await membership.rows("SELECT * FROM membership WHERE person_id = :person ORDER BY number", person=person)
    assert [row.status for row in rows] == ["withdrawn", "withdrawn"]
    assert answer.membership.membership_id == rows[1].membership_id


async def test_an_expired_offer_is_shown_as_lapsed_before_any_timer(membership: MembershipService) -> None:
    room, [first, second] = await membership.publish(capacity=1), people(2)
    await membership.join(room, first, second)
    await membership.send(Withdraw(room_id=room.room_id, person_id=first), by=first)
    offered = await snapshot(membership, room, second)
    assert offered.moves[:2] == ["membership.accept-offer.v1", "membership.decline-offer.v1"]
    await membership.offers_run_out(room)
    answer = await snapshot(membership, room, second)
    assert answer.membership is not None
    assert (answer.membership.status, answer.moves) == ("lapsed", ["membership.request-to-join.v1"])
    page = await roster(membership, room)
    assert (page.seats_held, page.counts, page.entries) == (0, {"lapsed": 1, "withdrawn": 1}, [])


async def test_only_host_office_holders_and_the_system_see_other_people(membership: MembershipService) -> None:
    room, [person, other] = await membership.publish(), people(2)
    await membership.join(room, person)
    about = {"room_id": room.room_id, "person_id": person}
    for query in (GetMembership.model_validate(about), GetHistory.model_validate(about)):
        for by in (person, HOST, FACILITATOR, "system"):
            assert not isinstance(await membership.query(query, by=by), Refusal)
        refused = await membership.query(query, by=other)
        assert isinstance(refused, Refusal)
        assert refused.code == "not-allowed"
    for by in (person, other):
        refused = await membership.query(GetRoster(room_id=room.room_id), by=by)
        assert isinstance(refused, Refusal)
        assert refused.code == "not-allowed"


async def test_every_query_about_an_unknown_room_is_refused(membership: MembershipService) -> None:
    about = {"room_id": uuid4(), "person_id": uuid4()}
    queries = [GetMembership.model_validate(about), GetHistory.model_validate(about)]
    for query in (*queries, GetRoster(room_id=about["room_id"])):
        answer = await membership.query(query, by=HOST)
        assert isinstance(answer, Refusal)
        assert answer.code == "room-unknown"


async def test_the_roster_is_in_waitlist_order_with_counts_and_answers(membership: MembershipService) -> None:
    room = await membership.publish(capacity=2, questions=[{"key": "why", "text": "Why?"}])
    everybody = people(5)
    await membership.join(room, *everybody, answers={"why": "to learn"}, message="Hello")
    page = await roster(membership, room)
    assert [entry.membership.person_id for entry in page.entries] == everybody
    assert [entry.ahead for entry in page.entries] == [None, None, 0, 1, 2]
    assert {entry.message for entry in page.entries} == {"Hello"}
    assert page.entries[0].answers == {"why": "to learn"}
    assert (page.counts, page.capacity, page.seats_taken) == ({"joined": 2, "waitlisted": 3}, 2, 2)
    assert page.after is None


async def test_pages_of_the_roster_neither_skip_nor_repeat_anybody(membership: MembershipService) -> None:
    room, everybody = await membership.publish(capacity=3), people(10)
    await membership.join(room, *everybody)
    found, ahead, after = [], [], None
    for _ in range(4):
        page = await roster(membership, room, limit=3, after=after)
        found += [entry.membership.person_id for entry in page.entries]
        ahead += [entry.ahead for entry in page.entries]
        after = page.after
    assert found == everybody
    assert ahead == [None] * 3 + list(range(7))
    assert after is None


async def test_the_roster_can_be_limited_to_one_status(membership: MembershipService) -> None:
    room, [first, second] = await membership.publish(capacity=1), people(2)
    await membership.join(room, first, second)
    page = await roster(membership, room, status="waitlisted")
    assert [(entry.membership.person_id, entry.ahead) for entry in page.entries] == [(second, 0)]


async def test_a_roster_counts_everybody_whatever_became_of_them(membership: MembershipService) -> None:
    room = await membership.publish(capacity=2, roles=[{"name": "coach", "seats": 1}, {"name": "guest"}])
    [coach, guest, gone, waiting, next_one, *invited] = people(7)
    await membership.join(room, coach, gone, waiting, next_one, guest)
    for person in (gone, waiting):
        await membership.send(Withdraw(room_id=room.room_id, person_id=person), by=person)
    for person in invited:
        await membership.send(Invite(room_id=room.room_id, person_id=person), by=HOST)
    await membership.send(RevokeInvitation(room_id=room.room_id, person_id=invited[0]), by=HOST)
    await membership.send(Remove(room_id=room.room_id, person_id=coach, reason="moved away"), by=HOST)
    page = await roster(membership, room, limit=1)
    rows = await membership.rows(
        "SELECT status, count(*) AS people FROM membership WHERE room_id = :room GROUP BY 1", room=room.room_id
    )
    assert page.counts == {Status(row.status): row.people for row in rows}
    assert set(page.counts) >= {"removed", "withdrawn", "offered", "invited", "lapsed"}
    assert (page.seats_held, page.seats_free) == (page.counts[Status.OFFERED], 0)
    await membership.offers_run_out(room)
    over = await roster(membership, room)
    assert (over.seats_held, over.counts.get(Status.OFFERED)) == (0, None)
    assert over.counts[Status.LAPSED] == page.counts[Status.LAPSED] + page.counts[Status.OFFERED]
    assert over.seats_free == 2 - page.counts.get(Status.JOINED, 0)


async def test_a_seat_that_is_held_in_a_role_is_not_free(membership: MembershipService) -> None:
    room = await membership.publish(capacity=3, roles=[{"name": "coach", "seats": 1}, {"name": "guest", "seats": 1}])
    first, second, third = people(3)
    await membership.join(room, first, second, third)
    await membership.send(Withdraw(room_id=room.room_id, person_id=first), by=first)
    page = await roster(membership, room)
    assert (page.seats_taken, page.seats_held, page.seats_free) == (1, 1, 0)
    await membership.offers_run_out(room)
    assert (await roster(membership, room)).seats_free == 1


async def test_a_roster_tells_which_former_people_may_come_back(membership: MembershipService) -> None:
    room, [gone, back, barred, removed] = await membership.publish(capacity=9), people(4)
    await membership.join(room, gone, back, barred, removed)
    for person in (gone, back):
        await membership.send(Withdraw(room_id=room.room_id, person_id=person), by=person)
    await membership.join(room, back)
    for person in (barred, removed):
        bar = person == barred
        await membership.send(Remove(room_id=room.room_id, person_id=person, reason="x", bar=bar), by=HOST)
    may_return = {
        each.membership.person_id: each.may_come_back
        for status in ("joined", "withdrawn", "removed")
        for each in (await roster(membership, room, status=status)).entries
        if status != "joined" or each.may_come_back is not None
    }
    assert may_return == {gone: True, back: False, barred: False, removed: True}


async def test_a_page_ends_before_its_answer_is_too_long_for_a_message(membership: MembershipService) -> None:
    room, everybody = await membership.publish(capacity=3), people(30)
    await membership.join(room, *everybody, message="long " * 1_900)
    first = await roster(membership, room)
    assert 1 < len(first.entries) < 30
    assert len(first.model_dump_json()) < 256 * 1024
    second = await roster(membership, room, after=first.after)
    assert [entry.membership.person_id for entry in first.entries + second.entries] == everybody


async def test_an_invalid_cursor_is_refused_before_anything_else(membership: MembershipService) -> None:
    room = await membership.publish()
    for after in ("nonsense", "MA==", "ZQ", urlsafe_b64encode(b"0 99999999999").decode()):
        for room_id in (room.room_id, uuid4()):
            answer = await membership.query(GetRoster(room_id=room_id, after=after), by=HOST)
            assert isinstance(answer, Refusal)
            assert (answer.code, answer.errors[0].field) == ("invalid", "after")


async def test_the_history_has_every_change_with_its_author_and_its_message(membership: MembershipService) -> None:
    room, [person] = await membership.publish(), people(1)
    await membership.join(room, person)
    await membership.send(Withdraw(room_id=room.room_id, person_id=person, reason="moved away"), by=person)
    answer = await membership.query(GetHistory(room_id=room.room_id, person_id=person), by=HOST)
    assert isinstance(answer, History)
    joined, left = (change.model_dump(by_alias=True) for change in answer.changes)
    assert (joined["from"], joined["to"], joined["fact"]) == (None, "joined", "membership.joined.v1")
    assert (left["from"], left["to"], left["reason"]) == ("joined", "withdrawn", "moved away")
    assert (left["by"], left["account"]) == (str(person), "intranet")
    assert joined["message_id"] != left["message_id"]


async def test_the_first_pages_of_several_statuses_come_in_one_answer(membership: MembershipService) -> None:
    room, everybody = await membership.publish(capacity=3), people(6)
    await membership.join(room, *everybody)
    await membership.send(Withdraw(room_id=room.room_id, person_id=everybody[2]), by=everybody[2])
    statuses = [Status.WAITLISTED, Status.REQUESTED, Status.OFFERED, Status.JOINED]
    several = await roster(membership, room, statuses=statuses, limit=1)
    alone = {each: await roster(membership, room, status=each, limit=1) for each in statuses}
    assert several.entries == [entry for each in alone.values() for entry in each.entries]
    assert several.after_of == {status: each.after for status, each in alone.items() if each.after}
    assert (several.counts, several.after) == (alone[Status.JOINED].counts, None)
    assert set(several.after_of) == {Status.WAITLISTED, Status.JOINED}


async def test_several_statuses_are_asked_for_alone(membership: MembershipService) -> None:
    room = await membership.publish()
    for more in ({"status": Status.JOINED}, {"after": "MA=="}):
        asked = {"room_id": room.room_id, "statuses": [Status.JOINED, Status.WAITLISTED], **more}
        answer = await membership.query(GetRoster.model_validate(asked), by=HOST)
        assert isinstance(answer, Refusal)
        assert answer.code == "invalid"


async def test_a_status_that_an_answer_has_no_room_for_begins_on_its_next_page(membership: MembershipService) -> None:
    room, everybody = await membership.publish(capacity=30), people(31)
    await membership.join(room, *everybody, message="long " * 1_900)
    first = await roster(membership, room, statuses=[Status.JOINED, Status.WAITLISTED])
    assert len(first.model_dump_json()) < 256 * 1024
    assert {entry.membership.status for entry in first.entries} == {"joined"}
    rest = [await roster(membership, room, status=status, after=after) for status, after in first.after_of.items()]
    assert [entry.membership.person_id for page in (first, *rest) for entry in page.entries] == everybody
