"""The programs of the handbook (contracts/README.md) do what it says."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest
from tests.integration.contracts.switchboard import Switchboard, an_echo

HANDBOOK = Path(__file__).parents[3] / "contracts" / "README.md"
PROGRAMS = [
    block
    for block in re.findall(r"```python\n(.*?)```", HANDBOOK.read_text(encoding="utf-8"), re.DOTALL)
    if "asyncio.run(" in block
]
SAYS = ["practio.membership.command-accepted.v1", "accepted {'room_id': "]


async def run(program: str, url: str) -> tuple[int | None, str]:
    """Give the exit code and everything that ``program`` prints, speaking with the account of ``url``."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program),
        env=os.environ | {"PRACTIO_PUBLISHER_URL": url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, printed.decode()


@pytest.mark.parametrize(("program", "says"), list(zip(PROGRAMS, SAYS, strict=True)))
async def test_a_program_of_the_handbook_gets_its_answer(program: str, says: str, board: Switchboard) -> None:
    async with an_echo(board) as echo:
        code, printed = await run(program, board.outside_url)
    assert code == 0, printed
    assert says in printed
    assert "people.person-registered.v1" in {message.routing_key for message in echo.heard}
