"""A person who is to be forgotten leaves every room; ids and times stay, texts do not."""

from tests.integration.membership.house import House, people
from tests.support.stack.handling import received

from practio_contracts.membership import Withdraw
from practio_contracts.people import PersonErased


async def test_an_erased_person_leaves_every_room_and_no_text_stays(house: House) -> None:
    [gone, waiting] = people(2)
    first = await house.publish(capacity=1)
    second = await house.publish(capacity=1, questions=[{"key": "why", "text": "Why?"}])
    await house.join(second, gone, answers={"why": "to learn"}, message="Hello")
    await house.send(Withdraw(room_id=second.room_id, person_id=gone, reason="moved away"), by=gone)
    await house.join(second, gone, answers={"why": "to learn"})
    await house.join(first, gone, waiting)
    await house.take(received(PersonErased(person_id=gone), subject=str(gone), sequence="5", actor=None))
    assert await house.statuses(first) == {gone: "withdrawn", waiting: "offered"}
    rows = await house.rows("SELECT * FROM membership WHERE person_id = :person", person=gone)
    assert [(row.status, row.answers, row.message, row.reason) for row in rows] == [("withdrawn", {}, None, None)] * 3
    history = await house.rows("SELECT * FROM history WHERE person_id = :person ORDER BY id", person=gone)
    assert [row.to_status for row in history] == ["joined", "withdrawn", "joined", "joined", "withdrawn", "withdrawn"]
    assert {row.reason for row in history} == {None}
