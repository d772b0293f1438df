"""Promise 11 on the broker: each forbidden act, tried with each account, is refused by RabbitMQ itself."""

import re

import httpx
import pytest
from tests.integration.provision.broker_actions import (
    FORGED,
    REFUSED,
    Action,
    bind,
    bind_exchange,
    consume,
    declare_exchange,
    declare_queue,
    delete_exchange,
    delete_queue,
    get,
    let_through,
    publish,
    purge,
    unbind,
)
from tests.integration.provision.conftest import OUTSIDE
from tests.support.stack.logins import broker_of

from practio_chassis.broker.queue_names import (
    batch_key,
    commands_queue,
    dead_queue,
    events_queue,
    outside_queue,
    queries_queue,
    retry_queue,
)
from practio_chassis.broker.topology import services_topology
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
from practio_contracts.message import InternalCommand
from practio_operator.provisioning.provision import ProvisionTarget

EXCHANGES = [exchange.name for exchange in services_topology().exchanges]
QUEUES = [queue.name for queue in services_topology().queues]
FOREIGN = ["amq.topic", "amq.direct", "amq.fanout", "amq.headers"]
OUTSIDE_QUEUE = outside_queue(OUTSIDE)


def queues_of(service: str) -> list[str]:
    return [commands_queue(service), events_queue(service), queries_queue(service)]


def leftovers_of(service: str) -> list[str]:
    """Return what a service reads to delete messages about erased people."""
    unrouted = [UNROUTED] if service == "notifications" else []
    return [*(dead_queue(queue) for queue in queues_of(service)), *unrouted]


def forbidden_to_everybody(queue: str) -> dict[str, Action]:
    """Actions that change the topology, with the account's own queue if one is needed."""
    return {
        "declare a queue": declare_queue("mine"),
        "let the broker name a queue": declare_queue(""),
        "declare a queue that leaves to practio.events": declare_queue("mine", **{"x-dead-letter-exchange": EVENTS}),
        "declare an exchange": declare_exchange("mine"),
        "bind its queue to people": bind(queue, DIRECTORY),
        "bind its queue to private events": bind(queue, INTERNAL),
        "bind its queue to events": bind(queue, EVENTS),
        "bind commands to events": bind_exchange(EVENTS, COMMANDS),
        "bind events to its exchange": bind_exchange(COMMANDS, INTERNAL),
        "unbind its queue": unbind(queue, EVENTS, "membership.#"),
        "delete its queue": delete_queue(queue),
        **{f"delete {exchange}": delete_exchange(exchange) for exchange in EXCHANGES},
    }


def forbidden_on_queues(own: list[str]) -> dict[str, Action]:
    """Actions on the queues of others, and on the retry queues of the account's own service."""
    others = [queue for queue in (*QUEUES, OUTSIDE_QUEUE) if queue not in own]
    actions = {"consume": consume, "get from": get, "purge": purge, "delete": delete_queue}
    return {f"{name} {queue}": act(queue) for name, act in actions.items() for queue in others}


def forbidden_to_publish(account: str, service: str, other: str) -> dict[str, Action]:
    commands = {
        exchange: publish(exchange, f"{service}.a.v1", user=account) for exchange in (COMMANDS, QUERIES, DIRECTORY)
    }
    elsewhere = {exchange: publish(exchange, f"{service}.a.v1", user=account) for exchange in (UNROUTED, *FOREIGN)}
    unknown = f"{service}.something-happened.v1"
    return {
        **{f"publish to {exchange}": act for exchange, act in (commands | elsewhere).items()},
        "publish an event that is not in the catalogue": publish(EVENTS, unknown, user=account),
        "publish a private event that is not in the catalogue": publish(INTERNAL, unknown, user=account),
        **{
            f"publish {key} to practio.events": publish(EVENTS, key, user=account) for key in internal_commands(service)
        },
        "publish another's event": publish(EVENTS, f"{other}.joined.v1", user=account),
        "publish another's private event": publish(INTERNAL, f"{other}.requested.v1", user=account),
        "publish another's internal command": publish(INTERNAL, f"{other}.fill-seats.v1", user=account),
        "publish another's batch": publish(INTERNAL, batch_key(other, service), user=account),
        "publish a batch to itself": publish(INTERNAL, batch_key(service, service), user=account),
        "publish a batch to outside systems": publish(EVENTS, batch_key(service, other), user=account),
        "publish an event of people": publish(EVENTS, "people.person-erased.v1", user=account),
        "dead-letter another's message": publish(DEAD, dead_queue(commands_queue(other)), user=account),
    }


def internal_commands(service: str) -> list[str]:
    return [key for key, each in CATALOGUE.items() if issubclass(each, InternalCommand) and each.owner() == service]


def misplaced_outside() -> dict[str, Action]:
    """Every message on each exchange that an outside account may use, if it was granted by its name but not there."""
    return {
        f"publish {key} to {exchange}": publish(exchange, key, user=OUTSIDE)
        for key, message in CATALOGUE.items()
        for exchange in (COMMANDS, QUERIES, DIRECTORY)
        if message.owner() in ("membership", "people") and exchange_of(message) != exchange
    }


