"""Fuzzed messages: each follows from the seed, its index and the ids of what there is, and from nothing else."""

import copy
import json
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.campaign.body_mutations import BODY_MUTATIONS
from tests.campaign.event_mutations import MUTATIONS, TEXT_MUTATIONS
from tests.campaign.frozen_examples import FUZZED, examples
from tests.campaign.fuzzed_message import ACCOUNT, CLOUD_EVENT, DIRECT_REPLY, Fuzzed
from tests.campaign.property_mutations import with_odd_properties

from practio_chassis.broker.policies import MAX_MESSAGE_BYTES
from practio_contracts.catalogue import DIRECTORY, QUERIES
from practio_contracts.envelope import MOST_BYTES

TEXTS_ONLY = 0.5
"""The share of queries that are whole but for a text, so that they get as far as the tables."""


@dataclass(frozen=True)
class Known:
    """Ids of rooms with their hosts, and of people, so that some fuzzed messages get as far as the tables."""

    hosts: Mapping[str, str]
    people: Sequence[str]


def fuzzed(seed: int, index: int, known: Known) -> Fuzzed:
    """Return the message of this index."""
    chance = random.Random(f"{seed}:{index}")
    token = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    exchange = chance.choices(FUZZED, weights=(6, 5, 2))[0]
    event = copy.deepcopy(dict(chance.choice(examples()[exchange]))) | {"id": token}
    _acquaint(event, known, chance)
    key = event["type"].removeprefix("practio.")
    texts_only = exchange == QUERIES and chance.random() < TEXTS_ONLY
    for _ in range(1 if texts_only else chance.choice((0, 1, 1, 1, 2, 4))):
        mutations = TEXT_MUTATIONS if texts_only else MUTATIONS
        event = chance.choice(mutations)(event, chance)
        if len(json.dumps(event)) > MOST_BYTES:
            break
    body = json.dumps(event, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    if chance.random() < 0.15:
        body = chance.choice(BODY_MUTATIONS)(body, chance)
    if chance.random() < 0.03:
        key = chance.choice(
            (f"{key.split('.')[0]}.{chance.choice(('fly.v1', 'v1', 'x' * 200, 'a.b.c.d', 'v1.v1'))}", key[:-1] + "2")
        )
    too_big = len(body) > MAX_MESSAGE_BYTES
    message = Fuzzed(
        index,
        token,
        exchange,
        key,
        body,
        _usual(token),
        accountable=exchange != DIRECTORY and not too_big,
        risky=too_big,
    )
    return with_odd_properties(message, chance) if chance.random() < 0.25 else message


def _usual(token: str) -> dict[str, Any]:
    return {
        "content_type": CLOUD_EVENT,
        "delivery_mode": 2,
        "user_id": ACCOUNT,
        "message_id": token,
        "correlation_id": token,
        "reply_to": DIRECT_REPLY,
    }


def _acquaint(event: dict[str, Any], known: Known, chance: random.Random) -> None:
    """Put ids of rooms and people that there are into the fields for them, often of the person who asks or the host."""
    data, person, room = event["data"], chance.choice(known.people), chance.choice(list(known.hosts))
    if "actor" in event:
        event["actor"] = chance.choices(("system", known.hosts[room], person), weights=(3, 7, 10))[0]
    if "room_id" in data and chance.random() < 0.8:
        data["room_id"] = room
    if "person_id" in data and chance.random() < 0.8:
        data["person_id"] = person if chance.random() < 0.6 else chance.choice(known.people)
