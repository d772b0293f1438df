"""Secrets change while everything works: passwords of services under load, and the keys that links are signed with."""

import random
import re
import secrets
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import httpx
import pytest
import pytest_asyncio
from aio_pika import connect
from aio_pika.exceptions import ProbableAuthenticationError
from tests.support.clients.actions import a_known_person, a_published_room, accepted, asks, roster
from tests.support.clients.commands import new_id
from tests.support.clients.load import SEATS, Load, a_load
from tests.support.clients.operator import practio
from tests.support.clients.outside import OutsideSystem
from tests.support.oracles.ledger import Ledger
from tests.support.stack.logins import broker_of, database_of
from tests.support.stack.running import SHORT_DELAYS, RunningStack
from tests.support.stack.service import RunningService

from practio_contracts.links import Link, Links, Purpose
from practio_operator.provisioning.pages_account import PAGES
from practio_operator.provisioning.provision import provision
from practio_operator.provisioning.target import ProvisionTarget, ServicePasswords, owner_role, work_role

pytestmark = pytest.mark.thorough

PEOPLE = 400
KEYS = "PRACTIO_LINK_KEYS"
DELAYS = ",".join(str(delay.total_seconds()) for delay in SHORT_DELAYS.values())


@pytest_asyncio.fixture
async def rotating(stack: RunningStack) -> AsyncIterator[RunningStack]:
    """Yield the stack, which has its old secrets back at the end: all tests of a run share them."""
    ours = [*stack.services.values(), stack.pages]
    before = [each.process.environment for each in ours]
    yield stack
    await provision(stack.target)
    for each, environment in zip(ours, before, strict=True):
        if each.process.environment != environment:
            await restarted(each, environment)


async def test_new_service_passwords_under_load_lose_nothing_and_the_old_ones_stop_working(
    outside: OutsideSystem, rotating: RunningStack, chance: random.Random
) -> None:
    stack, new = rotating, new_passwords(rotating.target)
    async with a_load(outside, people=PEOPLE) as load:
        moments = sorted(chance.uniform(0.05, 0.8) for _ in stack.services)
        for (name, service), moment in zip(stack.services.items(), moments, strict=True):
            await load.has_handled_share(moment)
            await provisioned(stack, new, of=name)
            await works_on(outside, service)
            environment = {"PRACTIO_BROKER_URL": broker_of(new, name), "PRACTIO_DATABASE_URL": database_of(new, name)}
            await restarted(service, service.process.environment | environment)
    await the_books_are_right(stack, load)
    for name in stack.services:
        await is_let_in_nowhere(stack.target, name)


async def test_a_new_password_of_pages_is_used_while_people_read(
    outside: OutsideSystem, rotating: RunningStack
) -> None:
    stack, password = rotating, secrets.token_hex(8)
    link = stack.links.url(Link(Purpose.PREFERENCES, UUID(await a_known_person(outside)), locale="en"))
    await practio(stack, "provision", exits=0, **variables(stack.target), PRACTIO_PAGES_BROKER_PASSWORD=password)
    assert await opens(link)
    url = stack.target.broker_as(PAGES, password)
    await restarted(stack.pages, stack.pages.process.environment | {"PRACTIO_BROKER_URL": url})
    assert await opens(link)
    with pytest.raises(ProbableAuthenticationError):
        await connect(stack.pages_broker_url)


async def test_link_keys_change_without_breaking_any_link(outside: OutsideSystem, rotating: RunningStack) -> None:
    stack, new = rotating, secrets.token_hex(32)
    both = {KEYS: f"{new},{stack.pages.process.environment[KEYS]}"}
    person = await a_known_person(outside)
    old = stack.links.url(Link(Purpose.PREFERENCES, UUID(person), locale="en"))

    await restarted(stack.pages, stack.pages.process.environment | both)
    assert await opens(old)
    assert await opens(await link_in_a_letter(outside, stack, signed_with=stack.links))
    notifications = stack.services["notifications"]
    await restarted(notifications, notifications.process.environment | both)
    assert await opens(await link_in_a_letter(outside, stack, signed_with=Links(stack.pages_url, [new])))
    assert await opens(old)

    for each in (notifications, stack.pages):
        await restarted(each, each.process.environment | {KEYS: new})
    assert not await opens(old)


