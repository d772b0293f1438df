"""How often a service ended while it handled a message alone."""

from uuid import uuid4

import pytest
from tests.support.stack.example_service import ExampleService, received

from practio_contracts.people import PersonErased
from practio_contracts.rooms import CreateRoom


async def test_attempts_are_counted_until_one_is_survived(desk: ExampleService) -> None:
    transaction = desk.transaction()
    one, other = (received(PersonErased(person_id="019caf60-59c0-786b-8f85-4de46d0667a0")) for _ in range(2))
    assert [await transaction.begin_alone(one) for _ in range(3)] == [0, 1, 2]
    assert await transaction.begin_alone(other) == 0
    await transaction.end_alone(one)
    assert [row.id for row in await desk.rows("SELECT id FROM handled_alone")] == [str(other.envelope.id)]
    assert await transaction.begin_alone(one) == 0


async def test_the_transaction_that_handles_a_message_alone_forgets_its_attempts(desk: ExampleService) -> None:
    transaction, room_id = desk.transaction(), uuid4()
    works, fails = (received(CreateRoom(room_id=room_id, title=title), actor=room_id) for title in ("Knots", "fails"))
    desk.fails_on = "fails"
    for each in (works, fails):
        assert await transaction.begin_alone(each) == 0
    await transaction.handle([works], alone=True)
    with pytest.raises(LookupError, match="fails"):
        await transaction.handle([fails], alone=True)
    assert [row.id for row in await desk.rows("SELECT id FROM handled_alone")] == [str(fails.envelope.id)]
