"""RabbitMQ's own exporter says what rules and dashboard ask of it, under these names."""

import asyncio
from pathlib import Path

import aio_pika
import httpx
import pytest
from tests.support.eventually import eventually
from tests.support.keeper import Kept
from tests.support.servers import Servers
from tests.unit.observability.files import FOLDER
from tests.unit.observability.test_metrics import OF_RABBITMQ
from yaml import safe_load

from practio_operator.local.ports import free_ports

SETTING = 'application:set_env(rabbitmq_prometheus, tcp_config, [{{port, {port}}}, {{ip, "127.0.0.1"}}]).'


async def run(broker: Kept, tool: str, *arguments: str) -> None:
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
    told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()


async def test_the_exporter_has_what_is_asked_of_it(servers: Servers) -> None:
    broker = servers.broker.power
    if not isinstance(broker, Kept):
        pytest.skip("the exporter is switched on in a private RabbitMQ alone (PRACTIO_BACKING=native)")
    [port] = free_ports(1)
    await run(broker, "rabbitmqctl", "eval", SETTING.format(port=port))
    await run(broker, "rabbitmq-plugins", "enable", "rabbitmq_prometheus")
    [job] = [
        each
        for each in safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]
        if each["job_name"] == "rabbitmq"
    ]

    async def told() -> str:
        async with httpx.AsyncClient(trust_env=False) as client:
            try:
                answer = await client.get(f"http://127.0.0.1:{port}{job['metrics_path']}", params=job["params"])
            except httpx.HTTPError:
                return ""
        return answer.text if all(f"\n{name}{{" in answer.text for name in OF_RABBITMQ) else ""

    async with await aio_pika.connect(servers.urls.broker_url) as connection:
        queue = await (await connection.channel()).declare_queue("asked.for.dead", exclusive=True)
        exported = await eventually(told, within=30, saying="what rules and dashboard ask for")
    assert f'queue="{queue.name}"' in exported
