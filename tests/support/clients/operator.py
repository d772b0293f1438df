"""The command `practio`, run as an operator runs it."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from pathlib import Path

from tests.support.stack.forked import run
from tests.support.stack.running import RunningStack

from practio_operator.main import app

COMMAND = str(Path(sys.executable).with_name("practio"))


def operator_environment(stack: RunningStack) -> dict[str, str]:
    """Return the variables by which the command `practio` finds the stack."""
    return {
        "PRACTIO_BROKER_URL": stack.target.broker_url,
        "PRACTIO_MANAGEMENT_URL": stack.target.management_url,
        "PRACTIO_DATABASE_URL": stack.target.database_url,
        "PRACTIO_PUBLISHER_URL": stack.outside_url,
    }


async def practio(stack: RunningStack, *arguments: str, exits: int = 0, **variables: str) -> str:
    """Run `practio` against the stack, or against the servers in ``variables``, and return its output.

    Fail if it does not exit with ``exits``.
    """
    exit_code, output, complaint = await practio_ended(stack, *arguments, **variables)
    assert exit_code == exits, f"practio {' '.join(arguments)}: {exit_code}\n{output}{complaint}"
    return output


async def practio_ended(stack: RunningStack, *arguments: str, **variables: str) -> tuple[int, str, str]:
    """Run `practio` as ``practio`` does; return its exit code, its output and what it wrote to standard error."""
    environment = os.environ | operator_environment(stack) | variables
    return await asyncio.to_thread(run, app, (COMMAND, *arguments), environment)


async def practio_started(stack: RunningStack, *arguments: str, stdin: int | None = None, **variables: str) -> Process:
    """Start `practio` with the variables of ``practio``, and return its process; its input comes from ``stdin``."""
    return await asyncio.create_subprocess_exec(
        COMMAND,
        *arguments,
        env=os.environ | operator_environment(stack) | variables,
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
