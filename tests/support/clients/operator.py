"""The command `practio`, run as an operator runs it."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from pathlib import Path

from tests.support.stack.running import Stack


def operator_environment(stack: Stack) -> dict[str, str]:
    """Give what tells the command `practio` where the stack is."""
    return {
        "PRACTIO_BROKER_URL": stack.target.broker_url,
        "PRACTIO_MANAGEMENT_URL": stack.target.management_url,
        "PRACTIO_DATABASE_URL": stack.target.database_url,
        "PRACTIO_PUBLISHER_URL": stack.outside_url,
    }


async def practio(stack: Stack, *arguments: str, exits: int = 0, **variables: str) -> str:
    """Run `practio` against the stack, or where ``variables`` say, and give its output.

    Fails where it does not exit with ``exits``.
    """
    process = await practio_begun(stack, *arguments, stdin=None, **variables)
    output, complaint = await process.communicate()
    told = output.decode() + complaint.decode()
    assert process.returncode == exits, f"practio {' '.join(arguments)}: {process.returncode}\n{told}"
    return output.decode()


async def practio_begun(stack: Stack, *arguments: str, stdin: int | None = None, **variables: str) -> Process:
    """Start `practio` as ``practio`` does, and give its process; what is typed comes from ``stdin``."""
    return await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("practio")),
        *arguments,
        env=os.environ | operator_environment(stack) | variables,
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
