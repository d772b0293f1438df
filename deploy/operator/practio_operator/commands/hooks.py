"""`practio hooks`: the process that posts events by HTTPS, which the image of the gateway has too, without the rest."""

import os
import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from practio_operator.console.errors import OperatorError, UsageError

GATEWAY = "practio_gateway"


def hooks(
    replay: Annotated[
        str | None, typer.Option(metavar="HOOK", help="Only post the dead letters of a hook; those not taken stay.")
    ] = None,
    trial: Annotated[bool, typer.Option("--trial", help="With --replay: only list them, with the reasons.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --replay: print one JSON object a line.")] = False,
) -> None:
    """Post the events of accounts by HTTPS until stopped, with Standard Webhooks signatures.

    PRACTIO_HOOKS names the file that lists the hooks; PRACTIO_HTTP_PORT is the port for health and metrics. The command
    needs no database and no administrator. It is the same as in the image practio-gateway, which is made to run it.

    Example: PRACTIO_HOOKS=hooks.toml practio hooks --replay intranet --trial
    """
    if replay is None and (trial or as_json):
        raise UsageError("--trial and --json are about dead letters: name a hook with --replay.")
    if find_spec(GATEWAY) is None:
        raise OperatorError("Hooks are not installed here: run them in the image practio-gateway.")
    options = [*(["--replay", replay] if replay else []), *(["--trial"] * trial), *(["--json"] * as_json)]
    os.execv(sys.executable, [sys.executable, "-m", GATEWAY, "hooks", *options])
