"""RabbitMQ's own exporter, switched on in the private server of a test run."""

import asyncio
from pathlib import Path

from tests.support.stack.processes import ManagedProcess

from practio_operator.stack.ports import free_ports

PLUGIN = "rabbitmq_prometheus"
SETTING = f'application:set_env({PLUGIN}, tcp_config, [{{{{port, {{port}}}}}}, {{{{ip, "127.0.0.1"}}}}]).'


async def exporting(broker: ManagedProcess) -> int:
    """Switch the exporter on, or on again, and return the port of the loopback address that it answers at."""
    [port] = free_ports(1)
    await _run(broker, "rabbitmq-plugins", "disable", PLUGIN)
    await _run(broker, "rabbitmqctl", "eval", SETTING.format(port=port))
    await _run(broker, "rabbitmq-plugins", "enable", PLUGIN)
    return port


async def _run(broker: ManagedProcess, tool: str, *arguments: str) -> None:
    """Run one of RabbitMQ's own tools as the account that the server runs as."""
    process = await asyncio.create_subprocess_exec(
        str(Path(broker.command[0]).with_name(tool)),
        *arguments,
        env=broker.environment,
        cwd=broker.folder,
        user=broker.user,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
