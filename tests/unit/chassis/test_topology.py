"""The broker's topology, as data: its queues, its bindings, and the permissions of each account."""

import re
from importlib import import_module
from importlib.util import find_spec

import pytest
from tests.support.every_case import every_case

from practio_chassis.broker.event_readers import subscribed_events
from practio_chassis.broker.objects import Account, Binding, Queue, Topology, one_of
from practio_chassis.broker.policies import RETRY_DELAYS
from practio_chassis.broker.queue_names import (
    batch_key,
    commands_queue,
    dead_queue,
    events_queue,
    is_shard_queue,
    outside_queue,
    queries_queue,
    retry_queue,
    shard_queue,
)
from practio_chassis.broker.topology import DEFAULT_EXCHANGE, Carriage, services_topology
from practio_chassis.service import Service
from practio_contracts.catalogue import (
    CATALOGUE,
    COMMANDS,
    DEAD,
    DIRECTORY,
    EVENTS,
    INTERNAL,
    QUERIES,
    SERVICES,
    UNROUTED,
    account_of,
    events_of,
    exchange_of,
)
from practio_contracts.membership import Joined, LapseOffer
from practio_contracts.message import InternalCommand, private_paths

TOPOLOGY = services_topology()
ORDERED = [queue(service) for service in SERVICES for queue in (commands_queue, events_queue)]
MAIN = [*ORDERED, *(queries_queue(service) for service in SERVICES)]
BOUNDS = {"max-length": 100_000, "message-ttl": 604_800_000, "overflow": "drop-head"}
MIB = 1024 * 1024
READ_BY_PEOPLE = [UNROUTED, outside_queue("intranet"), *map(dead_queue, MAIN)]

each_service = pytest.mark.parametrize("service", SERVICES)


def queue_named(name: str, topology: Topology = TOPOLOGY) -> Queue:
    return next(queue for queue in topology.queues if queue.name == name)


def account_of_service(service: str) -> Account:
    return next(account for account in TOPOLOGY.accounts if account.name == account_of(service))


def keys(exchange: str, queue: str) -> set[str]:
    return {each.key for each in TOPOLOGY.bindings if (each.exchange, each.queue) == (exchange, queue)}


def limits_of(queue: str, topology: Topology = TOPOLOGY) -> list[dict[str, object]]:
    return [dict(policy.limits) for policy in topology.policies if re.search(policy.pattern, queue)]


@each_service
def test_a_service_handles_exactly_the_events_that_reach_it(service: str) -> None:
    if not find_spec(f"practio_{service}.app"):
        pytest.skip(f"{service} is not installed here")
    declared: Service = import_module(f"practio_{service}.app").SERVICE
    assert set(declared.events) == set(subscribed_events(service))


@each_service
def test_a_service_handles_every_command_and_query_addressed_to_it(service: str) -> None:
    if not find_spec(f"practio_{service}.app"):
        pytest.skip(f"{service} is not installed here")
    declared: Service = import_module(f"practio_{service}.app").SERVICE
    addressed = {
        message
        for message in CATALOGUE.values()
        if message.owner() == service
        and (exchange_of(message) in (COMMANDS, QUERIES) or issubclass(message, InternalCommand))
    }
    assert set(declared.subscriptions()) - set(declared.events) == addressed


@each_service
def test_every_message_to_a_service_reaches_it_even_an_unknown_one(service: str) -> None:
    assert keys(COMMANDS, commands_queue(service)) == {f"{service}.#"}
    assert keys(QUERIES, queries_queue(service)) == {f"{service}.#"}


@each_service
def test_a_service_receives_events_with_private_fields(service: str) -> None:
    singly = services_topology(carriage=Carriage.SINGLY)
    for event in subscribed_events(service):
        where = {each.exchange for each in singly.bindings if each.key == event.routing_key}
        assert where == {exchange_of(event)}
        if private_paths(event):
            assert where == {INTERNAL}


