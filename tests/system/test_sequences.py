"""An absurd sequence that silences a person's events is found and forgotten by an operator."""

import json

from tests.support.clients.commands import a_person, new_id
from tests.support.clients.operator import practio
from tests.support.clients.outside import DIRECTORY, OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import OUTSIDE, RunningStack

ABSURD = 10**15


async def test_a_forgotten_number_silences_nobody_any_more(outside: OutsideSystem, stack: RunningStack) -> None:
    person = a_person("Ada Moretti", person_id=new_id())
    await publish(outside, person, ABSURD)

    async def newest() -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(
            await practio(stack, "sequences", "list", person["person_id"], "--json")
        )
        return found

    listed = await eventually(newest, within=30)
    assert {(each["service"], each["account"], each["sequence"]) for each in listed} == {
        ("notifications", OUTSIDE, ABSURD)
    }
    forgotten = await practio(stack, "sequences", "forget", person["person_id"], "--account", OUTSIDE, "--yes")
    assert forgotten.strip() == "1 forgotten."
    await publish(outside, person, 2)
    assert [each["sequence"] for each in await eventually(newest, within=30)] == [2]


async def publish(outside: OutsideSystem, person: dict[str, object], sequence: int) -> None:
    key = "people.person-registered.v1"
    await outside.publish(DIRECTORY, outside.envelope(key, person, subject=person["person_id"], sequence=str(sequence)))
