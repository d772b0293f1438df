"""Starting and stopping a stack, on any backing."""

import os
import shutil

from practio_operator.console.errors import OperatorError
from practio_operator.console.output import console
from practio_operator.stack import docker_stack, supervised_stack
from practio_operator.stack.backing import choose_backing
from practio_operator.stack.home import Home
from practio_operator.stack.logs import last_lines
from practio_operator.stack.processes import end_leftovers
from practio_operator.stack.stack import Backing, StackConfig, changing, load_stack


async def up(home: Home, *, gateway: bool = False) -> StackConfig:
    """Start a stack, or its parts that do not run; a stack keeps its backing, and a gateway, until it is down.

    Raise OperatorError if a part does not start.
    """
    with changing(home):
        stack = load_stack(home) or _new_stack(home)
        _refuse_other_backing(stack)
        if gateway and not stack.gateway:
            stack = stack.model_copy(update={"gateway": True})
            stack.save(home)
        start = docker_stack.start if on_docker(stack) else supervised_stack.start
        await start(home, stack)
        return stack


def down(home: Home, *, keep: bool) -> None:
    """Stop a stack, complete or half started, and delete its data unless they are to be kept."""
    home.folder.mkdir(parents=True, exist_ok=True)
    with changing(home):
        stack = load_stack(home)
        if stack is None:
            end_leftovers(home)
        elif on_docker(stack):
            docker_stack.stop(home, stack, keep=keep)
        else:
            supervised_stack.stop(home, stack, keep=keep)
        home.env.unlink(missing_ok=True)
        if not keep:
            _delete_files(home, stack)


def on_docker(stack: StackConfig) -> bool:
    """Return whether a stack runs on Docker."""
    return stack.backing is Backing.DOCKER


def logs(home: Home, stack: StackConfig, *, lines: int, part: str | None) -> dict[str, list[str]]:
    """Return the last log lines of every part, or of one. Raise OperatorError if there is no such part."""
    return docker_stack.logs(home, lines=lines, part=part) if on_docker(stack) else _supervised_logs(home, lines, part)


def _supervised_logs(home: Home, lines: int, part: str | None) -> dict[str, list[str]]:
    paths = {path.stem: path for path in sorted(home.logs.glob("*.log"))}
    if part and part not in paths:
        raise OperatorError(f"There is no part {part}: use {', '.join(paths)}.")
    return {name: last_lines(path, lines) for name, path in paths.items() if part in (None, name)}


def _new_stack(home: Home) -> StackConfig:
    backing, reason = choose_backing()
    console.print(f"Backing: [bold]{backing}[/bold], since {reason}.")
    stack = StackConfig.new(backing)
    stack.save(home)
    return stack


def _refuse_other_backing(stack: StackConfig) -> None:
    """Refuse to continue a stack on one backing if the environment now asks for another."""
    requested = os.environ.get("PRACTIO_BACKING")
    if requested and requested != stack.backing:
        raise OperatorError(
            f"A stack with the backing {stack.backing} is up: run `practio down` first, then start one on {requested}."
        )


def _delete_files(home: Home, stack: StackConfig | None) -> None:
    elsewhere = stack.data if stack else None
    for folder in (home.data, elsewhere, home.mail, home.logs):
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    for path in (home.stack, home.supervisor_conf, home.supervisor_pid, home.compose_env):
        path.unlink(missing_ok=True)
