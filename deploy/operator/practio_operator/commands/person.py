"""The data about one person: `practio export-person`, `practio erase-person` and `practio restore-person`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import typer

from practio_contracts.answers import Answer
from practio_contracts.client import Client
from practio_contracts.envelope import SYSTEM
from practio_contracts.exports import everything_about
from practio_contracts.membership import GetHistory, ListMemberships
from practio_contracts.message import Query
from practio_contracts.notifications import GetPreferences, ListLetters
from practio_contracts.personal_data import ExportPersonQuery, PersonExport
from practio_operator.console.errors import OperatorError
from practio_operator.console.output import console
from practio_operator.messages.client import with_client
from practio_operator.people.addresses import addresses_of
from practio_operator.people.erasure import drop_dead_letters, drop_unrouted, erase, restore
from practio_operator.targets.addresses import administrator_target

Person = Annotated[UUID, typer.Argument(metavar="PERSON", help="The person's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AlwaysJson = Annotated[bool, typer.Option("--json", help="Print JSON; this command always does.", show_default=False)]
"""Accepted here too, since every command has it."""


Within = Annotated[float, typer.Option(help="How many seconds to wait until every service reports it.")]


def export_person(person: Person, as_json: AlwaysJson = True) -> None:
    """Print the data about a person, as JSON: what services answer, and what they store, by service and table.

    It has the name and the addresses, memberships with their history, what the person wrote and what was written to
    them, offices, notes, letters and preferences, and nothing about other people. ``stored`` is the file that the
    person downloads from their own page.

    Example: practio export-person PERSON > person.json
    """
    console.print_json(data=with_client(lambda client: _data_about(client, person)))


def erase_person(
    person: Person,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    within: Within = 60.0,
    as_json: AsJson = False,
) -> None:
    """Delete a person's data in every service, for ever, and in the broker's leftovers; wait until all report it.

    It publishes people.person-erased.v1, as a directory does. What remains shows only that somebody was there: ids,
    kinds and times, without names, addresses and texts. Later events about the person change nothing.

    Example: practio erase-person PERSON --yes
    """
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Every service will delete the data about {person}, for ever. Continue?", abort=True, err=True)
    addresses = asyncio.run(addresses_of(administrator_target(), person))
    identity = with_client(lambda client: erase(client, person, within=within))
    dropped = asyncio.run(drop_dead_letters(administrator_target(), person, addresses))
    unrouted = asyncio.run(drop_unrouted(administrator_target(), person, addresses))
    if as_json:
        console.print_json(data={"id": str(identity), "dead_letters": dropped, "unrouted": unrouted})
        return
    leftovers = f"{dropped} dead letters and {unrouted} unrouted messages"
    console.print(f"erased in every service (event {identity}), with {leftovers}")
    console.print(f"`practio export-person {person}` shows what remains")


def restore_person(person: Person, within: Within = 60.0, as_json: AsJson = False) -> None:
    """End an erasure that was a mistake: the person may be registered again. Nothing comes back by itself.

    It publishes people.person-restored.v1. Then let the directory publish the person again, or import them. Somebody
    who left and comes back is registered under a new id instead.

    Example: practio restore-person PERSON
    """
    identity = with_client(lambda client: restore(client, person, within=within))
    if as_json:
        console.print_json(data={"id": str(identity)})
        return
    console.print(f"the erasure has ended (event {identity}): register the person again")


async def _data_about(client: Client, person: UUID) -> dict[str, Any]:
    memberships = [each async for each in _pages(client, ListMemberships(person_id=person), "memberships")]
    rooms = dict.fromkeys(UUID(each["room_id"]) for each in memberships)
    return {
        "person_id": str(person),
        "memberships": memberships,
        "history": {str(room): await _history(client, room, person) for room in rooms},
        "letters": [each async for each in _pages(client, ListLetters(person_id=person), "letters")],
        "preferences": await _ask(client, GetPreferences(person_id=person)),
        "stored": await everything_about(person, lambda query: _export(client, query)),
    }


async def _export(client: Client, query: ExportPersonQuery) -> PersonExport:
    return PersonExport.model_validate(await _ask(client, query))


async def _history(client: Client, room: UUID, person: UUID) -> list[Any]:
    return [each async for each in _pages(client, GetHistory(room_id=room, person_id=person), "changes")]


async def _pages(client: Client, query: Query, name: str) -> AsyncIterator[Any]:
    after = None
    while True:
        page = await _ask(client, query.model_copy(update={"after": after}))
        for each in page[name]:
            yield each
        after = page.get("after")
        if after is None:
            return


async def _ask(client: Client, query: Query) -> dict[str, Any]:
    answer: Answer = await client.ask(query, actor=SYSTEM)
    if answer.result is None:
        raise OperatorError(f"{query.routing_key} was refused: {answer.code}: {answer.detail}.")
    return answer.result
