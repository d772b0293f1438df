"""No command is handled after a later one on its subject, however commands fail and wait in the retry tiers."""

import json
import random
import uuid
from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs
from tests.support.stack.example_service import ExampleService, received
from tests.support.thorough import mostly_thorough

from practio_chassis.context import ReceivedMessage
from practio_chassis.handling.transaction import Transaction
from practio_contracts.answers import Refusal
from practio_contracts.message import Message
from practio_contracts.rooms import CreateRoom

ROUNDS = mostly_thorough(range(20), first=2)


@dataclass(frozen=True)
class Command:
    """A command, its place among those about its subject, and how often it fails before it can be handled."""

    received: ReceivedMessage[Message]
    subject: uuid.UUID
    place: int
    failures: int


def a_command(subject: uuid.UUID, place: int, failures: int) -> Command:
    return Command(received(CreateRoom(room_id=subject, title=f"{place} {subject}")), subject, place, failures)


async def deliver(desk: ExampleService, transaction: Transaction, command: Command, attempt: int) -> bool:
    """Handle a command as the consumer does; return whether it is done."""
    if attempt < command.failures:
        await transaction.note_retry(command.received)
        return False
    await transaction.handle([command.received])
    return True


@pytest.mark.parametrize("seed", ROUNDS)
async def test_no_command_is_handled_after_a_later_one(desk: ExampleService, seed: int) -> None:
    print(f"seed {seed}")
    chance = random.Random(seed)
    transaction = desk.transaction()
    subjects = [uuid.UUID(int=number + 1) for number in range(3)]
    queue = [(0, a_command(chance.choice(subjects), place, chance.choice([0, 0, 1, 2, 3]))) for place in range(12)]
    tiers: list[tuple[int, Command]] = []
    while queue or tiers:
        returns = not queue or (tiers and chance.random() < 0.4)
        attempt, command = tiers.pop(chance.randrange(len(tiers))) if returns else queue.pop(0)
        if not await deliver(desk, transaction, command, attempt):
            tiers.append((attempt + 1, command))
    for subject in subjects:
        places = [int(title.split()[0]) for title, _ in desk.seen if title.endswith(str(subject))]
        assert places == sorted(places), "a command took effect after a later one"
    assert await desk.rows("SELECT * FROM retried") == []


async def test_a_command_that_was_overtaken_is_refused_and_says_so(desk: ExampleService) -> None:
    transaction, subject = desk.transaction(), uuid.uuid4()
    first, second = a_command(subject, 1, 1), a_command(subject, 2, 0)
    await transaction.note_retry(first.received)
    await transaction.handle([second.received])
    with capture_logs() as lines:
        [answer] = await transaction.handle([first.received])
    assert answer is not None
    refused = json.loads(answer)["data"]
    assert (refused["code"], refused["next_step"]) == ("failed", "retry-after")
    assert refused["retry_after"] <= json.loads(answer)["time"], "at once"
    assert "a later command on the same subject" in refused["detail"]
    assert [line.get("failure_id") for line in lines] == [refused["detail"].split()[-1]]
    assert [title.split()[0] for title, _ in desk.seen] == ["2"]
    assert await transaction.handle([first.received]) == [answer], "it is answered the same when it comes again"


async def test_the_order_holds_within_one_batch_too(desk: ExampleService) -> None:
    transaction, subject = desk.transaction(), uuid.uuid4()
    first, second = a_command(subject, 1, 1), a_command(subject, 2, 0)
    await transaction.note_retry(first.received)
    await transaction.handle([second.received, first.received])
    assert [title.split()[0] for title, _ in desk.seen] == ["2"]


@pytest.mark.parametrize(("shares", "handled"), [(True, ["later"]), (False, ["later", "earlier"])])
async def test_a_command_with_several_subjects_is_overtaken_on_any_of_them(
    desk: ExampleService, shares: bool, handled: list[str]
) -> None:
    transaction, person, other = desk.transaction(), uuid.uuid4(), uuid.uuid4()
    earlier = received(CreateRoom(room_id=uuid.uuid4(), title="earlier", steward_ids=[uuid.uuid4(), person]))
    later = received(CreateRoom(room_id=uuid.uuid4(), title="later", steward_ids=[person if shares else other]))
    await transaction.note_retry(earlier)
    await transaction.note_retry(earlier)
    await transaction.handle([later])
    await transaction.handle([earlier])
    assert [title for title, _ in desk.seen] == handled
    assert await desk.rows("SELECT * FROM retried") == []


async def test_commands_on_other_subjects_overtake_freely(desk: ExampleService) -> None:
    transaction = desk.transaction()
    first, second = a_command(uuid.uuid4(), 1, 1), a_command(uuid.uuid4(), 2, 0)
    await transaction.note_retry(first.received)
    await transaction.handle([second.received])
    await transaction.handle([first.received])
    assert [title.split()[0] for title, _ in desk.seen] == ["2", "1"]


async def test_a_command_that_was_given_up_is_handled_as_new_when_it_is_put_back(desk: ExampleService) -> None:
    transaction, subject = desk.transaction(), uuid.uuid4()
    first, second = a_command(subject, 1, 4), a_command(subject, 2, 0)
    await transaction.note_retry(first.received)
    answer = await transaction.dead_letter(first.received, Refusal(code="failed", detail="see the log"))
    [row] = await desk.rows("SELECT * FROM outbox")
    assert (row.routing_key, row.public) == ("rooms.command-refused.v1", answer)
    await transaction.handle([second.received])
    await transaction.handle([first.received])
    assert [title.split()[0] for title, _ in desk.seen] == ["2", "1"]
