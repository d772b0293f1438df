"""`practio invariants` on a running stack: what it prints, and its exit codes."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.support.clients.operator import practio
from tests.support.stack.logins import database_of
from tests.support.stack.running import OUTSIDE, RunningStack

from practio_operator.demo.main_job import run_main_job
from practio_operator.demo.narrator import Narrator
from practio_operator.demo.sample_people import new_people
from practio_operator.provisioning.database import administering
from practio_operator.stack.ports import free_ports

FOR_NOTHING = """
INSERT INTO membership.timer (key, due_at, routing_key, data)
SELECT 'offer:' || gen_random_uuid(), now() + '1 year', 'membership.lapse-offer.v1',
       jsonb_build_object('room_id', gen_random_uuid(), 'person_id', gen_random_uuid())
FROM generate_series(1, 25)
"""


async def test_all_invariants_hold_after_the_main_job(stack: RunningStack) -> None:
    async with Narrator.open(stack.outside_url, f"outside.{OUTSIDE}") as stage:
        await run_main_job(stage, new_people())
    report = json.loads(await practio(stack, "invariants", "--json"))
    assert report["holds"]
    assert {(check["name"], check["holds"], check["count"]) for check in report["checks"]} >= {
        ("counts", True, 0),
        ("lost-seats", True, 0),
        ("occupancy", True, 0),
    }
    assert "broken" not in await practio(stack, "invariants")


async def test_a_broken_invariant_exits_with_1_and_says_where_and_what_to_do(stack: RunningStack) -> None:
    async with with_timers_for_nothing(stack):
        printed = await practio(stack, "invariants", "--wait", "0.5", exits=1)
        report = json.loads(await practio(stack, "invariants", "--wait", "0.5", "--json", exits=1))
    assert "broken in 25 rooms" in printed
    assert printed.count("has no membership") == 20
    assert "5 more" in printed
    assert "practio dead list" in printed
    assert [(name, found["count"]) for name, found in broken(report).items()] == [("timers", 25)]
    findings = broken(report)["timers"]["findings"]
    assert len({finding["room_id"] for finding in findings}) == len({each["person_id"] for each in findings}) == 25


async def test_an_impossible_check_exits_with_2_and_one_sentence(stack: RunningStack) -> None:
    nobody = f"postgresql://a:b@127.0.0.1:{free_ports(1)[0]}/practio"
    for url in (nobody, database_of(stack.target, "rooms"), "http://database"):
        assert await practio(stack, "invariants", exits=2, PRACTIO_DATABASE_URL=url) == ""


def broken(report: dict[str, Any]) -> dict[str, Any]:
    return {check["name"]: check for check in report["checks"] if not check["holds"]}


@asynccontextmanager
async def with_timers_for_nothing(stack: RunningStack) -> AsyncIterator[None]:
    """Keep 25 timers that no membership has for as long as the block runs."""
    async with administering(stack.target) as connection:
        await connection.execute(FOR_NOTHING)
        try:
            yield
        finally:
            await connection.execute("DELETE FROM membership.timer WHERE due_at > now() + interval '300 days'")
