import json
from collections import Counter
from functools import cache

import pytest
from tests.campaign import event_mutations, mutations
from tests.campaign.frozen_examples import FUZZED, examples
from tests.campaign.fuzzed_message import Fuzzed
from tests.campaign.mutations import Known, fuzzed

from practio_chassis.broker.policies import MAX_MESSAGE_BYTES
from practio_contracts.catalogue import CATALOGUE, COMMANDS, DIRECTORY, QUERIES, exchange_of

pytestmark = pytest.mark.thorough  # it looks at nothing that is shipped

PERSON = "0194a1f2-51c0-7fde-8e43-0d40bd57deea"
KNOWN = Known(hosts={"019cadaf-b720-71f1-8c5b-2fad77843402": PERSON}, people=[PERSON])
MANY = 3_000


def test_a_message_follows_from_seed_and_index_alone() -> None:
    assert tuple(fuzzed(7, index, KNOWN) for index in range(200)) == some()[:200]
    assert fuzzed(7, 150, KNOWN) == some()[150]
    assert fuzzed(8, 150, KNOWN) != some()[150]


def test_every_command_query_and_event_of_people_has_an_example_to_fuzz() -> None:
    exampled = {each["type"].removeprefix("practio.") for exchange in FUZZED for each in examples()[exchange]}
    assert exampled == {key for key, message in CATALOGUE.items() if exchange_of(message) in FUZZED}


def test_each_message_has_a_token_of_its_own() -> None:
    assert len({message.token for message in some()}) == MANY


def test_messages_go_to_all_three_exchanges_and_most_are_owed_an_answer() -> None:
    counts = Counter(message.exchange for message in some() if not message.risky)
    assert set(counts) == {COMMANDS, QUERIES, DIRECTORY}
    assert sum(message.accountable for message in some()) > MANY / 2
    assert not any(message.accountable for message in some() if message.exchange == DIRECTORY or message.risky)


def test_who_is_owed_an_answer_asked_for_one_in_the_usual_way() -> None:
    for message in some():
        if message.accountable:
            assert message.properties["reply_to"] == "amq.rabbitmq.reply-to"
            assert message.properties["correlation_id"] == message.token
            assert not {"reply_to", "correlation_id"} & set(message.raw)


def test_some_messages_stay_whole_and_some_cannot_be_read() -> None:
    readable = sum(is_json(message) for message in some())
    assert MANY * 0.7 < readable < MANY * 0.98


def test_the_backslash_that_stopped_a_search_is_among_the_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    searches = [each for each in examples()[QUERIES] if each["type"] == "practio.rooms.search-rooms.v1"]
    for each in (mutations, event_mutations):
        monkeypatch.setattr(each, "examples", lambda: dict.fromkeys(FUZZED, searches))
    awaited = {"\\", "%", "'", "(", '"'}
    for index in range(8_000):
        awaited.discard(str(text_of_search(fuzzed(7, index, KNOWN))))
        if not awaited:
            break
    assert awaited == set()


def test_a_message_that_the_broker_refuses_for_its_size_is_published_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    search = next(each for each in examples()[QUERIES] if each["type"] == "practio.rooms.search-rooms.v1")
    big = {**search, "data": {"text": "x" * MAX_MESSAGE_BYTES}}
    for each in (mutations, event_mutations):
        monkeypatch.setattr(each, "examples", lambda: {exchange: [big] for exchange in FUZZED})
    sizes = {len(message.body) > MAX_MESSAGE_BYTES: message for message in (fuzzed(7, n, KNOWN) for n in range(20))}
    assert sizes[True].risky
    assert not sizes[True].accountable


@cache
def some() -> tuple[Fuzzed, ...]:
    return tuple(fuzzed(7, index, KNOWN) for index in range(MANY))


def is_json(message: Fuzzed) -> bool:
    try:
        json.loads(message.body)
    except (ValueError, RecursionError):
        return False
    return True


def text_of_search(message: Fuzzed) -> object:
    if message.routing_key != "rooms.search-rooms.v1" or not is_json(message):
        return None
    event = json.loads(message.body)
    data = event.get("data") if isinstance(event, dict) else None
    text = data.get("text") if isinstance(data, dict) else None
    return text if isinstance(text, str) else None
