"""The campaign itself runs: a few faults and a few fuzzed messages, on servers of its own."""

import asyncio
import sys
from pathlib import Path

import pytest

from practio_operator.stack.binaries import find_postgres, find_rabbitmq

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not (find_postgres() and find_rabbitmq()), reason="it needs the servers' own programs"),
]

ROOT = Path(__file__).parents[2]


async def test_a_few_faults_are_survived() -> None:
    printed = await campaign("faults", "--seed", "1224", "--faults", "3", "--kinds", "service killed,mail server gone")
    assert "3 faults, 1 looks at the books" in printed


async def test_a_few_fuzzed_messages_come_to_an_end() -> None:
    printed = await campaign("fuzz", "--seed", "7", "--messages", "60", "--chunk", "60")
    assert "60 fuzzed messages" in printed


async def campaign(*arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.campaign",
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    printed = output.decode()
    assert process.returncode == 0, printed
    return printed
