"""`practio up`, `down`, `demo`, `status`, `logs`: the stack on this machine."""

import asyncio
from typing import Annotated

import typer

from practio_operator.console import console, for_programs, show_table
from practio_operator.demo.performance import run_demo
from practio_operator.errors import OperatorError
from practio_operator.pages import PAGES
from practio_operator.stack import lifecycle
from practio_operator.stack.env import http_key, read_env
from practio_operator.stack.home import find_home
from practio_operator.stack.stack import OURS, load_stack
from practio_operator.stack.state import State, state_now

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def up(as_json: AsJson = False) -> None:
    """Start the stack, or what of it does not run, and say where it is.

    It stands on servers that PRACTIO_BROKER_URL and PRACTIO_DATABASE_URL name, else on Docker, else on this machine's
    own PostgreSQL and RabbitMQ programs; PRACTIO_BACKING=external, docker or native decides by hand.

    Example: PRACTIO_BACKING=native practio up
    """
    home = find_home()
    with for_programs(as_json):
        asyncio.run(lifecycle.up(home))
    env = read_env(home)
    if as_json:
        where = {name: env[http_key(name)] for name in OURS}
        console.print_json(data={"backing": env["PRACTIO_BACKING"], "env": str(home.env), "where": where})
        return
    console.print(f"Practio is up: {home.env} says where. `practio demo` tells the story, `practio down` stops it.")
    console.print(f"Its pages for members are at {env[http_key(PAGES)]}/.", markup=False)


def down(
    keep: Annotated[bool, typer.Option("--keep", help="Keep the data of private servers for the next `up`.")] = False,
    as_json: AsJson = False,
) -> None:
    """Stop the stack; no process and no port is left. Its data go too, unless kept.

    Example: practio down --keep
    """
    with for_programs(as_json):
        lifecycle.down(find_home(), keep=keep)
    console.print_json(data={"down": True, "kept": keep}) if as_json else console.print("Practio is down.")


def demo(as_json: AsJson = False) -> None:
    """Start the stack and tell the main job, step by step, as it happens; with --json the roster that it ends with.

    Example: practio demo
    """
    home = find_home()
    with for_programs(as_json):
        asyncio.run(lifecycle.up(home))
        roster = asyncio.run(run_demo(read_env(home)))
    if as_json:
        console.print_json(data=roster.model_dump(mode="json"))


def status(as_json: AsJson = False) -> None:
    """Show what runs, whether it is ready, and what waits in the queues; exits with 1 where something is not ready.

    Of services and pages it shows the release, and how old a message was when it was handled last. They are asked where
    PRACTIO_ROOMS_HTTP, PRACTIO_MEMBERSHIP_HTTP, PRACTIO_NOTIFICATIONS_HTTP and PRACTIO_PAGES_HTTP say, else where the
    stack that is up here has them; of servers elsewhere, without these, the broker alone tells.

    Example: practio status --json | jq .queues
    """
    found = asyncio.run(state_now())
    if as_json:
        console.print_json(data=found.as_json())
    else:
        _show_parts(found)
        _show_queues(found)
    if not found.all_ready:
        raise typer.Exit(1)


def logs(
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many lines of each part.")] = 20,
    part: Annotated[
        str | None, typer.Argument(metavar="[PART]", help="One part alone, such as membership or broker.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: the lines of each part.")] = False,
) -> None:
    """Show the last log lines of every part of the stack that is up here, or of one.

    Example: practio logs membership -n 100
    """
    home = find_home()
    stack = load_stack(home)
    if stack is None:
        raise OperatorError("No stack is up here: `practio up` starts one.")
    found = lifecycle.logs(home, stack, lines=lines, part=part)
    if as_json:
        console.print_json(data=found)
        return
    for name, told in found.items():
        console.rule(name, align="left")
        for line in told:
            console.print(line, markup=False)


def _show_parts(state: State) -> None:
    if not state.parts:
        console.print("Where services answer is not known: PRACTIO_ROOMS_HTTP and so on tell it.")
        return
    rows = (
        (name, part.state, part.version or "", "" if part.lag is None else f"{part.lag:.1f} s", part.where)
        for name, part in state.parts.items()
    )
    show_table(("part", "state", "version", "lag", "where"), rows)


def _show_queues(state: State) -> None:
    rows = ([str(queue[name]) for name in ("name", "messages", "consumers")] for queue in state.queues)
    show_table(("queue", "messages", "consumers"), rows)
    console.print(f"{state.dead} dead letters{': practio dead list' if state.dead else ''}")
