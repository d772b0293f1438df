"""Services of the release before work beside current ones, in every mix, on the schema and broker as they are now."""

from itertools import combinations

import pytest
from tests.support.browser.http import a_browser
from tests.support.clients.actions import (
    ACCEPT,
    APPROVE,
    WITHDRAW,
    OpenRoom,
    a_known_person,
    a_published_room,
    accepted,
    asks,
    does,
)
from tests.support.clients.load import a_lasting_load
from tests.support.clients.main_job import the_main_job
from tests.support.clients.outside import OutsideSystem
from tests.support.clients.restoring import letters_at_rest
from tests.support.eventually import eventually
from tests.support.oracles.ledger import Ledger
from tests.upgrade.mixed import EVERYBODY, Mixed
from tests.upgrade.other_jobs import the_other_jobs

from practio_chassis.broker.topology import Carriage
from practio_contracts.links import Purpose

MIXES = [old for size in range(1, len(EVERYBODY) + 1) for old in combinations(EVERYBODY, size)]
"""The services of the release before, in every combination."""


async def test_services_are_upgraded_one_by_one_while_people_request_and_wait(
    mixed: Mixed, outside: OutsideSystem, ledger: Ledger
) -> None:
    room = await a_published_room(outside, host=await a_known_person(outside, "Marta Bianchi"), capacity=1)
    inside, *waitlist = [await a_waiting_person(outside, room) for _ in range(2)]
    async with a_lasting_load(outside) as load:
        await mixed.upgrade_what_they_stand_on()
        waitlist.append(await a_waiting_person(outside, room))
        for name in EVERYBODY:
            await mixed.run(name, old=False)
            waitlist.append(await a_waiting_person(outside, room))
            await the_seat_goes_to(outside, room, leaver=inside, follower=waitlist[0])
            inside, *waitlist = waitlist
    await ledger.is_clean()
    await load.all_have_their_place()


@pytest.mark.parametrize("old", MIXES, ids="-".join)
async def test_services_of_both_releases_do_all_jobs_together(
    old: tuple[str, ...], mixed: Mixed, outside: OutsideSystem, ledger: Ledger
) -> None:
    if missing := [name for name in old if not mixed.before.has(name)]:
        pytest.skip(f"{mixed.before.name} has no {missing[0]}")
    await mixed.upgrade_what_they_stand_on()
    await mixed.run_all(old=old)
    await the_main_job(outside)
    await the_other_jobs(outside)
    await ledger.is_clean()
    await readers_act(mixed, outside)  # the ledger does not know the commands of pages


async def test_events_travel_in_batches_once_all_are_upgraded_and_singly_again_before_one_goes_back(
    mixed: Mixed, outside: OutsideSystem, ledger: Ledger
) -> None:
    await mixed.upgrade_what_they_stand_on()
    await mixed.run_all(old=())
    async with a_lasting_load(outside) as load:
        await mixed.carry_events(Carriage.BATCHES)
        await the_main_job(outside)
        await the_other_jobs(outside)
        await mixed.carry_events(Carriage.SINGLY)
        await eventually(lambda: is_settled("handed-over", outside), within=60, message="the newest letter is settled")
        await letters_at_rest(mixed.stack)  # the release before sets letters of kinds that are new aside
        await mixed.run_all(old=EVERYBODY)
        await the_main_job(outside)
        await mixed.run_all(old=())  # what a release does not know is left undone while it is the only one
    await ledger.is_clean()
    await load.all_have_their_place()


def is_settled(kind: str, outside: OutsideSystem) -> bool:
    """Return whether a letter of a kind was sent, or skipped."""
    outcomes = (*outside.events["notifications.letter-sent.v1"], *outside.events["notifications.letter-skipped.v1"])
    return any(each["data"]["kind"] == kind for each in outcomes)


async def readers_act(mixed: Mixed, outside: OutsideSystem) -> None:
    """Let somebody ask to join on a page, the host approve on another, and the first see the way come to its end."""
    host, person = await a_known_person(outside, "Marta Bianchi"), await a_known_person(outside)
    room = await a_published_room(outside, host=host)
    way, queue = (mixed.page(purpose, who, room) for purpose, who in ((Purpose.WAY, person), (Purpose.QUEUE, host)))
    async with a_browser() as browser:
        await browser.sends(await browser.sees(f"{way}/ask"), message="I should like to.")
        await outside.receives("membership.requested.v1", person_id=person)
        await browser.sends(await browser.sees(queue), **{f"decide-{person}": "approve"})
        await outside.receives("membership.joined.v1", person_id=person)
        assert "Intervision for school heads" in (await browser.sees(way)).text


async def a_waiting_person(outside: OutsideSystem, room: OpenRoom) -> str:
    """Let a person request and be approved: the first has the seat, the others wait."""
    person = await a_known_person(outside)
    await accepted(asks(outside, room, person))
    await does(outside, APPROVE, room, person, actor=room.host)
    return person


async def the_seat_goes_to(outside: OutsideSystem, room: OpenRoom, *, leaver: str, follower: str) -> None:
    """Let one person leave, and check that the first on the waitlist is offered the seat and can accept it."""
    assert (await does(outside, WITHDRAW, room, leaver))["status"] == "withdrawn"
    await outside.receives("membership.seat-offered.v1", person_id=follower)
    assert (await does(outside, ACCEPT, room, follower))["status"] == "joined"
