"""The process of a service: its HTTP server beside its work, until SIGTERM or SIGINT."""

import asyncio
from dataclasses import asdict
from typing import Any

import uvicorn
from faststream.asgi import AsgiFastStream
from faststream.specification import AsyncAPI

from practio_chassis.app import App
from practio_chassis.http_server import Server, listen
from practio_chassis.service import Service
from practio_chassis.settings import Settings
from practio_chassis.stopping import stop_requested
from practio_chassis.telemetry.health import routes


async def serve(service: Service, settings: Settings) -> None:
    """Run ``service`` and its HTTP server until SIGTERM or SIGINT; raise CannotListenError."""
    listening = listen(settings.http_host, settings.http_port)
    stop = stop_requested()
    app = App(service, settings)

    async def readiness() -> dict[str, Any]:
        return asdict(await app.conditions.readiness())

    http_app = AsgiFastStream(
        app.subscriptions.broker,
        asgi_routes=routes(readiness),
        asyncapi_path="/docs/asyncapi",
        specification=AsyncAPI(title=f"Practio {service.name}"),
        logger=None,
    )
    server = Server(uvicorn.Config(http_app, lifespan="off", log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    running = asyncio.create_task(app.run(stop))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        await asyncio.wait({running}, timeout=settings.graceful_timeout + 5)
    server.should_exit = True
    await serving
    if running.done():
        running.result()
    running.cancel()
