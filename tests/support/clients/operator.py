"""The command `practio`, run as an operator runs it."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from pathlib import Path

from tests.support.stack.running import Stack


def operator_environment(stack: Stack) -> dict[str, str]:
    """Return the variables by which the command `practio` finds the stack."""
    return {
        "PRACTIO_BROKER_URL": stack.target.broker_url,
        "PRACTIO_MANAGEMENT_URL": stack.target.management_url,
        "PRACTIO_DATABASE_URL": stack.target.database_url,
        "PRACTIO_PUBLISHER_URL": stack.outside_url,
    }


async def practio(stack: Stack, *arguments: str, exits: int = 0, **variables: str) -> str:
    """Run `practio` against the stack, or against the servers in ``variables``, and return its output.

    Fail if it does not exit with ``exits``.
    """
    process = await practio_started(stack, *arguments, stdin=None, **variables)
    output, complaint = await process.communicate()
    printed = output.decode() + complaint.decode()
    assert process.returncode == exits, f"practio {' '.join(arguments)}: {process.returncode}\n{printed}"
    return output.decode()


async def practio_started(stack: Stack, *arguments: str, stdin: int | None = None, **variables: str) -> Process:
    """Start `practio` as ``practio`` does, and return its process; its input comes from ``stdin``."""
    return await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("practio")),
        *arguments,
        env=os.environ | operator_environment(stack) | variables,
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
