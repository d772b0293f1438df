"""``python -m practio_gateway serve``."""

import argparse

import uvloop

from practio_chassis.cli import read_settings, stop_with
from practio_chassis.telemetry.log import configure
from practio_gateway.app import serve
from practio_gateway.settings import Settings


def main() -> None:
    """Serve until a signal arrives; print one sentence and exit non-zero if a setting or the port is faulty."""
    parser = argparse.ArgumentParser(
        prog="python -m practio_gateway",
        description="Practio for systems without AMQP. Settings are environment variables that start with PRACTIO_.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", help="take commands, queries and people over HTTP until stopped")
    parser.parse_args()
    settings = read_settings(Settings)
    configure(service="gateway", level=settings.log_level)
    try:
        uvloop.run(serve(settings))
    except OSError as error:
        stop_with(f"cannot listen on {settings.http_host}:{settings.http_port}: {error.strerror or error}")


main()
