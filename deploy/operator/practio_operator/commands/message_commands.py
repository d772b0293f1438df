"""Messages from the terminal: `practio send`, `ask`, `tell` and `watch`."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar, cast
from uuid import UUID

import typer
from pydantic import BaseModel, ValidationError
from rich.text import Text

from practio_contracts.answers import CommandRefused
from practio_contracts.catalogue import CATALOGUE
from practio_contracts.envelope import SYSTEM
from practio_contracts.message import Command, InternalCommand, Message, Query
from practio_contracts.people import Person, PersonChanged, PersonErased, PersonRegistered, PersonRestored
from practio_operator.console.errors import OperatorError
from practio_operator.console.output import console, printable
from practio_operator.execution.interrupts import run_until_stopped
from practio_operator.messages.client import with_client
from practio_operator.messages.watch import matching_events, watch_events

Data = Annotated[str, typer.Option(metavar="JSON", help="The fields of the message, as a JSON object.")]
Actor = Annotated[str, typer.Option(help="Who issues the message: a person's id, or system.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Check = Annotated[bool, typer.Option("--check", help="Check the message against its contract, and send nothing.")]

_PEOPLE: tuple[type[Person | PersonErased | PersonRestored], ...] = (
    PersonRegistered,
    PersonChanged,
    PersonErased,
    PersonRestored,
)

_SENT_BY: Mapping[str, tuple[type[Message], ...]] = {"send": (Command,), "ask": (Query,), "tell": _PEOPLE}

M = TypeVar("M", bound=Message)


def _names_of(kinds: tuple[type[Message], ...]) -> list[str]:
    return [key for key, each in CATALOGUE.items() if issubclass(each, kinds) and not issubclass(each, InternalCommand)]


def _name(example: str, kinds: tuple[type[Message], ...]) -> Any:
    """Return an argument that a shell completes to the names of these kinds of messages."""

    def completed(incomplete: str) -> list[str]:
        return [name for name in _names_of(kinds) if name.startswith(incomplete)]

    return typer.Argument(metavar="NAME", help=f"The name of the message, such as {example}.", autocompletion=completed)


CommandName = Annotated[str, _name("membership.request-to-join.v1", (Command,))]
QueryName = Annotated[str, _name("membership.get-roster.v1", (Query,))]
EventName = Annotated[str, _name("people.person-registered.v1", _PEOPLE)]


def send(name: CommandName, data: Data, actor: Actor = SYSTEM, check: Check = False, as_json: AsJson = False) -> None:
    """Send a command and print its answer.

    Exit codes: 0 if it was accepted, 1 if it was refused.

    Example: practio send membership.withdraw.v1 --actor ID --data '{"room_id": "…", "person_id": "…"}'
    """
    command, issuer = _read(name, data, (Command,), "a command"), _actor(actor)
    if check:
        _print_valid(command, as_json=as_json)
        return
    answer = with_client(lambda client: client.send(command, actor=issuer))
    if as_json:
        _print_json(answer)
    elif isinstance(answer, CommandRefused):
        _show_refused(f"{answer.code}: {answer.detail} (next: {answer.next_step})")
        for fault in answer.errors:
            console.print(f"  {printable(fault.field)}: {printable(fault.message)}", markup=False)
    else:
        console.print(f"[green]accepted[/green], {'changed' if answer.changed else 'nothing changed'}")
        console.print_json(data=answer.state)
    if isinstance(answer, CommandRefused):
        raise typer.Exit(1)


def tell(
    name: EventName,
    data: Data,
    sequence: Annotated[
        int, typer.Option(help="The number of the event; it rises by one with each event of the same person.")
    ] = 1,
    check: Check = False,
    as_json: AsJson = False,
) -> None:
    """Publish an event of a person, such as people.person-registered.v1, and print its id.

    Example: practio tell people.person-erased.v1 --data '{"person_id": "…"}' --sequence 7
    """
    event = _read(name, data, _PEOPLE, "an event of people")
    if check:
        _print_valid(event, as_json=as_json)
        return
    identity = with_client(lambda client: client.publish_event(event, sequence=sequence))
    console.print_json(data={"id": str(identity)}) if as_json else console.print(f"published with id {identity}")


def ask(name: QueryName, data: Data, actor: Actor = SYSTEM, check: Check = False, as_json: AsJson = False) -> None:
    """Send a query and print its answer.

    Exit codes: 0 if there is a result, 1 if the query was refused.

    Example: practio ask membership.get-roster.v1 --data '{"room_id": "…"}'
    """
    query, issuer = _read(name, data, (Query,), "a query"), _actor(actor)
    if check:
        _print_valid(query, as_json=as_json)
        return
    answer = with_client(lambda client: client.ask(query, actor=issuer))
    if as_json:
        _print_json(answer)
    elif answer.code:
        _show_refused(f"{answer.code}: {answer.detail}")
    else:
        console.print_json(data=answer.result)
    if answer.code:
        raise typer.Exit(1)


def watch(
    pattern: Annotated[
        str, typer.Option("--type", help="Which events: 'membership.#', '*.*.v1', or '#' for all.")
    ] = "#",
    about: Annotated[
        list[UUID] | None,
        typer.Option(
            metavar="ID",
            help="Only events that contain this id of a room, person or letter. Repeat for more: all must match.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print events as they are published, until Ctrl-C; with --json one object per line.

    The command reads from a queue of its own; it takes no message from anybody else.

    Example: practio watch --type 'membership.#' --about ROOM --about PERSON
    """
    if not matching_events(pattern):
        raise OperatorError(f"No event matches {pattern!r}: try 'membership.#', or '#' for all.")
    run_until_stopped(watch_events(pattern, about=about or [], as_json=as_json))


def _read(name: str, data: str, kinds: tuple[type[M], ...], what: str) -> M:
    names = _names_of(kinds)
    if name not in names:
        raise OperatorError(f"{name} is not {what}{_suggestion(name, names)}.")
    message = cast(type[M], CATALOGUE[name])
    try:
        return message.model_validate_json(data)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        details = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'data'}: {fault['msg']}" for fault in faults)
        raise OperatorError(f"The data does not match {name}: {details}.") from None


def _suggestion(name: str, names: list[str]) -> str:
    """Return suggestions for a name that does not exist."""
    for command, kinds in _SENT_BY.items():
        if name in _names_of(kinds):
            return f": use `practio {command}`"
    near = get_close_matches(name, names, n=3)
    return f" that the services know: use {', '.join(near or names)}"


def _print_valid(message: Message, *, as_json: bool) -> None:
    if as_json:
        data = message.model_dump(mode="json", by_alias=True)
        console.print_json(data={"fits": True, "type": message.type_name(), "data": data})
    else:
        console.print(f"[green]valid[/green] {message.routing_key}; nothing was sent")


def _show_refused(why: str) -> None:
    """Print a refusal without markup, since it may quote anybody's text."""
    console.print(Text.assemble(("refused", "red"), f" {printable(why)}"))


def _actor(text: str) -> UUID | str:
    try:
        return SYSTEM if text == SYSTEM else UUID(text)
    except ValueError:
        raise OperatorError(f'{text!r} is not an actor: use a person id or "system".') from None


def _print_json(answer: BaseModel) -> None:
    data: Any = answer.model_dump(mode="json", by_alias=True)
    console.print_json(data=data)
