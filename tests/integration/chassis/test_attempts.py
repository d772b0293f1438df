"""How often a service ended while it handled a message alone."""

from tests.support.stack.example_service import ExampleService, received

from practio_contracts.people import PersonErased


async def test_attempts_are_counted_until_one_is_survived(desk: ExampleService) -> None:
    transaction = desk.transaction()
    one, other = (received(PersonErased(person_id="019caf60-59c0-786b-8f85-4de46d0667a0")) for _ in range(2))
    assert [await transaction.begin_alone(one) for _ in range(3)] == [0, 1, 2]
    assert await transaction.begin_alone(other) == 0
    await transaction.end_alone(one)
    assert [row.id for row in await desk.rows("SELECT id FROM handled_alone")] == [str(other.envelope.id)]
    assert await transaction.begin_alone(one) == 0
