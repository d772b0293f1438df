import pytest
from tests.campaign.fuzzed_message import Fuzzed
from tests.campaign.outcomes import FuzzOutcomes

from practio_contracts.catalogue import COMMANDS, DIRECTORY

pytestmark = pytest.mark.thorough  # it looks at nothing that is shipped

TOKEN = "0194a1f2-51c0-4fde-8e43-0d40bd57deea"


def test_an_answer_ends_a_message_and_its_code_is_counted() -> None:
    outcomes = published(a_message())
    outcomes.answered(TOKEN, {"command_id": "x", "code": "invalid"})
    assert outcomes.waiting == 0
    assert outcomes.counts[COMMANDS] == {"answered, refused: invalid": 1}
    assert outcomes.close_chunk() == []


def test_a_dead_letter_ends_a_message_whose_token_is_only_in_its_body() -> None:
    outcomes = published(a_message())
    outcomes.dead("rooms.commands", "unreadable", "no JSON", b"", b'{"id": "' + TOKEN.encode() + b'"')
    assert outcomes.counts[COMMANDS] == {"dead letter, unreadable": 1}


def test_a_message_without_answer_and_dead_letter_is_owed_one() -> None:
    message = a_message()
    outcomes = published(message)
    assert outcomes.close_chunk() == [message]
    assert outcomes.counts[COMMANDS] == {"UNANSWERED": 1}


def test_an_event_is_owed_nothing() -> None:
    outcomes = published(a_message(exchange=DIRECTORY, accountable=False))
    assert outcomes.close_chunk() == []
    assert outcomes.counts[DIRECTORY] == {"consumed, and owed no answer": 1}


def test_a_dead_letter_without_a_reason_is_kept_to_be_shown() -> None:
    outcomes = published(a_message())
    outcomes.dead("rooms.commands", "unknown", "", TOKEN.encode())
    assert outcomes.nameless


def test_a_handler_that_raised_is_noted_once_for_each_reason_with_the_first_message() -> None:
    outcomes = published(a_message())
    for token in (TOKEN, "0194a1f2-51c0-4fde-8e43-0d40bd57deeb"):
        outcomes.dead("rooms.queries", "gave-up", f"ProgrammingError of {token}", token.encode())
    assert list(outcomes.raised.values()) == [3, -1]


def test_an_event_that_made_another_handler_raise_leads_to_the_message_that_caused_it() -> None:
    outcomes = published(a_message())
    outcomes.answered(TOKEN, {"command_id": "x"})
    outcomes.dead(
        "notifications.events",
        "gave-up",
        "KeyError at practio_notifications.x:1",
        b"",
        f'{{"correlationid": "{TOKEN}"}}'.encode(),
    )
    assert list(outcomes.raised.values()) == [3]
    assert outcomes.counts[COMMANDS] == {"answered, accepted": 1}


def published(message: Fuzzed) -> FuzzOutcomes:
    outcomes = FuzzOutcomes()
    outcomes.published(message)
    return outcomes


def a_message(*, exchange: str = COMMANDS, accountable: bool = True) -> Fuzzed:
    return Fuzzed(3, TOKEN, exchange, "rooms.close-room.v1", b"{}", accountable=accountable)
