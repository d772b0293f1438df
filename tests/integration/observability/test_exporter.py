"""RabbitMQ's own exporter has the metrics of rules and dashboard, under these names."""

import aio_pika
import httpx
import pytest
from tests.support.eventually import eventually
from tests.support.stack.exporter import exporting
from tests.support.stack.processes import ManagedProcess
from tests.support.stack.servers import Servers
from tests.unit.observability.files import FOLDER
from tests.unit.observability.test_metrics import OF_RABBITMQ
from yaml import safe_load

from practio_operator.execution.http import NO_AUTHORITIES

pytestmark = pytest.mark.thorough


async def test_the_exporter_has_every_metric_that_is_queried(servers: Servers) -> None:
    broker = servers.broker.lifecycle
    if not isinstance(broker, ManagedProcess):
        pytest.skip("the exporter is switched on in a private RabbitMQ alone (PRACTIO_BACKING=native)")
    port = await exporting(broker)
    [job] = [
        each
        for each in safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]
        if each["job_name"] == "rabbitmq"
    ]

    async def exposition() -> str:
        async with httpx.AsyncClient(verify=NO_AUTHORITIES, trust_env=False) as client:
            try:
                answer = await client.get(f"http://127.0.0.1:{port}{job['metrics_path']}", params=job["params"])
            except httpx.HTTPError:
                return ""
        return answer.text if all(f"\n{name}{{" in answer.text for name in OF_RABBITMQ) else ""

    async with await aio_pika.connect(servers.urls.broker_url) as connection:
        queue = await (await connection.channel()).declare_queue("asked.for.dead", exclusive=True)
        exported = await eventually(exposition, within=30, message="what rules and dashboard ask for")
    assert f'queue="{queue.name}"' in exported
