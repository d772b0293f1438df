"""RabbitMQ's own tool on the broker of a test run: limits, alarms and timeouts changed while it runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.support.stack.containers import Container
from tests.support.stack.processes import ManagedProcess
from tests.support.stack.servers import Servers


async def rabbitmqctl(servers: Servers, *arguments: str) -> str:
    """Run the tool as the account of the server, and give its output; skip the test if the broker is not ours."""
    match servers.broker.lifecycle:
        case ManagedProcess() as broker:
            return await _beside(broker, *arguments)
        case Container() as broker:
            return await asyncio.to_thread(_inside, broker, *arguments)
    pytest.skip("this broker is not ours to change")


async def evaluate(servers: Servers, expression: str) -> str:
    """Evaluate Erlang in the broker."""
    return await rabbitmqctl(servers, "eval", f"{expression}.")


@asynccontextmanager
async def broker_setting(servers: Servers, name: str, value: str) -> AsyncIterator[None]:
    """Change a setting of RabbitMQ that new channels read, for as long as the context lasts."""
    before = await evaluate(servers, f"{{ok, V}} = application:get_env(rabbit, {name}), V")
    await _set(servers, name, value)
    try:
        yield
    finally:
        await _set(servers, name, before)


async def _set(servers: Servers, name: str, value: str) -> None:
    """RabbitMQ 4 keeps a copy of some settings where channels read them faster."""
    copy = f"case persistent_term:get({name}, none) of none -> ok; _ -> persistent_term:put({name}, {value}) end"
    await evaluate(servers, f"application:set_env(rabbit, {name}, {value}), {copy}")


async def _beside(broker: ManagedProcess, *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        str(Path(broker.command[0]).with_name("rabbitmqctl")),
        "--quiet",
        *arguments,
        env=broker.environment,
        cwd=broker.folder,
        user=broker.user,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode().strip()


def _inside(broker: Container, *arguments: str) -> str:
    code, output = broker.container.get_wrapped_container().exec_run(["rabbitmqctl", "--quiet", *arguments])
    assert code == 0, output.decode()
    return str(output.decode().strip())
