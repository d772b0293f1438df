"""Whom a dead letter has data about, and which typed addresses have been kept for long enough."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.support.every_case import every_case

from practio_chassis.people.dead_letter_data import TYPED_ADDRESSES_KEPT, people_concerned, states_old_address

ADA, BEN, HOST = (UUID(int=number) for number in (0xADA, 0xBE, 0x405))
ASK = "membership.request-to-join.v1"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CASES: list[tuple[Any, set[UUID]]] = [
    ({"actor": str(BEN), "data": {"person_id": str(ADA), "message": "Hello"}}, {ADA, BEN}),
    ({"actor": str(ADA).upper()}, {ADA}),
    ({"subject": str(ADA), "data": {"display_name": "Ada"}}, {ADA}),
    ({"data": {"membership": {"person_id": str(ADA), "by": str(HOST)}}}, {ADA}),
    ({"data": {"decisions": [{"person_id": str(ADA)}, {"person_id": str(BEN)}]}}, {ADA, BEN}),
    ({"data": {"note": {"author_id": str(ADA)}}}, {ADA}),
    ({"data": {"room": {"host_id": str(HOST), "facilitator_ids": [str(ADA)]}}}, set()),
    ({"data": {"person_id": "Ada", "message": str(ADA)}}, set()),
    ([{"person_id": str(ADA)}], {ADA}),
    ("text", set()),
]


@every_case(("content", "concerned"), CASES)
def test_a_dead_letter_concerns_the_people_by_and_about_whom_it_is(content: Any, concerned: set[UUID]) -> None:
    assert people_concerned(ASK, json.dumps(content).encode(), {}) == concerned


@every_case("name", ["cloudEvents:actor", "cloudEvents_actor"])
def test_an_actor_in_the_headers_is_concerned(name: str) -> None:
    assert people_concerned(ASK, b"{}", {name: str(ADA), "practio-attempt": 3}) == {ADA}


@every_case("body", [f'{{"person": "{ADA}"', f"\udcff {ADA}", "[" * 100_000 + str(ADA)])
def test_one_that_is_not_json_concerns_everybody_whose_id_it_contains(body: str) -> None:
    assert people_concerned(ASK, body.encode("utf-8", "surrogateescape"), {}) == {ADA}


@every_case("key", ["people.person-erased.v1", "people.person-restored.v1"])
def test_an_erasure_and_its_end_are_kept(key: str) -> None:
    assert people_concerned(key, json.dumps({"data": {"person_id": str(ADA)}}).encode(), {}) == set()


@every_case(
    ("key", "age", "is_old"),
    [
        ("notifications.send-link.v1", TYPED_ADDRESSES_KEPT + timedelta(seconds=1), True),
        ("notifications.report-bounce.v1", TYPED_ADDRESSES_KEPT + timedelta(days=99), True),
        ("notifications.send-link.v1", TYPED_ADDRESSES_KEPT, False),
        (ASK, TYPED_ADDRESSES_KEPT + timedelta(days=99), False),
        ("no-such.message.v1", TYPED_ADDRESSES_KEPT + timedelta(days=99), False),
    ],
)
def test_a_typed_address_is_kept_for_days(key: str, age: timedelta, is_old: bool) -> None:
    assert states_old_address(key, (NOW - age).isoformat(), NOW) is is_old


@every_case("died_at", ["", "yesterday", "2026-01-01T00:00:00"])
def test_without_a_time_a_typed_address_is_kept(died_at: str) -> None:
    assert not states_old_address("notifications.send-link.v1", died_at, NOW)