@each_service
def test_a_service_receives_the_events_of_another_in_batches_and_not_twice(service: str) -> None:
    queue = events_queue(service)
    owners = {event.owner() for event in subscribed_events(service)} - {"people"}
    in_batches = {batch_key(owner, service) for owner in owners}
    assert in_batches <= keys(INTERNAL, queue)
    assert keys(EVENTS, queue) == set()
    before = services_topology(carriage=Carriage.SINGLY).bindings
    assert not in_batches & {each.key for each in before if each.queue == queue}
    while_it_changes = services_topology(carriage=Carriage.EITHER).bindings
    assert {*while_it_changes} == {*before, *TOPOLOGY.bindings}


@each_service
def test_a_service_may_publish_batches_of_its_own_events_to_the_services_alone(service: str) -> None:
    account = account_of_service(service)
    for owner in SERVICES:
        for reader in SERVICES:
            may = bool(re.search(account.topics[INTERNAL], batch_key(owner, reader)))
            assert may == (owner == service != reader)
            assert not re.search(account.topics[EVENTS], batch_key(owner, reader))


def test_a_service_receives_only_its_own_commands() -> None:
    assert LapseOffer.routing_key in keys(INTERNAL, "membership.commands")
    assert keys(INTERNAL, "rooms.commands") == {
        key for key, each in CATALOGUE.items() if issubclass(each, InternalCommand) and each.owner() == "rooms"
    }


@each_service
def test_no_service_receives_its_own_events(service: str) -> None:
    assert not set(subscribed_events(service)) & set(events_of(service))


def test_unroutable_messages_are_kept_within_limits() -> None:
    kept = {exchange.name for exchange in TOPOLOGY.exchanges if exchange.alternate == UNROUTED}
    assert kept == {COMMANDS, QUERIES, DIRECTORY}
    assert Binding(UNROUTED, UNROUTED, "#") in TOPOLOGY.bindings
    assert len(limits_of(UNROUTED)) == 1
    assert BOUNDS.items() <= limits_of(UNROUTED)[0].items()


def test_an_outside_queue_keeps_at_most_100_000_messages_for_7_days() -> None:
    assert len(limits_of(outside_queue("intranet"))) == 1
    assert BOUNDS.items() <= limits_of(outside_queue("intranet"))[0].items()


@every_case("name", READ_BY_PEOPLE)
def test_what_waits_for_people_is_bounded_in_bytes_and_drops_the_oldest(name: str) -> None:
    [limits] = limits_of(name)
    assert limits["overflow"] == "drop-head"
    assert int(str(limits["max-length-bytes"])) in (16 * MIB, 256 * MIB, 1024 * MIB)
    assert int(str(limits["max-length"])) <= 100_000


@every_case("name", [queue.name for queue in TOPOLOGY.queues if queue.name not in READ_BY_PEOPLE])
def test_what_waits_for_a_service_is_never_dropped(name: str) -> None:
    for limits in limits_of(name):
        assert not {"max-length", "max-length-bytes", "overflow"} & limits.keys()


@each_service
def test_a_query_that_nobody_waits_for_any_more_expires_and_is_kept_for_a_day(service: str) -> None:
    queue = queries_queue(service)
    assert limits_of(queue) == [{"delivery-limit": 100, "message-ttl": 60_000}]
    [kept] = limits_of(dead_queue(queue))
    assert (kept["message-ttl"], kept["max-length"], kept["max-length-bytes"]) == (86_400_000, 1_000, 16 * MIB)


@every_case("name", READ_BY_PEOPLE)
def test_what_waits_for_people_is_not_dropped_for_being_looked_at(name: str) -> None:
    assert limits_of(name)[0]["delivery-limit"] == 1_000_000


@every_case("name", MAIN)
def test_a_message_that_crashes_a_service_goes_to_the_dead_letter_queue(name: str) -> None:
    arguments = queue_named(name).arguments
    assert (arguments["x-dead-letter-exchange"], arguments["x-dead-letter-routing-key"]) == (DEAD, dead_queue(name))
    assert Binding(DEAD, dead_queue(name), dead_queue(name)) in TOPOLOGY.bindings
    assert queue_named(dead_queue(name)).arguments == {}
    [limits] = limits_of(name)
    assert limits["delivery-limit"] == 100


