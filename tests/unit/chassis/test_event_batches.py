"""Batches of events between services: how the outbox is divided into them, and how a reader opens them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st
from tests.support.every_case import every_case

from practio_chassis.broker import event_batches
from practio_chassis.broker.event_readers import readers_of, subscribed_events
from practio_chassis.broker.queue_names import batch_key
from practio_chassis.context import ReceivedMessage
from practio_chassis.inbound.arrival import AcceptedArrival, BatchArrival, Checked, RejectedArrival, receive
from practio_chassis.outbound.publications import Publication, empty_batches, in_batches, singly
from practio_contracts.catalogue import EVENTS, INTERNAL

EXAMPLES = Path(__file__).parents[3] / "contracts" / "examples"
READERS = readers_of("membership")
TO_ROOMS, TO_NOTIFICATIONS = batch_key("membership", "rooms"), batch_key("membership", "notifications")


@dataclass(frozen=True)
class Row:
    """A row of the outbox."""

    id: int
    routing_key: str
    subject: str = "a"
    internal: bytes | None = b"{}"
    public: bytes | None = b"{}"

    @property
    def message_id(self) -> str:
        return str(self.id)


@dataclass(frozen=True)
class Delivered:
    """A message as the client library has it."""

    body: bytes
    routing_key: str = TO_ROOMS
    exchange: str = INTERNAL
    user_id: str = "practio-membership"
    content_type: str = event_batches.CONTENT_TYPE
    headers: Mapping[str, Any] = field(default_factory=dict)
    message_id: str | None = None
    reply_to: str | None = None
    correlation_id: str | None = None


def an_event(name: str) -> bytes:
    return (EXAMPLES / f"{name}.json").read_bytes()


def received(raw: Delivered, service: str = "rooms") -> Checked | BatchArrival:
    return receive(cast(Any, raw), service=service, subscriptions=frozenset(subscribed_events(service)))


def opened(*events: bytes) -> Sequence[Checked]:
    found = received(Delivered(event_batches.write(events)))
    assert isinstance(found, BatchArrival)
    return found.open()


def reason(arrival: object) -> str | None:
    return arrival.rejected.reason if isinstance(arrival, RejectedArrival) else None


def batches(rows: Sequence[Row], key: str) -> list[Publication]:
    found = in_batches(cast(Any, rows), owner="membership", readers=READERS)
    return [each for each in found if each.routing_key == key]


@given(st.lists(st.integers(2, event_batches.MOST_BYTES * 2), max_size=400))
def test_a_division_keeps_every_event_in_order_within_the_limits(sizes: list[int]) -> None:
    found = list(event_batches.portions(enumerate(sizes)))
    assert [each for portion in found for each in portion] == list(range(len(sizes)))
    for portion in found:
        assert len(portion) <= event_batches.MOST_EVENTS
        size = len(event_batches.write(b"x" * sizes[each] for each in portion))
        assert size <= event_batches.MOST_BYTES or len(portion) == 1


@given(st.lists(st.tuples(st.sampled_from(sorted(READERS)), st.sampled_from("abc"), st.integers(2, 30_000))))
def test_each_reader_gets_all_that_it_receives_in_order_and_outside_systems_single_events(
    drawn: list[tuple[str, str, int]],
) -> None:
    ids = count(1)
    rows = [Row(next(ids), key, subject, internal=b"x" * size) for key, subject, size in drawn]
    for service, key in (("rooms", TO_ROOMS), ("notifications", TO_NOTIFICATIONS)):
        sent = [row for batch in batches(rows, key) for row in batch.rows]
        assert sent == [row.id for row in rows if service in READERS[row.routing_key]]
    public = [each for each in in_batches(cast(Any, rows), owner="membership", readers=READERS) if not each.is_batch]
    assert public == [each for each in singly(cast(Any, rows), readers=READERS) if each.exchange == EVENTS]


def test_a_batch_has_the_private_fields_and_events_without_any_too() -> None:
    private = Row(1, "membership.joined.v1", internal=b'{"a":1}', public=b'{"b":1}')
    plain = Row(2, "membership.occupancy-changed.v1", internal=None, public=b'{"c":1}')
    [batch] = batches([private, plain], TO_ROOMS)
    assert json.loads(batch.body) == [{"a": 1}, {"c": 1}]
    assert (batch.exchange, batch.content_type) == (INTERNAL, event_batches.CONTENT_TYPE)


def test_internal_commands_and_what_no_service_receives_stay_single() -> None:
    command = Row(1, "membership.fill-seats.v1", public=None)
    refusal = Row(2, "membership.command-refused.v1", internal=None)
    found = in_batches(cast(Any, [command, refusal]), owner="membership", readers=READERS)
    assert [(each.exchange, each.routing_key, each.is_batch) for each in found] == [
        (INTERNAL, command.routing_key, False),
        (EVENTS, refusal.routing_key, False),
    ]


def test_a_service_without_readers_has_no_batch_to_try() -> None:
    assert empty_batches(owner="notifications", readers=readers_of("notifications")) == []
    tried = empty_batches(owner="membership", readers=READERS)
    assert {(each.routing_key, each.body) for each in tried} == {(TO_ROOMS, b"[]"), (TO_NOTIFICATIONS, b"[]")}


def test_every_event_of_a_batch_is_checked_as_if_it_had_arrived_alone() -> None:
    arrivals = opened(an_event("membership.joined.v1"), an_event("membership.occupancy-changed.v1"))
    assert all(isinstance(each, AcceptedArrival) for each in arrivals)
    assert [each.origin.exchange for each in arrivals] == [INTERNAL, EVENTS]
    assert [each.origin.routing_key for each in arrivals] == ["membership.joined.v1", "membership.occupancy-changed.v1"]
    assert {each.origin.account for each in arrivals} == {"practio-membership"}


def test_an_event_alone_and_in_a_batch_are_the_same_message() -> None:
    event = an_event("membership.joined.v1")
    alone = received(Delivered(event, "membership.joined.v1", content_type="application/cloudevents+json"))
    [together] = opened(event)
    assert isinstance(alone, AcceptedArrival)
    assert isinstance(together, AcceptedArrival)
    assert isinstance(together.admitted, ReceivedMessage)
    assert together.admitted == alone.admitted
    assert json.loads(together.body) == json.loads(event)
    assert together.properties.content_type == "application/cloudevents+json"
    assert together.properties.message_id == json.loads(event)["id"]


@every_case(
    ("fault", "why"),
    [
        ({"type": "practio.membership.nothing.v1"}, "unreadable"),
        ({"type": None}, "unreadable"),
        ({"type": "practio.rooms.room-closed.v1"}, "misplaced"),
        ({"source": "/practio/rooms"}, "misplaced"),
        ({"data": {}}, "invalid"),
        ({"sequence": "9" * 17}, "invalid"),
    ],
)
def test_a_fault_of_one_event_rejects_that_event_alone(fault: dict[str, Any], why: str) -> None:
    good = an_event("membership.joined.v1")
    arrivals = opened(good, json.dumps(json.loads(good) | fault).encode(), b"[]", b"7", good)
    assert [reason(each) for each in arrivals] == [None, why, "unreadable", "unreadable", None]
    assert [each.count_as_done() for each in arrivals] == [False, False, False, False, True]


@every_case("body", [b"", b"{}", b"[", b"[" * 100_000, b"\xff", b"[NaN]"])
def test_a_batch_that_cannot_be_read_is_one_rejected_message(body: bytes) -> None:
    found = received(Delivered(body))
    assert isinstance(found, BatchArrival)
    [arrival] = found.open()
    assert reason(arrival) == "unreadable"
    assert arrival.count_as_done()


@every_case(
    "fault",
    [
        {"user_id": "intranet"},
        {"user_id": "practio-rooms"},
        {"exchange": EVENTS},
        {"exchange": ""},
        {"routing_key": TO_NOTIFICATIONS},
        {"routing_key": "membership.joined.v1"},
        {"headers": {"CC": ["x"]}},
    ],
)
def test_a_batch_from_anywhere_else_is_rejected_as_a_whole(fault: dict[str, Any]) -> None:
    forged = SimpleNamespace(**vars(Delivered(event_batches.write([an_event("membership.joined.v1")]))) | fault)
    assert reason(received(cast(Any, forged))) == "unreadable"


@every_case(("stated", "counted"), [(7, 7), (0, 1), (5_000, 100), ("many", 100), (None, 100)])
def test_a_batch_counts_for_as_many_messages_as_it_says_within_the_limit(stated: object, counted: int) -> None:
    found = received(Delivered(b"[]", headers={event_batches.HEADER_EVENTS: stated}))
    assert isinstance(found, BatchArrival)
    assert found.count == counted
