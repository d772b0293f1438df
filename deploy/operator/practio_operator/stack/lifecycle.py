"""A stack's life, whatever it stands on: up, and down again."""

import os
import shutil

from practio_operator.console import console
from practio_operator.errors import OperatorError
from practio_operator.stack import composed, supervised
from practio_operator.stack.backing import choose_backing
from practio_operator.stack.home import Home
from practio_operator.stack.logs import last_lines
from practio_operator.stack.processes import sweep
from practio_operator.stack.stack import Backing, Stack, changing, load_stack


async def up(home: Home) -> Stack:
    """Start a stack, or what of it does not run; a stack keeps its backing until it is down.

    Raise OperatorError, with one sentence, if something does not come up.
    """
    with changing(home):
        stack = load_stack(home) or _decided(home)
        _refuse_other_backing(stack)
        start = composed.start if on_docker(stack) else supervised.start
        await start(home, stack)
        return stack


def down(home: Home, *, keep: bool) -> None:
    """Stop a stack, half started or whole, and drop its data unless they are to be kept."""
    home.folder.mkdir(parents=True, exist_ok=True)
    with changing(home):
        stack = load_stack(home)
        if stack is None:
            sweep(home)
        elif on_docker(stack):
            composed.stop(home, stack, keep=keep)
        else:
            supervised.stop(home, stack)
        home.env.unlink(missing_ok=True)
        if not keep:
            _drop(home, stack)


def on_docker(stack: Stack) -> bool:
    """Whether a stack stands on Docker."""
    return stack.backing is Backing.DOCKER


def logs(home: Home, stack: Stack, *, lines: int, part: str | None) -> dict[str, list[str]]:
    """Return the last log lines of every part, or of one. Raise OperatorError if there is no such part."""
    return composed.logs(home, lines=lines, part=part) if on_docker(stack) else _written(home, lines, part)


def _written(home: Home, lines: int, part: str | None) -> dict[str, list[str]]:
    paths = {path.stem: path for path in sorted(home.logs.glob("*.log"))}
    if part and part not in paths:
        raise OperatorError(f"There is no part {part}: it is one of {', '.join(paths)}.")
    return {name: last_lines(path, lines) for name, path in paths.items() if part in (None, name)}


def _decided(home: Home) -> Stack:
    backing, reason = choose_backing()
    console.print(f"Standing on [bold]{backing}[/bold], since {reason}.")
    stack = Stack.new(backing)
    stack.save(home)
    return stack


def _refuse_other_backing(stack: Stack) -> None:
    """Refuse to continue a stack on one backing if the environment now asks for another."""
    requested = os.environ.get("PRACTIO_BACKING")
    if requested and requested != stack.backing:
        raise OperatorError(
            f"A stack on {stack.backing} is here already: `practio down` first, then up on {requested}."
        )


def _drop(home: Home, stack: Stack | None) -> None:
    elsewhere = stack.data if stack else None
    for folder in (home.data, elsewhere, home.mail, home.logs):
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    for path in (home.stack, home.supervisor_conf, home.supervisor_pid, home.compose_env):
        path.unlink(missing_ok=True)
