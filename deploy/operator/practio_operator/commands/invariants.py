"""`practio invariants`: whether all holds that must always hold."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn
from rich.text import Text

from practio_operator.console import complaints, console, show_table
from practio_operator.errors import NotCheckedError, OperatorError
from practio_operator.invariants import CHECKS, Check, Finding, Looked, look
from practio_operator.targets import administered

MOST_SHOWN = 20
"""How many findings of a check are printed; `--json` gives all."""


def invariants(
    wait: Annotated[
        float,
        typer.Option(
            min=0, metavar="SECONDS", help="How long what may be on its way between the services has to arrive."
        ),
    ] = 10.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with all that was found.")] = False,
) -> None:
    """Check what must always hold: seats, queues, history and timers, and that rooms and membership agree.

    It reads the tables of rooms and membership while the services work, and changes nothing. For each check it says
    whether it holds, else in which rooms it does not, and what to do. A million memberships take about 20 seconds.

    An event takes a moment from one service to the other, so does a timer that goes off, or a long line that is served.
    Where that alone keeps something from holding, it is broken only if nothing has moved for --wait seconds.

    Exits with 0 where all holds, with 1 where something is broken, and with 2 where it could not be checked: no
    database, no right to read, or schemas of another release.

    Example: practio invariants --json | jq '.checks[] | select(.holds | not)'
    """
    try:
        looked = asyncio.run(_looked(wait))
    except OperatorError as error:
        raise NotCheckedError(str(error)) from error
    if as_json:
        console.print_json(data=_told(looked))
    else:
        _show(looked)
    if any(looked.values()):
        raise typer.Exit(1)


async def _looked(wait_seconds: float) -> Looked:
    target = administered()
    columns = (SpinnerColumn(), *Progress.get_default_columns()[:2])
    with Progress(*columns, console=complaints, transient=True, disable=not complaints.is_terminal) as progress:
        task = progress.add_task("", total=len(CHECKS))

        def begin(check: Check) -> None:
            progress.update(task, description=check.promise, completed=CHECKS.index(check))

        return await look(target, wait_seconds=wait_seconds, begin=begin)


def _told(looked: Looked) -> dict[str, Any]:
    checks = [
        {
            "name": check.name,
            "promise": check.promise,
            "holds": not findings,
            "count": len(findings),
            "remedy": check.remedy if findings else None,
            "findings": [_finding(each) for each in findings],
        }
        for check, findings in looked.items()
    ]
    return {"holds": not any(looked.values()), "checks": checks}


def _finding(finding: Finding) -> dict[str, str | None]:
    person = str(finding.person_id) if finding.person_id else None
    return {"room_id": str(finding.room_id), "person_id": person, "detail": finding.detail}


def _show(looked: Looked) -> None:
    show_table(
        ("check", "what must hold", "state"),
        ((check.name, check.promise, _state(findings)) for check, findings in looked.items()),
    )
    for check, findings in looked.items():
        if findings:
            _show_broken(check, findings)


def _show_broken(check: Check, findings: Sequence[Finding]) -> None:
    console.print(f"\n[red]{check.name}[/red]: {len(findings)} found")
    for finding in findings[:MOST_SHOWN]:
        person = f"  person {finding.person_id}" if finding.person_id else ""
        console.print(f"  room {finding.room_id}{person}  {finding.detail}", markup=False)
    if len(findings) > MOST_SHOWN:
        console.print(f"  … and {len(findings) - MOST_SHOWN} more: --json gives all")
    console.print(check.remedy, markup=False)


def _state(findings: Sequence[Finding]) -> Text:
    return Text(f"broken in {_rooms(findings)}", style="red") if findings else Text("OK", style="green")


def _rooms(findings: Sequence[Finding]) -> str:
    count = len({finding.room_id for finding in findings})
    return "1 room" if count == 1 else f"{count} rooms"
