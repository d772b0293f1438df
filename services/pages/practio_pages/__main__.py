"""``python -m practio_pages serve``."""

import argparse

from practio_chassis.cli import read_settings, run
from practio_chassis.telemetry.log import configure
from practio_chassis.telemetry.tracing import trace_to
from practio_pages.app import serve
from practio_pages.settings import Settings


def main() -> None:
    """Serve until a signal arrives; print one sentence and exit non-zero if a setting or the port is faulty."""
    parser = argparse.ArgumentParser(
        prog="python -m practio_pages",
        description="Practio's pages. Settings are environment variables that start with PRACTIO_.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", help="serve the pages until stopped")
    parser.parse_args()
    settings = read_settings(Settings)
    configure(service="pages", level=settings.log_level)
    trace_to(settings.otlp_endpoint, service="pages")
    run(serve(settings))


main()
