"""The examples of the gateway's README run unchanged, against the real stack."""

import json
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from tests.support.clients.actions import a_published_room
from tests.support.clients.commands import new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.stack.gateways import a_gateway
from tests.support.stack.running import RunningStack
from tests.system.test_handbook import run

from practio_operator.provisioning.accounts import add_publisher, remove_publisher

README = Path(__file__).parents[2] / "services" / "gateway" / "README.md"

GOOGLE = """
const sheet = %s;
const PropertiesService = { getScriptProperties: () => ({ getProperty: (name) => process.env["PRACTIO_" + name] }) };
const Utilities = {
  base64Encode: (text) => Buffer.from(text).toString("base64"),
  getUuid: () => require("node:crypto").randomUUID(),
};
const SpreadsheetApp = { getActiveSheet: () => ({
  getDataRange: () => ({ getValues: () => sheet.map((row) => [...row]) }),
  getRange: (row, column) => ({ setValue: (value) => { sheet[row - 1][column - 1] = value; } }),
}) };
const UrlFetchApp = { fetch: (url, { method, contentType, headers, payload }) => {
  const sent = Object.entries({ ...headers, "Content-Type": contentType });
  const lines = sent.map(([name, value]) => `header = "${name}: ${value}"`);
  const input = [...lines, `request = "${method.toUpperCase()}"`].join("\\n");
  const call = ["--silent", "--config", "-", "--data-binary", payload, "--write-out", "\\n%%{http_code}", url];
  const printed = require("node:child_process").execFileSync("curl", call, { input }).toString();
  const end = printed.lastIndexOf("\\n");
  return { getContentText: () => printed.slice(0, end), getResponseCode: () => Number(printed.slice(end + 1)) };
} };
"""


def program(language: str) -> str:
    """Return the one program of the README in a language."""
    [found] = re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


@pytest_asyncio.fixture
async def environment(stack: RunningStack, outside: OutsideSystem, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """Yield the environment of the programs: a gateway, an account with its grants, and a room to join."""
    account, password = f"intranet-{secrets.token_hex(4)}", secrets.token_hex(8)
    await add_publisher(stack.target, account, password, may=["membership.*", "people.*"], listen=[])
    room = await a_published_room(outside, policy="open")
    async with a_gateway(stack, tmp_path) as gateway:
        yield {
            "PRACTIO_GATEWAY_URL": gateway.url,
            "PRACTIO_GATEWAY": gateway.url,
            "PRACTIO_ACCOUNT": account,
            "PRACTIO_PASSWORD": password,
            "PRACTIO_ROOM": room.room_id,
        }
    await remove_publisher(stack.target, account)


def needs(*programs: str) -> None:
    for each in programs:
        if not shutil.which(each):
            pytest.skip(f"the example was not run: {each} is missing (Debian package {each})")


async def printed_by(*command: str, folder: Path, environment: Mapping[str, str]) -> str:
    code, printed = await run(*command, folder=folder, environment=environment)
    assert code == 0, printed
    return printed


async def test_the_example_with_curl(environment: dict[str, str], tmp_path: Path) -> None:
    needs("curl")
    printed = await printed_by("bash", "-euc", program("bash"), folder=tmp_path, environment=environment)
    confirmed, joined, found = map(json.loads, printed.splitlines())
    assert confirmed == {"confirmed": True}
    assert joined["state"]["status"] == found["result"]["membership"]["status"] == "joined"


async def test_the_example_with_php(environment: dict[str, str], tmp_path: Path) -> None:
    needs("php")
    code, printed = await run("php", "-r", "exit(extension_loaded('curl') ? 0 : 1);", folder=tmp_path)
    if code:
        pytest.skip(f"the example was not run: PHP has no curl (Debian package php-curl) {printed}")
    (tmp_path / "join.php").write_text(program("php"), encoding="utf-8")
    printed = await printed_by("php", "join.php", folder=tmp_path, environment=environment)
    assert printed == f"accepted: joined in {environment['PRACTIO_ROOM']}\n"


async def test_the_example_of_a_spreadsheet_run_twice_joins_once(environment: dict[str, str], tmp_path: Path) -> None:
    needs("node", "curl")
    rows = [[new_id(), environment["PRACTIO_ROOM"], "", ""], [new_id(), new_id(), "", ""]]
    twice = "requestToJoin(); const once = JSON.stringify(sheet); requestToJoin();"
    shown = "console.log(once); console.log(JSON.stringify(sheet));"
    script = "\n".join((GOOGLE % json.dumps(rows), program("javascript"), twice, shown))
    (tmp_path / "sheet.js").write_text(script, encoding="utf-8")
    printed = await printed_by("node", "sheet.js", folder=tmp_path, environment=environment)
    first, second = map(json.loads, printed.splitlines())
    assert first[0][2] == "200 joined"
    assert first[1][2].startswith("409 ")
    assert second[0] == first[0]
    assert second[1][3] != first[1][3]
