"""The command line of ``python -m practio_<service>``: serve, migrate, migration."""

import argparse
import asyncio
import sys
from collections.abc import Coroutine
from dataclasses import asdict
from typing import Any, NoReturn, TypeVar

import uvicorn
from faststream.asgi import AsgiFastStream
from faststream.specification import AsyncAPI
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings
from sqlalchemy.exc import SQLAlchemyError

from practio_chassis.app import App
from practio_chassis.environment.env import FileSettingError
from practio_chassis.process import event_loop
from practio_chassis.process.stopping import stop_requested
from practio_chassis.service import Service
from practio_chassis.settings import UNSAFE, MigrationSettings, Settings
from practio_chassis.telemetry.health import routes
from practio_chassis.telemetry.log import configure, failure, logger
from practio_chassis.telemetry.tracing import trace_to
from practio_chassis.web.http_server import CannotListenError, Server, listen

S = TypeVar("S", bound=BaseSettings)


def main(service: Service, settings: type[Settings] = Settings) -> None:
    """Run the command line; a fault in settings or servers is one sentence and a non-zero exit."""
    wanted = _parser(service.name).parse_args()
    if wanted.command == "serve":
        _serve(service, read_settings(settings))
        return
    from practio_chassis.database import migrations  # Alembic takes 11 MiB, which a running service does without

    migration_settings = read_settings(MigrationSettings)
    configure(service=service.name, level=migration_settings.log_level)
    try:
        if wanted.command == "migrate":
            migrations.upgrade(service, migration_settings.database_url)
        else:
            migrations.revise(service, migration_settings.database_url, wanted.message)
    except (SQLAlchemyError, OSError) as error:
        stop_with(f"the database did not take the migration: {_first_line(error)}")


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m practio_{name}",
        description=f"The service {name} of Practio. Settings are environment variables that start with PRACTIO_.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", help="consume messages until stopped (needs the work role's database URL)")
    commands.add_parser("migrate", help="bring the schema to the newest version (needs the owner's database URL)")
    migration = commands.add_parser("migration", help="write a migration for tables changed in the code")
    migration.add_argument("message", help="what the migration does, in a few words")
    return parser


def _serve(service: Service, settings: Settings) -> None:
    configure(service=service.name, level=settings.log_level)
    trace_to(settings.otlp_endpoint, service=service.name)
    run(_run_until_stopped(service, settings))


async def _run_until_stopped(service: Service, settings: Settings) -> None:
    """Run a service with its HTTP server beside it until SIGTERM or SIGINT; raise CannotListenError."""
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


def run(process: Coroutine[Any, Any, None]) -> None:
    """Run a process until it is stopped. If it cannot listen, or a part of it fails, exit with 1 and say why."""
    try:
        event_loop.run(process)
    except CannotListenError as error:
        stop_with(str(error))
    except Exception as error:  # the last resort: whatever ends a service is logged without the values in it
        logger(__name__).critical("the service stops: a part of it failed", **failure(_innermost(error)))
        sys.exit(1)


def read_settings(settings: type[S]) -> S:
    """Return the settings from the environment; if they are wrong, missing or unsafe, exit with one sentence."""
    try:
        return settings()
    except FileSettingError as error:
        stop_with(str(error))
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        if unsafe := [fault["msg"] for fault in faults if fault["type"] == UNSAFE]:
            stop_with(f"settings are not safe for production: {'; '.join(unsafe)}")
        stop_with(f"settings are wrong or missing: {'; '.join(map(_fault, faults))}")


def _fault(fault: ErrorDetails) -> str:
    name = "_".join(str(step) for step in fault["loc"]).upper()
    return f"PRACTIO_{name}: {fault['msg'].removeprefix('Value error, ')}"


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def stop_with(sentence: str) -> NoReturn:
    """Exit with a sentence on standard error."""
    print(f"practio: {sentence}", file=sys.stderr)
    sys.exit(1)
