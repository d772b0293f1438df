"""Speaking with the services from the terminal: `practio send`, `practio ask` and `practio watch`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar, cast
from uuid import UUID

import typer
from pydantic import BaseModel, ValidationError
from rich.text import Text

from practio_contracts.answers import CommandRefused
from practio_contracts.catalogue import CATALOGUE
from practio_contracts.client import Client, ClientError
from practio_contracts.envelope import SYSTEM
from practio_contracts.message import Command, InternalCommand, Message, Query
from practio_contracts.people import Person, PersonChanged, PersonErased, PersonRegistered
from practio_operator.console import console, harmless
from practio_operator.errors import OperatorError, sentence
from practio_operator.interrupting import run_until_stopped
from practio_operator.targets import publisher_url
from practio_operator.watching import events_like, watch_events

SOURCE = "urn:practio:operator"

Data = Annotated[str, typer.Option(metavar="JSON", help="The message's fields.")]
Actor = Annotated[str, typer.Option(help="Who wishes it: a person's id, or system.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Check = Annotated[bool, typer.Option("--check", help="Say whether it is as the contract says, and send nothing.")]

_PEOPLE: tuple[type[Person | PersonErased], ...] = (PersonRegistered, PersonChanged, PersonErased)

_SAID_BY: Mapping[str, tuple[type[Message], ...]] = {"send": (Command,), "ask": (Query,), "tell": _PEOPLE}

M = TypeVar("M", bound=Message)
T = TypeVar("T")


def _names_of(kinds: tuple[type[Message], ...]) -> list[str]:
    return [key for key, each in CATALOGUE.items() if issubclass(each, kinds) and not issubclass(each, InternalCommand)]


def _name(example: str, kinds: tuple[type[Message], ...]) -> Any:
    """An argument that a shell completes to the messages of these kinds."""

    def completed(incomplete: str) -> list[str]:
        return [name for name in _names_of(kinds) if name.startswith(incomplete)]

    return typer.Argument(metavar="NAME", help=f"The message, such as {example}.", autocompletion=completed)


Wish = Annotated[str, _name("membership.request-to-join.v1", (Command,))]
Question = Annotated[str, _name("membership.get-roster.v1", (Query,))]
FactOfPeople = Annotated[str, _name("people.person-registered.v1", _PEOPLE)]


def send(name: Wish, data: Data, actor: Actor = SYSTEM, check: Check = False, as_json: AsJson = False) -> None:
    """Send a command and print its answer; exits with 1 where it is refused. With --check it is only looked at.

    Example: practio send membership.withdraw.v1 --actor ID --data '{"room_id": "…", "person_id": "…"}'
    """
    command, speaker = _read(name, data, (Command,), "wish"), _actor(actor)
    if check:
        _fits(command, as_json=as_json)
        return
    answer = _speak(lambda client: client.send(command, actor=speaker))
    if as_json:
        _print_json(answer)
    elif isinstance(answer, CommandRefused):
        _show_refused(f"{answer.code}: {answer.detail} (next: {answer.next_step})")
        for fault in answer.errors:
            console.print(f"  {harmless(fault.field)}: {harmless(fault.message)}", markup=False)
    else:
        console.print(f"[green]accepted[/green], {'changed' if answer.changed else 'nothing had to change'}")
        console.print_json(data=answer.state)
    if isinstance(answer, CommandRefused):
        raise typer.Exit(1)


def tell(
    name: FactOfPeople,
    data: Data,
    sequence: Annotated[int, typer.Option(help="Rises by one with each fact of the same person.")] = 1,
    check: Check = False,
    as_json: AsJson = False,
) -> None:
    """Tell an event of a person, such as people.person-registered.v1, and print its id.

    Example: practio tell people.person-erased.v1 --data '{"person_id": "…"}' --sequence 7
    """
    event = _read(name, data, _PEOPLE, "fact of people")
    if check:
        _fits(event, as_json=as_json)
        return
    identity = _speak(lambda client: client.publish_event(event, sequence=sequence))
    console.print_json(data={"id": str(identity)}) if as_json else console.print(f"told, as {identity}")


def ask(name: Question, data: Data, actor: Actor = SYSTEM, check: Check = False, as_json: AsJson = False) -> None:
    """Ask a question and print its answer; exits with 1 where it is refused.

    Example: practio ask membership.get-roster.v1 --data '{"room_id": "…"}'
    """
    query, speaker = _read(name, data, (Query,), "question"), _actor(actor)
    if check:
        _fits(query, as_json=as_json)
        return
    answer = _speak(lambda client: client.ask(query, actor=speaker))
    if as_json:
        _print_json(answer)
    elif answer.code:
        _show_refused(f"{answer.code}: {answer.detail}")
    else:
        console.print_json(data=answer.result)
    if answer.code:
        raise typer.Exit(1)


def watch(
    pattern: Annotated[str, typer.Option("--type", help="Which facts: 'membership.#', '*.*.v1'; '#' for all.")] = "#",
    about: Annotated[
        list[UUID] | None, typer.Option(metavar="ID", help="Only of this room, person or letter; repeat: all of them.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print events as they are said, until Ctrl-C; with --json one object a line. Nobody else's queue is touched.

    Example: practio watch --type 'membership.#' --about ROOM --about PERSON
    """
    if not events_like(pattern):
        raise OperatorError(f"No fact fits {pattern!r}: try 'membership.#', or '#' for all.")
    run_until_stopped(watch_events(pattern, about=about or [], as_json=as_json))


def _speak(say: Callable[[Client], Awaitable[T]]) -> T:
    async def spoken() -> T:
        async with Client.connect(publisher_url(), source=SOURCE) as client:
            return await say(client)

    try:
        return asyncio.run(spoken())
    except ClientError as error:
        raise OperatorError(f"{sentence(error)}.") from None


def _read(name: str, data: str, kinds: tuple[type[M], ...], what: str) -> M:
    names = _names_of(kinds)
    if name not in names:
        raise OperatorError(f"{name} is no {what}{_rather(name, names)}.")
    message = cast(type[M], CATALOGUE[name])
    try:
        return message.model_validate_json(data)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        told = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'data'}: {fault['msg']}" for fault in faults)
        raise OperatorError(f"The data does not fit {name}: {told}.") from None


def _rather(name: str, names: list[str]) -> str:
    """Say what may have been meant instead of a name that is none of these."""
    for said_by, kinds in _SAID_BY.items():
        if name in _names_of(kinds):
            return f": say it with `practio {said_by}`"
    near = get_close_matches(name, names, n=3)
    return f" that the services know; they know {', '.join(near or names)}"


def _fits(message: Message, *, as_json: bool) -> None:
    if as_json:
        data = message.model_dump(mode="json", by_alias=True)
        console.print_json(data={"fits": True, "type": message.type_name(), "data": data})
    else:
        console.print(f"[green]fits[/green] {message.routing_key}; nothing was sent")


def _show_refused(why: str) -> None:
    """What a service says may quote a text of anybody, so it is no markup."""
    console.print(Text.assemble(("refused", "red"), f" {harmless(why)}"))


def _actor(text: str) -> UUID | str:
    try:
        return SYSTEM if text == SYSTEM else UUID(text)
    except ValueError:
        raise OperatorError(f"{text!r} is no actor: say a person's id, or system.") from None


def _print_json(answer: BaseModel) -> None:
    data: Any = answer.model_dump(mode="json", by_alias=True)
    console.print_json(data=data)