def new_passwords(target: ProvisionTarget) -> ProvisionTarget:
    """Return the same servers with other passwords of all services."""
    passwords = {name: ServicePasswords(*(secrets.token_hex(8) for _ in range(3))) for name in target.passwords}
    return ProvisionTarget(
        broker_url=target.broker_url,
        management_url=target.management_url,
        database_url=target.database_url,
        passwords=passwords,
    )


async def provisioned(stack: RunningStack, new: ProvisionTarget, *, of: str) -> None:
    """Provision as an operator does it: one service's new passwords, and those that the others have by now."""
    names = list(stack.services)
    done = names[: names.index(of) + 1]
    environment = variables(stack.target) | {
        key: value for name in done for key, value in variables_of(name, new).items()
    }
    await practio(stack, "provision", exits=0, **environment)


def variables(target: ProvisionTarget) -> dict[str, str]:
    """Return the environment of `practio provision`, delays included, but without the password of pages."""
    environment = {key: value for name in target.passwords for key, value in variables_of(name, target).items()}
    return environment | {"PRACTIO_RETRY_SECONDS": DELAYS}


def variables_of(name: str, target: ProvisionTarget) -> dict[str, str]:
    passwords, prefix = target.passwords[name], f"PRACTIO_{name.upper()}"
    return {
        f"{prefix}_BROKER_PASSWORD": passwords.broker,
        f"{prefix}_OWNER_PASSWORD": passwords.owner,
        f"{prefix}_WORK_PASSWORD": passwords.work,
    }


async def works_on(outside: OutsideSystem, service: RunningService) -> None:
    """With the old password: its connections are open, and stay so."""
    assert await service.is_ready()
    await accepted(asks(outside, await a_published_room(outside, policy="open"), new_id()))


async def restarted(service: RunningService, environment: dict[str, str]) -> None:
    assert service.process.stop() == 0
    service.process.environment = environment
    await service.start()


async def is_let_in_nowhere(old: ProvisionTarget, name: str) -> None:
    with pytest.raises(ProbableAuthenticationError):
        await connect(broker_of(old, name))
    for role, url in ((work_role(name), database_of(old, name)), (owner_role(name), old.database_of_owner(name))):
        with pytest.raises(asyncpg.InvalidPasswordError, match=role):
            await asyncpg.connect(url)


async def opens(link: str) -> bool:
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as client:
        return (await client.get(link)).is_success


async def link_in_a_letter(outside: OutsideSystem, stack: RunningStack, *, signed_with: Links) -> str:
    """Have a letter written, and return the link in it, which is signed with the first of these keys."""
    room, person = await a_published_room(outside, policy="open"), await a_known_person(outside)
    await accepted(asks(outside, room, person))
    await outside.receives("notifications.letter-sent.v1", person_id=person, kind="joined")
    [letter] = [each for each in stack.mailbox.to(outside.people[person]["email"]) if each.kind == "joined"]
    found = re.search(rf"{re.escape(stack.pages_url)}/way/([\w.-]+)", letter.text)
    assert found
    assert signed_with.read(found[1], Purpose.WAY)
    return found[0]


async def the_books_are_right(stack: RunningStack, load: Load) -> None:
    await Ledger(load.outside, stack.mailbox).is_clean()
    for room in load.rooms:
        shown = await roster(load.outside, room)
        assert (shown["seats_taken"], shown["counts"]["waitlisted"]) == (
            SEATS,
            PEOPLE // len(load.rooms) - SEATS,
        )
