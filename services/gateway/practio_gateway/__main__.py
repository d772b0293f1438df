"""``python -m practio_gateway serve`` and ``hooks``; in the image, the command ``practio``."""

import argparse
import json
import sys

from practio_chassis.cli import read_settings, run, stop_with
from practio_chassis.process import event_loop
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
        run(serve(settings))
        return
    hook_settings = read_settings(HookSettings)
    configure(service="hooks", level="error" if wanted.replay else hook_settings.log_level)
    if wanted.replay is None:
        run(serve_hooks(hook_settings))
        return
    hook = next((each for each in hook_settings.listed if each.name == wanted.replay), None)
    if hook is None:
        stop_with(f"no hook is called {wanted.replay}: {', '.join(each.name for each in hook_settings.listed)}")
    try:
        left = event_loop.run(_replay(hook, trial=wanted.trial, as_json=wanted.json))
    except (UnreachableError, *LOST) as error:
        stop_with(f"the dead letters of {hook.name} cannot be read: {error}")
    sys.exit(1 if left else 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="practio",
        description="Practio for systems without AMQP. Settings are environment variables that start with PRACTIO_.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", help="take commands, queries and people over HTTP until stopped")
    hooks = commands.add_parser(
        "hooks", help="post events by HTTPS until stopped, to the hooks that the file PRACTIO_HOOKS lists"
    )
    hooks.add_argument("--replay", metavar="HOOK", help="only post the dead letters of a hook; those not taken stay")
    hooks.add_argument("--trial", action="store_true", help="with --replay: only list them, with the reasons")
    hooks.add_argument("--json", action="store_true", help="with --replay: print one JSON object a line")
    return parser


async def _replay(hook: Hook, *, trial: bool, as_json: bool) -> int:
    """Print what became of each dead letter; return how many were not taken."""
    left = 0
    async for each in replay(hook, trial=trial):
        found = {"id": each.head.id, "type": each.head.type, "subject": each.head.subject}
        outcome = "delivered" if each.taken else each.reason
        print(json.dumps(found | {"outcome": outcome}) if as_json else " ".join((*found.values(), outcome)))
        left += not each.taken and not trial
    return left


main()
