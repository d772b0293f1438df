"""`practio outbox`: messages that services set aside, since the broker refuses them."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from practio_operator.console.errors import OperatorError
from practio_operator.console.output import console, show_table
from practio_operator.outbox.refused import RefusedMessage, chosen, drop, put_back, refused_messages
from practio_operator.targets.addresses import administrator_target

outbox = typer.Typer(
    no_args_is_help=True,
    help="Messages that services could not publish, since the broker refuses them: list, retry, drop.",
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Ids as `practio outbox list` prints them.")]
All = Annotated[bool, typer.Option("--all", help="All of them.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]
_COLUMNS = ("id", "service", "message", "subject", "bytes", "set aside", "reason")


@outbox.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the messages that services set aside, with what the broker said of each.

    Nobody has received them. Later events of the same subject have been published; `practio rebuild` publishes the
    present state of rooms and memberships again.

    Example: practio outbox list
    """
    found = asyncio.run(refused_messages(administrator_target()))
    if as_json:
        console.print_json(data=[_as_json(each) for each in found])
    elif found:
        show_table(_COLUMNS, (_row(each) for each in found))
    else:
        console.print("No messages are set aside.")


@outbox.command()
def retry(ids: Ids = None, everything: All = False, as_json: AsJson = False) -> None:
    """Publish messages again, once the reason is mended; if the broker still refuses one, it is set aside again.

    They come after later events of the same subject, which readers recognise by the sequence.

    Example: practio outbox retry --all
    """
    messages = _selected(ids, everything)
    asyncio.run(put_back(administrator_target(), messages))
    _show_result(messages, "put back into the outbox", as_json)


@outbox.command("drop")
def drop_(ids: Ids = None, everything: All = False, yes: Yes = False, as_json: AsJson = False) -> None:
    """Delete messages for good: nobody ever receives them.

    Example: practio outbox drop ID
    """
    messages = _selected(ids, everything)
    if messages and not yes:
        show_table(_COLUMNS, (_row(each) for each in messages))
        typer.confirm("Delete these for good?", abort=True, err=True)
    asyncio.run(drop(administrator_target(), messages))
    _show_result(messages, "dropped", as_json)


def _selected(ids: list[str] | None, everything: bool) -> list[RefusedMessage]:
    if bool(ids) == everything:
        raise OperatorError("Name the messages by their ids, or all of them by --all.")
    found = asyncio.run(refused_messages(administrator_target()))
    if everything:
        return found
    selected = chosen(found, ids or [])
    if missing := set(ids or []) - {each.message_id for each in selected}:
        raise OperatorError(f"No message is set aside as {', '.join(sorted(missing))}: see practio outbox list.")
    return selected


def _show_result(messages: Sequence[RefusedMessage], done: str, as_json: bool) -> None:
    if as_json:
        console.print_json(data=[each.message_id for each in messages])
    else:
        console.print(f"{len(messages)} {done}.")


def _as_json(message: RefusedMessage) -> dict[str, Any]:
    return asdict(message) | {"set_aside_at": message.set_aside_at.isoformat()}


def _row(message: RefusedMessage) -> list[str]:
    return [
        message.message_id,
        message.service,
        message.routing_key,
        message.subject,
        str(message.size),
        f"{message.set_aside_at:%Y-%m-%d %H:%M}",
        message.reason,
    ]
