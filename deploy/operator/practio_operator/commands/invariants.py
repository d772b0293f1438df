"""`practio invariants`: whether every condition holds that must always hold."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn
from rich.text import Text

from practio_operator.console.errors import NotCheckedError, OperatorError
from practio_operator.console.output import console, error_console, show_table
from practio_operator.invariants import CHECKS, Check, Finding, Findings, run_checks
from practio_operator.targets.addresses import administrator_target

MOST_SHOWN = 20
"""The number of findings printed per check; `--json` lists all."""


def invariants(
    wait: Annotated[
        float,
        typer.Option(
            min=0, metavar="SECONDS", help="How long to wait for messages that are on their way between the services."
        ),
    ] = 10.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with all findings.")] = False,
) -> None:
    """Check what must always hold: seats, waitlists, history, timers, and that rooms and membership agree.

    The command reads the tables of rooms and membership while the services run, and changes nothing. For each check it
    prints whether it holds; if not, it prints the rooms concerned and what to do. A million memberships take about 20
    seconds.

    An event takes a moment from one service to the other. So does a timer that goes off, or the promotion of many
    people from a waitlist. A check that such a delay can break is reported only if nothing moves for --wait seconds.

    Exit codes: 0 if everything holds, 1 if something is broken, 2 if the checks could not run: no database, no right
    to read, or schemas of another release.

    Example: practio invariants --json | jq '.checks[] | select(.holds | not)'
    """
    try:
        findings = asyncio.run(_run(wait))
    except OperatorError as error:
        raise NotCheckedError(str(error)) from error
    if as_json:
        console.print_json(data=_as_json(findings))
    else:
        _show(findings)
    if any(findings.values()):
        raise typer.Exit(1)


async def _run(wait_seconds: float) -> Findings:
    target = administrator_target()
    columns = (SpinnerColumn(), *Progress.get_default_columns()[:2])
    with Progress(*columns, console=error_console, transient=True, disable=not error_console.is_terminal) as progress:
        task = progress.add_task("", total=len(CHECKS))

        def on_check(check: Check) -> None:
            progress.update(task, description=check.promise, completed=CHECKS.index(check))

        return await run_checks(target, wait_seconds=wait_seconds, on_check=on_check)


def _as_json(by_check: Findings) -> dict[str, Any]:
    checks = [
        {
            "name": check.name,
            "promise": check.promise,
            "holds": not findings,
            "count": len(findings),
            "remedy": check.remedy if findings else None,
            "findings": [_finding(each) for each in findings],
        }
        for check, findings in by_check.items()
    ]
    return {"holds": not any(by_check.values()), "checks": checks}


def _finding(finding: Finding) -> dict[str, str | None]:
    person = str(finding.person_id) if finding.person_id else None
    return {"room_id": str(finding.room_id), "person_id": person, "detail": finding.detail}


def _show(by_check: Findings) -> None:
    show_table(
        ("check", "what must hold", "state"),
        ((check.name, check.promise, _state(findings)) for check, findings in by_check.items()),
    )
    for check, findings in by_check.items():
        if findings:
            _show_broken(check, findings)


def _show_broken(check: Check, findings: Sequence[Finding]) -> None:
    console.print(f"\n[red]{check.name}[/red]: {len(findings)} found")
    for finding in findings[:MOST_SHOWN]:
        person = f"  person {finding.person_id}" if finding.person_id else ""
        console.print(f"  room {finding.room_id}{person}  {finding.detail}", markup=False)
    if len(findings) > MOST_SHOWN:
        console.print(f"  … and {len(findings) - MOST_SHOWN} more: --json lists all")
    console.print(check.remedy, markup=False)


def _state(findings: Sequence[Finding]) -> Text:
    return Text(f"broken in {_rooms(findings)}", style="red") if findings else Text("OK", style="green")


def _rooms(findings: Sequence[Finding]) -> str:
    count = len({finding.room_id for finding in findings})
    return "1 room" if count == 1 else f"{count} rooms"