@every_case("name", ORDERED)
def test_a_message_in_a_retry_tier_returns_to_its_queue(name: str) -> None:
    for tier, delay in RETRY_DELAYS.items():
        assert queue_named(retry_queue(name, tier)).arguments == {
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": name,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }
        assert limits_of(retry_queue(name, tier)) == [{"message-ttl": delay.total_seconds() * 1000}]


def test_one_copy_of_a_service_consumes_commands_and_events_and_all_consume_queries() -> None:
    one_at_a_time = {queue.name for queue in TOPOLOGY.queues if queue.arguments.get("x-single-active-consumer")}
    assert one_at_a_time == set(ORDERED)


def test_other_delays_change_no_queue() -> None:
    quick = services_topology({tier: delay / 100 for tier, delay in RETRY_DELAYS.items()})
    assert quick.queues == TOPOLOGY.queues
    assert limits_of("rooms.events.retry.5s", quick) == [{"message-ttl": 50}]


@each_service
def test_a_service_may_publish_only_to_its_own_exchanges(service: str) -> None:
    write = account_of_service(service).write
    may = {exchange.name for exchange in TOPOLOGY.exchanges if re.search(write, exchange.name)}
    assert may == {EVENTS, INTERNAL, DEAD}
    assert re.search(write, DEFAULT_EXCHANGE)
    assert not re.search(write, "amq.topic")


@each_service
def test_a_service_may_publish_its_own_events_and_internal_commands_and_nothing_else(service: str) -> None:
    account = account_of_service(service)
    for key, message in CATALOGUE.items():
        event = message in events_of(service)
        own_command = issubclass(message, InternalCommand) and message.owner() == service
        assert bool(re.search(account.topics[EVENTS], key)) == (event and not message.discreet)
        assert bool(re.search(account.topics[INTERNAL], key)) == (event or own_command)
    assert not re.search(account.topics[EVENTS], f"other.{service}.{Joined.routing_key}")
    assert not re.search(account.topics[EVENTS], f"{service}.something-happened.v1")


@each_service
def test_a_service_may_read_only_its_own_queues_and_one_of_them_what_is_unrouted(service: str) -> None:
    may = {queue.name for queue in TOPOLOGY.queues if re.search(account_of_service(service).read, queue.name)}
    own = {commands_queue(service), events_queue(service), queries_queue(service)}
    unrouted = {UNROUTED} if service == "notifications" else set()
    assert may == own | {dead_queue(queue) for queue in own} | unrouted


def test_every_exchange_that_an_account_may_write_limits_its_routing_keys() -> None:
    for account in TOPOLOGY.accounts:
        for exchange in TOPOLOGY.exchanges:
            assert bool(re.search(account.write, exchange.name)) == (exchange.name in account.topics)


def test_a_permission_for_names_matches_only_these_names() -> None:
    assert re.search(one_of(["a.b"]), "a.b")
    assert not re.search(one_of(["a.b"]), "axb")
    assert not re.search(one_of([]), "anything")


def test_shards_add_one_queue_each_with_a_single_active_consumer_that_dies_as_all_commands_do() -> None:
    spread = services_topology(shards=3)
    names = [shard_queue("membership", each) for each in range(3)]
    commands = queue_named(commands_queue("membership"))
    assert {each.name for each in spread.queues} - {each.name for each in TOPOLOGY.queues} == set(names)
    assert all(queue_named(name, spread).arguments == commands.arguments for name in names)
    assert all(limits_of(name, spread) == limits_of(commands.name) for name in names)
    assert all(map(is_shard_queue, names))
    assert not any(is_shard_queue(each.name) for each in TOPOLOGY.queues)
    assert spread.bindings == TOPOLOGY.bindings
    assert spread.exchanges == TOPOLOGY.exchanges


def test_only_the_service_itself_may_read_its_shards() -> None:
    readers = [each.name for each in services_topology(shards=3).accounts if shard_queue("membership", 2) in each.reads]
    assert readers == [account_of("membership")]


def test_one_shard_is_the_queue_of_commands_itself() -> None:
    assert services_topology(shards=1) == TOPOLOGY
