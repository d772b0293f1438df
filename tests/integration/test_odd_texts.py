"""Each text of each query, with what means something to PostgreSQL, LIKE, text search, regular expressions or JSON."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from tests.campaign.event_mutations import text_fields
from tests.campaign.frozen_examples import examples
from tests.campaign.junk import SPECIAL_TEXTS
from tests.support.stack.databases import migrated_database
from tests.support.stack.example_service import received
from tests.support.stack.servers import Servers
from tests.support.thorough import times

from practio_chassis.database import engine
from practio_chassis.database.read_only import read_only
from practio_chassis.service import Service
from practio_contracts.answers import Refusal
from practio_contracts.catalogue import QUERIES
from practio_contracts.envelope import SYSTEM
from practio_contracts.message import Query
from practio_membership.app import SERVICE as MEMBERSHIP
from practio_notifications.app import SERVICE as NOTIFICATIONS
from practio_rooms.app import SERVICE as ROOMS

SEED = 20
TEXTS = len(times(12, thoroughly=len(SPECIAL_TEXTS)))
"""How many of the texts each field is asked with."""


def asked(service: Service) -> Iterator[tuple[str, Query]]:
    """Yield each query of a service with one odd text after another in each of its fields, and what is odd about it."""
    for example in examples()[QUERIES]:
        name = example["type"].removeprefix("practio.")
        query = next((each for each in service.queries if each.routing_key == name), None)
        for field in text_fields(query) if query else ():
            chance = random.Random(f"{SEED} {name} {field}")
            for text in chance.sample(SPECIAL_TEXTS, k=TEXTS):
                data: dict[str, Any] = copy.deepcopy(dict(example["data"])) | {field: text}
                try:
                    yield f"{name}, {field} = {text[:40]!r}", query.model_validate(data)  # type: ignore[union-attr]
                except ValidationError:
                    continue  # refused as invalid, before a table is read


@pytest.mark.timeout(600)
@pytest.mark.parametrize("service", [ROOMS, MEMBERSHIP, NOTIFICATIONS], ids=lambda service: service.name)
async def test_every_query_with_an_odd_text_is_answered(service: Service, servers: Servers) -> None:
    failed, answered = [], 0
    async with migrated_database(servers, service) as url:
        pool = engine.engine(url, service=service.name)
        for what, query in asked(service):
            try:
                async with read_only(engine.session_maker(pool)) as session:
                    message: Any = received(query, actor=SYSTEM)
                    answer = await service.queries[type(query)](message, session, message.envelope.time)
                assert isinstance(answer, BaseModel | Refusal)
                answered += 1
            except Exception as error:  # noqa: BLE001 — whatever it is, it is reported with its query
                failed.append(f"{what}: {error}")
        await pool.dispose()
    assert not failed, f"seed {SEED}:\n" + "\n".join(failed)
    assert answered > TEXTS
