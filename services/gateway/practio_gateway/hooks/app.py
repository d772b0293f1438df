"""The process that posts events: all hooks side by side, and its health."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route

from practio_chassis.telemetry.health import release_of, routes
from practio_chassis.web.http_server import listen, serve_until_stopped
from practio_gateway.hooks.consuming import RunningHook
from practio_gateway.hooks.settings import HookSettings


async def readiness(hooks: Sequence[RunningHook]) -> dict[str, Any]:
    """Return whether every hook reads its queue; ``faults`` names those that do not, with the reason."""
    faults = {each.hook.name: each.fault for each in hooks if each.fault}
    return {"faults": faults, "ready": not faults, "version": release_of("gateway")}


def make_app(hooks: Sequence[RunningHook]) -> Starlette:
    """Build the process: its hooks run for as long as it does, and finish what they have begun."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        running = [asyncio.create_task(each.run()) for each in hooks]
        yield
        for each in hooks:
            each.stop()
        await asyncio.gather(*running)

    health = routes(partial(readiness, hooks))
    return Starlette(routes=[Route(path, answering) for path, answering in health], lifespan=lifespan)


async def serve_hooks(settings: HookSettings) -> None:
    """Post events until SIGTERM or SIGINT; raise CannotListenError."""
    listening = listen(settings.http_host, settings.http_port)
    app = make_app([RunningHook(each) for each in settings.listed])
    await serve_until_stopped(app, listening, proxies="127.0.0.1")