def forbidden_to_publish_outside() -> dict[str, Action]:
    granted = "membership.withdraw.v1"
    closed = [EVENTS, INTERNAL, DEAD, UNROUTED, *FOREIGN]
    return {
        **{f"publish to {exchange}": publish(exchange, granted, user=OUTSIDE) for exchange in closed},
        **{f"put into {queue}": publish("", queue, user=OUTSIDE) for queue in (*QUEUES, OUTSIDE_QUEUE)},
        "command what it was not granted": publish(COMMANDS, "rooms.create-room.v1", user=OUTSIDE),
        "ask what it was not granted": publish(QUERIES, "rooms.get-room.v1", user=OUTSIDE),
        "publish an event of membership as one of people": publish(DIRECTORY, "membership.joined.v1", user=OUTSIDE),
        "command under a key that only resembles": publish(COMMANDS, "membershipx.withdraw.v1", user=OUTSIDE),
        "command what is not in the catalogue": publish(COMMANDS, "membership.no-such-thing.v1", user=OUTSIDE),
        **misplaced_outside(),
        "command under an empty key": publish(COMMANDS, "", user=OUTSIDE),
    }


@pytest.mark.usefixtures("outside_url")
@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_is_refused_everything_that_is_not_its_own(target: ProvisionTarget, service: str) -> None:
    others = [each for each in SERVICES if each != service]
    actions = forbidden_to_everybody(events_queue(service)) | forbidden_on_queues(
        [*queues_of(service), *leftovers_of(service)]
    )
    for other in others:
        actions |= {
            f"{name} ({other})": act for name, act in forbidden_to_publish(account_of(service), service, other).items()
        }
    assert await let_through(broker_of(target, service), actions, REFUSED) == []


async def test_an_outside_account_is_refused_everything_that_it_was_not_granted(outside_url: str) -> None:
    actions = (
        forbidden_to_everybody(OUTSIDE_QUEUE) | forbidden_on_queues([OUTSIDE_QUEUE]) | forbidden_to_publish_outside()
    )
    assert await let_through(outside_url, actions, REFUSED) == []


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_cannot_publish_as_another_account(target: ProvisionTarget, service: str) -> None:
    names = [account_of(each) for each in SERVICES if each != service] + [OUTSIDE, target.administrator[0]]
    key = events_of(service)[0].routing_key
    forged = {name: publish(EVENTS, key, user=name) for name in names}
    assert await let_through(broker_of(target, service), forged, FORGED) == []


async def test_an_outside_account_cannot_publish_as_another_account(target: ProvisionTarget, outside_url: str) -> None:
    names = [*map(account_of, SERVICES), target.administrator[0]]
    forged = {name: publish(COMMANDS, "membership.withdraw.v1", user=name) for name in names}
    assert await let_through(outside_url, forged, FORGED) == []


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_may_do_its_work(target: ProvisionTarget, service: str) -> None:
    account, commands = account_of(service), commands_queue(service)
    events = [event.routing_key for event in events_of(service)]
    work = {
        **{f"publish {key}": publish(EVENTS, key, user=account) for key in events if not CATALOGUE[key].discreet},
        **{f"publish {key} whole": publish(INTERNAL, key, user=account) for key in events},
        **{f"publish {key}": publish(INTERNAL, key, user=account) for key in internal_commands(service)},
        **{
            f"publish a batch to {reader}": publish(INTERNAL, batch_key(service, reader), user=account)
            for reader in SERVICES
            if reader != service
        },
        "retry": publish("", retry_queue(commands, "10m"), user=account),
        "dead-letter": publish(DEAD, dead_queue(commands), user=account),
        **{f"read {queue}": consume(queue) for queue in (*queues_of(service), *leftovers_of(service))},
    }
    assert await let_through(broker_of(target, service), work, REFUSED) == list(work)


async def test_an_outside_account_may_do_what_it_was_granted(outside_url: str) -> None:
    work = {
        **{
            f"publish {key}": publish(exchange_of(message), key, user=OUTSIDE)
            for key, message in CATALOGUE.items()
            if message.owner() in ("membership", "people") and exchange_of(message) in (COMMANDS, QUERIES, DIRECTORY)
        },
        "read its queue": consume(OUTSIDE_QUEUE),
        "listen for answers": consume("amq.rabbitmq.reply-to", no_ack=True),
    }
    assert await let_through(outside_url, work, REFUSED) == list(work)


async def test_only_the_administrator_reaches_the_management_interface(
    target: ProvisionTarget, outside_url: str
) -> None:
    for url in (outside_url, *(broker_of(target, each) for each in SERVICES)):
        name, password = re.fullmatch(r"amqps?://([^:]+):([^@]+)@.*", url).groups()  # type: ignore[union-attr]
        async with httpx.AsyncClient(auth=(name, password), trust_env=False) as client:
            answer = await client.get(f"{target.management_url}/api/overview")
        assert answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
