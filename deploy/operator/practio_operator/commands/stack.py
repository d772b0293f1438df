"""`practio up`, `down`, `demo`, `status`, `logs`: the stack on this machine."""

import asyncio
from typing import Annotated

import typer

from practio_operator.console.errors import OperatorError
from practio_operator.console.output import console, progress_on_stderr, show_table
from practio_operator.demo.demo import run_demo
from practio_operator.provisioning.pages_account import PAGES
from practio_operator.stack import lifecycle
from practio_operator.stack.env import http_key, read_env
from practio_operator.stack.home import find_home
from practio_operator.stack.stack import GATEWAY, PARTS, load_stack
from practio_operator.status.state import State, state_now

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def up(
    gateway: Annotated[
        bool, typer.Option("--gateway", help="Start the gateway too: HTTP for systems without AMQP.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Start the stack, or those parts of it that do not run, and print where to find it.

    The stack uses the servers of PRACTIO_BROKER_URL and PRACTIO_DATABASE_URL if they are set. Otherwise it uses Docker,
    or without Docker the PostgreSQL and RabbitMQ programs of this machine. PRACTIO_BACKING=external, docker or native
    overrides the choice. A stack that was started with --gateway keeps it until it is down.

    Example: PRACTIO_BACKING=native practio up --gateway
    """
    home = find_home()
    with progress_on_stderr(as_json):
        asyncio.run(lifecycle.up(home, gateway=gateway))
    env = read_env(home)
    if as_json:
        urls = {name: env[http_key(name)] for name in (*PARTS, GATEWAY) if http_key(name) in env}
        console.print_json(data={"backing": env["PRACTIO_BACKING"], "env": str(home.env), "where": urls})
        return
    console.print(
        f"Practio is up; its addresses are in {home.env}. `practio demo` shows the main job, `practio down` stops it."
    )
    console.print(f"The pages for members are at {env[http_key(PAGES)]}/.", markup=False)
    if address := env.get(http_key(GATEWAY)):
        console.print(f"The gateway for systems without AMQP is at {address}.", markup=False)


def down(
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the data of the private servers for the next `up`.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Stop the stack; no process and no port is left. The data are deleted, unless --keep is given.

    Example: practio down --keep
    """
    with progress_on_stderr(as_json):
        lifecycle.down(find_home(), keep=keep)
    console.print_json(data={"down": True, "kept": keep}) if as_json else console.print("Practio is down.")


def demo(as_json: AsJson = False) -> None:
    """Start the stack and show the main job, step by step, as it happens; with --json the final roster.

    Example: practio demo
    """
    home = find_home()
    with progress_on_stderr(as_json):
        asyncio.run(lifecycle.up(home))
        roster = asyncio.run(run_demo(read_env(home)))
    if as_json:
        console.print_json(data=roster.model_dump(mode="json"))


def status(as_json: AsJson = False) -> None:
    """Show which parts run, whether they are ready, and how many messages wait in the queues.

    For services, pages and a gateway it shows the release and the lag: how old the last message was when it was
    handled. It asks the addresses PRACTIO_ROOMS_HTTP, PRACTIO_MEMBERSHIP_HTTP, PRACTIO_NOTIFICATIONS_HTTP,
    PRACTIO_PAGES_HTTP and PRACTIO_GATEWAY_HTTP, or those of the stack that runs here. For servers elsewhere without
    these addresses, it shows only the queues.

    Exit codes: 0 if everything is ready, otherwise 1.

    Example: practio status --json | jq .queues
    """
    found = asyncio.run(state_now())
    if as_json:
        console.print_json(data=found.as_json())
    else:
        _show_parts(found)
        _show_set_aside(found)
        _show_queues(found)
    if not found.all_ready:
        raise typer.Exit(1)


def logs(
    lines: Annotated[int, typer.Option("--lines", "-n", help="The number of lines per part.")] = 20,
    part: Annotated[
        str | None, typer.Argument(metavar="[PART]", help="Only this part, such as membership or broker.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: the lines of each part.")] = False,
) -> None:
    """Show the last log lines of every part of the stack that runs here, or of one part.

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
    for name, last_lines in found.items():
        console.rule(name, align="left")
        for line in last_lines:
            console.print(line, markup=False)


def _show_parts(state: State) -> None:
    if not state.parts:
        console.print("The addresses of the services are not known: set PRACTIO_ROOMS_HTTP and so on.")
        return
    rows = (
        (name, part.state, part.version or "", "" if part.lag is None else f"{part.lag:.1f} s", part.where)
        for name, part in state.parts.items()
    )
    show_table(("part", "state", "version", "lag", "where"), rows)


def _show_set_aside(state: State) -> None:
    for name, part in state.parts.items():
        if part.set_aside:
            console.print(
                f"{name} has set aside {part.set_aside} rows that its release cannot read; its log names them."
            )
        if part.refused:
            console.print(f"{name} has set aside {part.refused} messages that the broker refuses: practio outbox list")


def _show_queues(state: State) -> None:
    rows = ([str(queue[name]) for name in ("name", "messages", "consumers")] for queue in state.queues)
    show_table(("queue", "messages", "consumers"), rows)
    console.print(f"{state.dead} dead letters{': practio dead list' if state.dead else ''}")
    if state.dead_queries:
        console.print(
            f"{state.dead_queries} queries expired or failed; nobody waits for their answers, and they go within a day."
        )
