"""Promise 11 on the broker: each forbidden act, tried with each account, is refused by RabbitMQ itself."""

import re

import httpx
import pytest
from tests.integration.provision.acts import (
    FORGED,
    REFUSED,
    Act,
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

from practio_chassis.broker.topology import (
    commands_queue,
    dead_queue,
    events_queue,
    outside_queue,
    queries_queue,
    retry_queue,
    services_topology,
)
from practio_contracts.catalogue import (
    COMMANDS,
    DEAD,
    DIRECTORY,
    EVENTS,
    INTERNAL,
    QUERIES,
    SERVICES,
    UNROUTED,
    account_of,
)
from practio_operator.provisioning.provision import ProvisionTarget

EXCHANGES = [exchange.name for exchange in services_topology().exchanges]
QUEUES = [queue.name for queue in services_topology().queues]
FOREIGN = ["amq.topic", "amq.direct", "amq.fanout", "amq.headers"]
OUTSIDE_QUEUE = outside_queue(OUTSIDE)


def queues_of(service: str) -> list[str]:
    return [commands_queue(service), events_queue(service), queries_queue(service)]


def forbidden_to_everybody(queue: str) -> dict[str, Act]:
    """What changes the topology, with the account's own queue where one is needed."""
    return {
        "declare a queue": declare_queue("mine"),
        "let the broker name a queue": declare_queue(""),
        "declare a queue that leaves to practio.events": declare_queue("mine", **{"x-dead-letter-exchange": EVENTS}),
        "declare an exchange": declare_exchange("mine"),
        "bind its queue to people": bind(queue, DIRECTORY),
        "bind its queue to private facts": bind(queue, INTERNAL),
        "bind its queue to facts": bind(queue, EVENTS),
        "bind commands to facts": bind_exchange(EVENTS, COMMANDS),
        "bind facts to its exchange": bind_exchange(COMMANDS, INTERNAL),
        "unbind its queue": unbind(queue, EVENTS, "membership.#"),
        "delete its queue": delete_queue(queue),
        **{f"delete {exchange}": delete_exchange(exchange) for exchange in EXCHANGES},
    }


def forbidden_on_queues(own: list[str]) -> dict[str, Act]:
    """Whatever can be done to the queues of others, and to the dead letters and retry queues of one's own."""
    others = [queue for queue in (*QUEUES, OUTSIDE_QUEUE) if queue not in own]
    acts = {"consume": consume, "get from": get, "purge": purge, "delete": delete_queue}
    return {f"{name} {queue}": act(queue) for name, act in acts.items() for queue in others}


def forbidden_to_say(account: str, service: str, other: str) -> dict[str, Act]:
    wishes = {
        exchange: publish(exchange, f"{service}.a.v1", user=account) for exchange in (COMMANDS, QUERIES, DIRECTORY)
    }
    elsewhere = {exchange: publish(exchange, f"{service}.a.v1", user=account) for exchange in (UNROUTED, *FOREIGN)}
    return {
        **{f"publish to {exchange}": act for exchange, act in (wishes | elsewhere).items()},
        "say another's fact": publish(EVENTS, f"{other}.joined.v1", user=account),
        "say another's private fact": publish(INTERNAL, f"{other}.requested.v1", user=account),
        "wish something of another": publish(INTERNAL, f"{other}.fill-seats.v1", user=account),
        "say a fact of people": publish(EVENTS, "people.person-erased.v1", user=account),
        "give up another's message": publish(DEAD, dead_queue(commands_queue(other)), user=account),
    }


def forbidden_to_say_outside() -> dict[str, Act]:
    granted = "membership.withdraw.v1"
    closed = [EVENTS, INTERNAL, DEAD, UNROUTED, *FOREIGN]
    return {
        **{f"publish to {exchange}": publish(exchange, granted, user=OUTSIDE) for exchange in closed},
        **{f"put into {queue}": publish("", queue, user=OUTSIDE) for queue in (*QUEUES, OUTSIDE_QUEUE)},
        "wish what it was not granted": publish(COMMANDS, "rooms.create-room.v1", user=OUTSIDE),
        "ask what it was not granted": publish(QUERIES, "rooms.get-room.v1", user=OUTSIDE),
        "say a membership's fact as if it were people's": publish(DIRECTORY, "membership.joined.v1", user=OUTSIDE),
        "wish under a key that only resembles": publish(COMMANDS, "membershipx.withdraw.v1", user=OUTSIDE),
        "wish under an empty key": publish(COMMANDS, "", user=OUTSIDE),
    }


@pytest.mark.usefixtures("outside_url")
@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_is_refused_whatever_is_not_its_own(target: ProvisionTarget, service: str) -> None:
    others = [each for each in SERVICES if each != service]
    acts = forbidden_to_everybody(events_queue(service)) | forbidden_on_queues(queues_of(service))
    for other in others:
        acts |= {
            f"{name} ({other})": act for name, act in forbidden_to_say(account_of(service), service, other).items()
        }
    assert await let_through(target.broker_of(service), acts, REFUSED) == []


async def test_an_outside_account_is_refused_whatever_it_was_not_granted(outside_url: str) -> None:
    acts = forbidden_to_everybody(OUTSIDE_QUEUE) | forbidden_on_queues([OUTSIDE_QUEUE]) | forbidden_to_say_outside()
    assert await let_through(outside_url, acts, REFUSED) == []


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_cannot_speak_as_anybody_else(target: ProvisionTarget, service: str) -> None:
    names = [account_of(each) for each in SERVICES if each != service] + [OUTSIDE, target.administrator[0]]
    forged = {name: publish(EVENTS, f"{service}.a.v1", user=name) for name in names}
    assert await let_through(target.broker_of(service), forged, FORGED) == []


async def test_an_outside_account_cannot_speak_as_anybody_else(target: ProvisionTarget, outside_url: str) -> None:
    names = [*map(account_of, SERVICES), target.administrator[0]]
    forged = {name: publish(COMMANDS, "membership.withdraw.v1", user=name) for name in names}
    assert await let_through(outside_url, forged, FORGED) == []


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_is_let_do_its_work(target: ProvisionTarget, service: str) -> None:
    account, commands = account_of(service), commands_queue(service)
    work = {
        "say a fact": publish(EVENTS, f"{service}.something-happened.v1", user=account),
        "say a private fact": publish(INTERNAL, f"{service}.something-happened.v1", user=account),
        "put aside": publish("", retry_queue(commands, "10m"), user=account),
        "give up": publish(DEAD, dead_queue(commands), user=account),
        **{f"read {queue}": consume(queue) for queue in queues_of(service)},
    }
    assert await let_through(target.broker_of(service), work, REFUSED) == list(work)


async def test_an_outside_account_is_let_do_what_it_was_granted(outside_url: str) -> None:
    work = {
        "wish": publish(COMMANDS, "membership.withdraw.v1", user=OUTSIDE),
        "wish what nobody knows": publish(COMMANDS, "membership.no-such-thing.v1", user=OUTSIDE),
        "ask": publish(QUERIES, "membership.get-membership.v1", user=OUTSIDE),
        "tell of people": publish(DIRECTORY, "people.person-registered.v1", user=OUTSIDE),
        "read its queue": consume(OUTSIDE_QUEUE),
        "listen for answers": consume("amq.rabbitmq.reply-to", no_ack=True),
    }
    assert await let_through(outside_url, work, REFUSED) == list(work)


async def test_nobody_but_the_administrator_reaches_the_management_interface(
    target: ProvisionTarget, outside_url: str
) -> None:
    for url in (outside_url, *map(target.broker_of, SERVICES)):
        name, password = re.fullmatch(r"amqps?://([^:]+):([^@]+)@.*", url).groups()  # type: ignore[union-attr]
        async with httpx.AsyncClient(auth=(name, password), trust_env=False) as client:
            answer = await client.get(f"{target.management_url}/api/overview")
        assert answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
