"""What is known of one person, and how it is forgotten: `practio export-person` and `practio erase-person`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import typer

from practio_contracts.answers import Answer
from practio_contracts.client import Client, ClientError
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import GetHistory, ListMemberships
from practio_contracts.message import Query
from practio_contracts.notifications import GetPreferences, ListLetters
from practio_contracts.people import PersonErased
from practio_operator.commands.message_commands import SOURCE
from practio_operator.console import console
from practio_operator.errors import OperatorError, sentence
from practio_operator.targets import publisher_url

Person = Annotated[UUID, typer.Argument(metavar="PERSON", help="The person's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AlwaysJson = Annotated[bool, typer.Option("--json", help="Print JSON, as it does anyway.", show_default=False)]
"""What is typed everywhere is understood here too."""


def export_person(person: Person, as_json: AlwaysJson = True) -> None:
    """Print what Practio knows of a person, as JSON: memberships, their history, letters, preferences.

    Name and address are the directory's: Practio holds a copy of them to write letters with, and the texts of
    letters not at all.

    Example: practio export-person PERSON > person.json
    """
    console.print_json(data=_spoken(_known_of, person))


def erase_person(
    person: Person,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    as_json: AsJson = False,
) -> None:
    """Have every service forget a person, for good: the event people.person-erased.v1, as a directory tells it.

    What stays is that somebody was there: ids, kinds and times, without names, addresses and texts.

    Example: practio erase-person PERSON --yes
    """
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Every service forgets {person}, and nothing brings it back. Go on?", abort=True, err=True)
    identity = _spoken(_erased, person)
    if as_json:
        console.print_json(data={"id": str(identity)})
        return
    console.print(f"told, as {identity}; `practio export-person {person}` shows what is left")


def _spoken(speak: Any, person: UUID) -> Any:
    async def spoken() -> Any:
        async with Client.connect(publisher_url(), source=SOURCE) as client:
            return await speak(client, person)

    try:
        return asyncio.run(spoken())
    except ClientError as error:
        raise OperatorError(f"{sentence(error)}.") from None


async def _erased(client: Client, person: UUID) -> UUID:
    return await client.publish_event(PersonErased(person_id=person), sequence=1)


async def _known_of(client: Client, person: UUID) -> dict[str, Any]:
    memberships = [each async for each in _pages(client, ListMemberships(person_id=person), "memberships")]
    rooms = dict.fromkeys(UUID(each["room_id"]) for each in memberships)
    return {
        "person_id": str(person),
        "memberships": memberships,
        "history": {str(room): await _history(client, room, person) for room in rooms},
        "letters": [each async for each in _pages(client, ListLetters(person_id=person), "letters")],
        "preferences": await _asked(client, GetPreferences(person_id=person)),
    }


async def _history(client: Client, room: UUID, person: UUID) -> list[Any]:
    return [each async for each in _pages(client, GetHistory(room_id=room, person_id=person), "changes")]


async def _pages(client: Client, question: Query, name: str) -> AsyncIterator[Any]:
    after = None
    while True:
        page = await _asked(client, question.model_copy(update={"after": after}))
        for each in page[name]:
            yield each
        after = page.get("after")
        if after is None:
            return


async def _asked(client: Client, question: Query) -> dict[str, Any]:
    answer: Answer = await client.ask(question, actor=SYSTEM)
    if answer.result is None:
        raise OperatorError(f"{question.routing_key} was refused: {answer.code}: {answer.detail}.")
    return answer.result
