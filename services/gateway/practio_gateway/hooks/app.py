"""The process that posts events: all hooks side by side, and its health."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from practio_chassis.http_server import listen, serve_until_stopped
from practio_chassis.telemetry.health import release_of
from practio_gateway.health import livez, metrics
from practio_gateway.hooks.consuming import RunningHook
from practio_gateway.hooks.settings import HookSettings


async def readyz(request: Request) -> Response:
    """Answer whether every hook reads its queue; ``faults`` names those that do not, with the reason."""
    hooks: Sequence[RunningHook] = request.app.state.hooks
    faults = {each.hook.name: each.fault for each in hooks if each.fault}
    found = {"faults": faults, "ready": not faults, "version": release_of("gateway")}
    return JSONResponse(found, 503 if faults else 200)


def make_app(hooks: Sequence[RunningHook]) -> Starlette:
    """Build the process: its hooks run for as long as it does, and finish what they have begun."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        running = [asyncio.create_task(each.run()) for each in hooks]
        yield
        for each in hooks:
            each.stop()
        await asyncio.gather(*running)

    app = Starlette(
        routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)], lifespan=lifespan
    )
    app.state.hooks = hooks
    return app


async def serve_hooks(settings: HookSettings) -> None:
    """Post events until SIGTERM or SIGINT; raise CannotListenError."""
    listening = listen(settings.http_host, settings.http_port)
    app = make_app([RunningHook(each) for each in settings.listed])
    await serve_until_stopped(app, listening, proxies="127.0.0.1")
