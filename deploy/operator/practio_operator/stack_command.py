"""`practio up`, `down`, `demo`, `status`, `logs`: the stack on this machine."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from practio_operator.console import console
from practio_operator.demo.performance import perform
from practio_operator.errors import OperatorError
from practio_operator.local import lifecycle
from practio_operator.local.env import http_key, read_env
from practio_operator.local.home import find_home
from practio_operator.local.logs import last_lines
from practio_operator.local.stack import load_stack
from practio_operator.local.state import State, state_of
from practio_operator.pages import PAGES

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def up() -> None:
    """Start the stack, or what of it does not run, and say where it is.

    It stands on servers that PRACTIO_BROKER_URL and PRACTIO_DATABASE_URL name, else on Docker, else on this machine's
    own PostgreSQL and RabbitMQ programs; PRACTIO_BACKING=external, docker or native decides by hand.
    """
    home = find_home()
    asyncio.run(lifecycle.up(home))
    console.print(f"Practio is up: {home.env} says where. `practio demo` tells the story, `practio down` stops it.")
    console.print(f"Its pages for members are at {read_env(home)[http_key(PAGES)]}/.", markup=False)


def down(
    keep: Annotated[bool, typer.Option("--keep", help="Keep the data of private servers for the next `up`.")] = False,
) -> None:
    """Stop the stack; no process and no port is left. Its data go too, unless kept."""
    home = find_home()
    lifecycle.down(home, keep=keep)
    console.print("Practio is down.")


def demo() -> None:
    """Start the stack and tell the main job, step by step, as it happens."""
    home = find_home()
    asyncio.run(lifecycle.up(home))
    asyncio.run(perform(read_env(home)))


def status(as_json: AsJson = False) -> None:
    """Show what runs, whether it is ready, and what waits in the queues; exits with 1 where something is not ready."""
    found = asyncio.run(state_of(read_env(find_home())))
    if as_json:
        console.print_json(data=found.as_json())
    else:
        _show_parts(found)
        _show_queues(found.queues)
    if not found.all_ready:
        raise typer.Exit(1)


def logs(
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many lines of each part.")] = 20,
    part: Annotated[str | None, typer.Argument(help="One part alone, such as membership or broker.")] = None,
) -> None:
    """Show the last log lines of every part of the stack."""
    home = find_home()
    stack = load_stack(home)
    if stack is None:
        raise OperatorError("No stack is up here: `practio up` starts one.")
    if lifecycle.on_docker(stack):
        lifecycle.docker_logs(home, lines=lines, part=part)
        return
    for path in sorted(home.logs.glob(f"{part or '*'}.log")):
        console.rule(path.stem, align="left")
        for line in last_lines(path, lines):
            console.print(line, markup=False)


def _show_parts(state: State) -> None:
    table = Table("part", "state", "where", box=None)
    for name, told in state.parts.items():
        table.add_row(name, told, state.where[name])
    console.print(table)


def _show_queues(queues: list[dict[str, object]]) -> None:
    table = Table("queue", "messages", "consumers", box=None)
    for queue in queues:
        table.add_row(str(queue["name"]), str(queue["messages"]), str(queue["consumers"]))
    console.print(table)
