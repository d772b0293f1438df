"""``python -m practio_gateway serve``, ``hooks`` and ``replay``."""

import argparse
import sys
from collections.abc import Coroutine
from typing import Any

import uvloop

from practio_chassis.cli import read_settings, stop_with
from practio_chassis.telemetry.log import configure
from practio_contracts.broker_errors import LOST
from practio_contracts.connection import UnreachableError
from practio_gateway.app import serve
from practio_gateway.hooks.app import serve_hooks
from practio_gateway.hooks.hook import Hook
from practio_gateway.hooks.replaying import replay
from practio_gateway.hooks.settings import HookSettings
from practio_gateway.settings import Settings


def main() -> None:
    """Run a command; print one sentence and exit non-zero if a setting, the port or the broker is faulty."""
    wanted = _parser().parse_args()
    if wanted.command == "serve":
        settings = read_settings(Settings)
        configure(service="gateway", level=settings.log_level)
        _listen(serve(settings), settings)
        return
    hook_settings = read_settings(HookSettings)
    configure(service="hooks", level="error" if wanted.command == "replay" else hook_settings.log_level)
    if wanted.command == "hooks":
        _listen(serve_hooks(hook_settings), hook_settings)
        return
    hook = next((each for each in hook_settings.listed if each.name == wanted.hook), None)
    if hook is None:
        stop_with(f"no hook is called {wanted.hook}: {', '.join(each.name for each in hook_settings.listed)}")
    try:
        left = uvloop.run(_replay(hook, trial=wanted.trial))
    except (UnreachableError, *LOST) as error:
        stop_with(f"the dead letters of {hook.name} cannot be read: {error}")
    sys.exit(1 if left else 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m practio_gateway",
        description="Practio for systems without AMQP. Settings are environment variables that start with PRACTIO_.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", help="take commands, queries and people over HTTP until stopped")
    commands.add_parser(
        "hooks", help="post events by HTTPS until stopped, to the hooks that the file PRACTIO_HOOKS lists"
    )
    again = commands.add_parser("replay", help="post the dead letters of a hook once more; those not taken stay")
    again.add_argument("hook", help="the hook's name in the file")
    again.add_argument("--trial", action="store_true", help="only list them, with the reasons")
    return parser


def _listen(serving: Coroutine[Any, Any, None], settings: Settings | HookSettings) -> None:
    try:
        uvloop.run(serving)
    except OSError as error:
        stop_with(f"cannot listen on {settings.http_host}:{settings.http_port}: {error.strerror or error}")


async def _replay(hook: Hook, *, trial: bool) -> int:
    """Print what became of each dead letter; return how many were not taken."""
    left = 0
    async for each in replay(hook, trial=trial):
        print(each.head.id, each.head.type, each.head.subject, "delivered" if each.taken else each.reason)
        left += not each.taken and not trial
    return left


main()
