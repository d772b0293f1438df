"""What membership answers: to whom, and what is true at that moment."""

from base64 import urlsafe_b64encode
from uuid import UUID, uuid4

from tests.integration.membership.house import House, people
from tests.unit.membership.builders import FACILITATOR, HOST

from practio_contracts.answers import Refusal
from practio_contracts.membership import (
    GetHistory,
    GetMembership,
    GetRoster,
    History,
    MembershipResult,
    Roster,
    Withdraw,
)
from practio_contracts.rooms import Room


async def snapshot(house: House, room: Room, person: UUID) -> MembershipResult:
    answer = await house.ask(GetMembership(room_id=room.room_id, person_id=person), by=person)
    assert isinstance(answer, MembershipResult), answer
    return answer


async def roster(house: House, room: Room, **asked: object) -> Roster:
    answer = await house.ask(GetRoster.model_validate({"room_id": room.room_id, **asked}), by=FACILITATOR)
    assert isinstance(answer, Roster), answer
    return answer


async def test_a_person_is_told_the_place_in_line_and_what_they_can_do(house: House) -> None:
    room, [first, second, third] = await house.publish(capacity=1), people(3)
    await house.join(room, first, second, third)
    answer = await snapshot(house, room, third)
    assert answer.membership is not None
    assert (answer.membership.status, answer.ahead, answer.moves) == ("waitlisted", 1, ["membership.withdraw.v1"])
    stranger = await snapshot(house, room, uuid4())
    assert (stranger.membership, stranger.ahead) == (None, None)
    assert stranger.moves == ["membership.request-to-join.v1"]


async def test_the_latest_membership_is_told_once_it_ended(house: House) -> None:
    room, [person] = await house.publish(), people(1)
    for _ in range(2):
        await house.join(room, person)
        await house.send(Withdraw(room_id=room.room_id, person_id=person), by=person)
    answer = await snapshot(house, room, person)
    assert answer.membership is not None
    rows = await house.rows("SELECT * FROM membership WHERE person_id = :person ORDER BY number", person=person)
    assert [row.status for row in rows] == ["withdrawn", "withdrawn"]
    assert answer.membership.membership_id == rows[1].membership_id


async def test_an_offer_that_is_over_is_told_as_over_before_any_timer(house: House) -> None:
    room, [first, second] = await house.publish(capacity=1), people(2)
    await house.join(room, first, second)
    await house.send(Withdraw(room_id=room.room_id, person_id=first), by=first)
    offered = await snapshot(house, room, second)
    assert offered.moves[:2] == ["membership.accept-offer.v1", "membership.decline-offer.v1"]
    await house.offers_run_out(room)
    answer = await snapshot(house, room, second)
    assert answer.membership is not None
    assert (answer.membership.status, answer.moves) == ("lapsed", ["membership.request-to-join.v1"])
    page = await roster(house, room)
    assert (page.seats_held, page.counts, page.entries) == (0, {"lapsed": 1, "withdrawn": 1}, [])


async def test_nobody_sees_others_but_host_offices_and_the_system(house: House) -> None:
    room, [person, other] = await house.publish(), people(2)
    await house.join(room, person)
    about = {"room_id": room.room_id, "person_id": person}
    for question in (GetMembership.model_validate(about), GetHistory.model_validate(about)):
        for by in (person, HOST, FACILITATOR, "system"):
            assert not isinstance(await house.ask(question, by=by), Refusal)
        refused = await house.ask(question, by=other)
        assert isinstance(refused, Refusal)
        assert refused.code == "not-allowed"
    for by in (person, other):
        refused = await house.ask(GetRoster(room_id=room.room_id), by=by)
        assert isinstance(refused, Refusal)
        assert refused.code == "not-allowed"


async def test_a_room_that_is_not_known_is_unknown_to_every_question(house: House) -> None:
    about = {"room_id": uuid4(), "person_id": uuid4()}
    questions = [GetMembership.model_validate(about), GetHistory.model_validate(about)]
    for question in (*questions, GetRoster(room_id=about["room_id"])):
        answer = await house.ask(question, by=HOST)
        assert isinstance(answer, Refusal)
        assert answer.code == "room-unknown"


async def test_the_roster_is_in_the_order_of_the_queue_with_counts_and_answers(house: House) -> None:
    room = await house.publish(capacity=2, questions=[{"key": "why", "text": "Why?"}])
    asking = people(5)
    await house.join(room, *asking, answers={"why": "to learn"}, message="Hello")
    page = await roster(house, room)
    assert [entry.membership.person_id for entry in page.entries] == asking
    assert [entry.ahead for entry in page.entries] == [None, None, 0, 1, 2]
    assert {entry.message for entry in page.entries} == {"Hello"}
    assert page.entries[0].answers == {"why": "to learn"}
    assert (page.counts, page.capacity, page.seats_taken) == ({"joined": 2, "waitlisted": 3}, 2, 2)
    assert page.after is None


async def test_pages_of_the_roster_skip_and_repeat_nobody(house: House) -> None:
    room, asking = await house.publish(capacity=3), people(10)
    await house.join(room, *asking)
    found, ahead, after = [], [], None
    for _ in range(4):
        page = await roster(house, room, limit=3, after=after)
        found += [entry.membership.person_id for entry in page.entries]
        ahead += [entry.ahead for entry in page.entries]
        after = page.after
    assert found == asking
    assert ahead == [None] * 3 + list(range(7))
    assert after is None


async def test_the_roster_shows_one_status_where_one_is_asked_for(house: House) -> None:
    room, [first, second] = await house.publish(capacity=1), people(2)
    await house.join(room, first, second)
    page = await roster(house, room, status="waitlisted")
    assert [(entry.membership.person_id, entry.ahead) for entry in page.entries] == [(second, 0)]


async def test_a_page_ends_before_its_answer_grows_too_long_for_a_message(house: House) -> None:
    room, asking = await house.publish(capacity=3), people(30)
    await house.join(room, *asking, message="long " * 1_900)
    first = await roster(house, room)
    assert 1 < len(first.entries) < 30
    assert len(first.model_dump_json()) < 256 * 1024
    second = await roster(house, room, after=first.after)
    assert [entry.membership.person_id for entry in first.entries + second.entries] == asking


async def test_a_page_that_nobody_was_given_is_refused_before_anything_else(house: House) -> None:
    room = await house.publish()
    for after in ("nonsense", "MA==", "ZQ", urlsafe_b64encode(b"0 99999999999").decode()):
        for room_id in (room.room_id, uuid4()):
            answer = await house.ask(GetRoster(room_id=room_id, after=after), by=HOST)
            assert isinstance(answer, Refusal)
            assert (answer.code, answer.errors[0].field) == ("invalid", "after")


async def test_the_history_tells_every_change_with_who_made_it_and_by_which_message(house: House) -> None:
    room, [person] = await house.publish(), people(1)
    await house.join(room, person)
    await house.send(Withdraw(room_id=room.room_id, person_id=person, reason="moved away"), by=person)
    answer = await house.ask(GetHistory(room_id=room.room_id, person_id=person), by=HOST)
    assert isinstance(answer, History)
    joined, left = (change.model_dump(by_alias=True) for change in answer.changes)
    assert (joined["from"], joined["to"], joined["fact"]) == (None, "joined", "membership.joined.v1")
    assert (left["from"], left["to"], left["reason"]) == ("joined", "withdrawn", "moved away")
    assert (left["by"], left["account"]) == (str(person), "intranet")
    assert joined["message_id"] != left["message_id"]
