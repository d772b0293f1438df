"""What must hold whenever the faults pause: the books of every client, the services' tables, the dead letters."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from tests.campaign.answers import lost_without_cut
from tests.campaign.load import CampaignClient, ClientWork
from tests.campaign.stage import Stage
from tests.support.clients.commands import Data
from tests.support.eventually import eventually
from tests.support.oracles.ledger import OCCUPANCY, Ledger

from practio_contracts.catalogue import CATALOGUE, QUERIES, exchange_of
from practio_operator.dead_letters.dead_letter import DeadLetter
from practio_operator.dead_letters.putting_back import putting_back
from practio_operator.dead_letters.queues import dead_letters
from practio_operator.provisioning.database import administering

ANSWER_SECONDS = 60.0
MOST_SHOWN = 5

_UNKNOWN = "SELECT letter_id, kind, membership_id, person_id FROM notifications.letter WHERE status = 'unknown'"

NAMES_A_FAULT = (
    "Connection",
    "Operational",
    "Interface",
    "Timeout",
    "Cannot",
    "Disk",
    "Lock",
    "ReadOnly",
    "Shutdown",
    "Serialization",
    "Deadlock",
    "TooMany",
    "OSError",
    "delivery_limit",
    "delivery-limit",
)
"""What the reason or detail of a dead letter says where a fault of this campaign can be its cause."""


async def put_back_dead_letters(stage: Stage) -> tuple[list[str], list[str]]:
    """Put all dead letters back, as an operator does after faults.

    Return what they were, and those whose reason names no fault.
    """
    named: list[str] = []
    strange: list[str] = []
    async with dead_letters(stage.target) as letters, putting_back(stage.target, letters) as put_back:
        async for chunk in letters.chunks():
            named += [_named(letter) for letter in chunk]
            strange += [_named(letter) for letter in chunk if not names_a_fault(letter.reason, letter.detail)]
            await put_back(chunk)
    return named, strange


def names_a_fault(reason: str, detail: str) -> bool:
    """Return whether the reason of a dead letter says which fault it comes from."""
    return any(each in f"{reason} {detail}" for each in NAMES_A_FAULT)


def _named(letter: DeadLetter) -> str:
    return f"{letter.queue} {letter.routing_key} {letter.id}: {letter.reason}, {letter.detail}"


async def faults_in_books(stage: Stage, loads: Sequence[ClientWork], *, within: float) -> list[str]:
    """Return everything that does not hold once all has come to rest: lost, doubled, out of order, oversold, broken."""
    found = await asyncio.gather(*(_faults_of(stage, load.client, within=within) for load in loads))
    return [*(each for of_client in found for each in of_client), *await _broken_invariants(stage)]


async def _faults_of(stage: Stage, client: CampaignClient, *, within: float) -> list[str]:
    lost_answers = await lost_without_cut(stage, client.account, client.answer_book, within=ANSWER_SECONDS)
    unanswered = await _unanswered(client)
    ledger = Ledger(client, stage.mailbox, sender_died=True)

    async def lost() -> list[str]:
        found = ledger.lost()
        unknown = await letters_that_may_have_arrived(stage) if found else ()
        return [each for each in found if each not in unknown]

    async def nothing_lost() -> bool:
        return not await lost()

    with suppress(AssertionError):  # what is lost then is said below
        await eventually(nothing_lost, within=within, pause=0.5)
    unknown = await letters_that_may_have_arrived(stage)
    kinds = {
        "lost, though no connection of the client was cut": lost_answers,
        "unanswered": unanswered,
        "lost": await lost(),
        "doubled": _doubled(client, ledger),
        "unexpected": [each for each in ledger.unexpected() if each not in unknown],
        "out of order": [*client.order.faults, *overtaken(client)],
        "oversold": list(oversold(client)),
    }
    return [sentence for kind, each in kinds.items() for sentence in shortened(f"{client.account}: {kind}", each)]


async def letters_that_may_have_arrived(stage: Stage) -> set[str]:
    """Return the letters of which nobody can know whether they arrived, as the ledger names them.

    The mail server hung or went away after DATA: no event is owed then.
    """
    async with administering(stage.target) as connection:
        rows = await connection.fetch(_UNKNOWN)
    keys = {(row["kind"], str(row["membership_id"]), str(row["person_id"])) for row in rows}
    return {*(f"letter {key}" for key in keys), *(f"letter {row['letter_id']}" for row in rows)}


def shortened(kind: str, found: Sequence[str]) -> Iterator[str]:
    """Yield a few of many findings, and how many there are."""
    yield from (f"{kind}: {each}" for each in found[:MOST_SHOWN])
    if len(found) > MOST_SHOWN:
        yield f"{kind}: {len(found)} in all"


async def _unanswered(client: CampaignClient) -> list[str]:
    """Publish again what has no answer, with its id, since answers get lost on their way; return what gets none now."""
    waiting = [each for each in client.confirmed.values() if "actor" in each and not client.answers.get(each["id"])]
    asked = (client.answer_to(each, exchange=_exchange(each), within=ANSWER_SECONDS) for each in waiting)
    results = await asyncio.gather(*asked, return_exceptions=True)
    return [str(each)[:300] for each in results if isinstance(each, BaseException)]


def _doubled(client: CampaignClient, ledger: Ledger) -> list[str]:
    """Leave out answers to a query that was published again: what has changed meanwhile makes them differ."""
    queries = {f"answers to {identity}" for identity, event in client.published.items() if _exchange(event) == QUERIES}
    return [each for each in ledger.doubled() if each not in queries]


def _exchange(event: Data) -> str:
    return exchange_of(CATALOGUE[event["type"].removeprefix("practio.")])


def oversold(client: CampaignClient) -> Iterator[str]:
    """Yield each count of a room that gives away more seats than there are."""
    for event in client.events[OCCUPANCY.removeprefix("practio.")]:
        data = event["data"]
        if data["seats_taken"] + data["seats_held"] - data["over_capacity"] > data["capacity"]:
            yield f"{data}"


def overtaken(client: CampaignClient) -> Iterator[str]:
    """Yield each withdrawal that was handled before the request that its person had published earlier."""
    refused = {event["data"]["command_id"]: event["data"] for event in client.events["membership.command-refused.v1"]}
    for request, withdrawal in client.pairs.items():
        if withdrawal in refused and request not in refused:
            yield f"withdrawal {withdrawal} was refused, the request {request} before it was not: {refused[withdrawal]}"


async def _broken_invariants(stage: Stage) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("practio")),
        "invariants",
        "--json",
        env=os.environ
        | {
            "PRACTIO_BROKER_URL": stage.target.broker_url,
            "PRACTIO_MANAGEMENT_URL": stage.target.management_url,
            "PRACTIO_DATABASE_URL": stage.target.database_url,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaint = await process.communicate()
    if process.returncode == 0:
        return []
    if process.returncode != 1:
        return [f"practio invariants: {complaint.decode().strip()}"]
    broken = [check for check in json.loads(output)["checks"] if not check["holds"]]
    return [f"invariant {check['name']} broken: {check['findings'][:2]}" for check in broken]
