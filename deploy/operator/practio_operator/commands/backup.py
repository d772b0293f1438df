"""`practio backup` and `practio restore`."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from practio_chassis.database.urls import with_attributes
from practio_operator.backup import (
    BROKER,
    PARTS,
    Manifest,
    Programs,
    RestorationPlan,
    create_backup,
    plan_restore,
    restore,
)
from practio_operator.console.errors import UsageError
from practio_operator.console.output import console, error_console
from practio_operator.execution.interrupts import run
from practio_operator.provisioning.target import ProvisionTarget
from practio_operator.targets.addresses import administrator_target

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of this backup.")]
Inside = Annotated[
    str | None,
    typer.Option(metavar="CONTAINER", help="Run PostgreSQL's programs in this container, the database's."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

UNCHANGED = "the schemas are unchanged, unless the restore had just ended: run it again"


def backup(
    folder: Folder,
    inside: Inside = None,
    standby: Annotated[
        bool, typer.Option("--standby", help="Read from a standby of the database, which spares the primary.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Back up the three schemas and the broker's definitions to a folder, while the services run.

    All schemas are backed up at the same instant, each as a file in PostgreSQL's custom format. The manifest is written
    last; it states the instant, the release and the checksums. The folder contains names, addresses and password
    hashes: keep it safe. Messages in the broker's queues are not backed up; events that the broker has not confirmed
    are in the outboxes.

    The command needs PRACTIO_BROKER_URL and PRACTIO_DATABASE_URL with administrator's rights, or a stack that runs
    here. It also needs pg_dump of the server's version (for a restore: pg_restore and psql).

    Exit codes: 0 if the backup is complete, otherwise 1; then no file is left in the folder.

    Example: practio backup /var/backups/practio/$(date +%F) --inside practio-database-1
    """
    target = administrator_target()
    programs = Programs(_on_standby(target) if standby else target, inside)
    manifest = run(create_backup(programs, folder, on_part=_announce("Backing up")), f"there is no backup in {folder}")
    if as_json:
        console.print_json(data=manifest.model_dump(mode="json"))
    else:
        console.print(f"Backed up {_parts(manifest)} to {folder}.", markup=False)


def restore_command(
    folder: Folder,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="PART", help=f"Restore only this part: {', '.join(PARTS)}. Repeat for more."),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace schemas that contain tables.")] = False,
    inside: Inside = None,
    as_json: AsJson = False,
) -> None:
    """Restore schemas from a backup, and create what is missing of the broker's definitions.

    The folder is checked first; an incomplete backup changes nothing. Stop the services whose schemas you restore. All
    schemas are restored in one transaction: if anything fails, or this command is killed, all of them are unchanged.
    Existing accounts of the broker keep their passwords.

    The next events of a restored schema have higher sequences than all events published since the backup. Letters that
    are due now are marked as unknown, since they were probably sent: decide for each whether to resend it.

    Next: run `practio provision --migrate` if the backup is from an earlier release, start the services, then run
    `practio rebuild` and `practio invariants`.

    Exit codes: 0 if everything was restored, otherwise 1; then all schemas are unchanged.

    Example: practio restore /var/backups/practio/2026-11-21 --only membership --replace
    """
    if unknown := set(only or ()) - set(PARTS):
        raise UsageError(f"{', '.join(sorted(unknown))} is not a part of a backup: use {', '.join(PARTS)}.")
    programs = Programs(administrator_target(), inside)
    plan = run(plan_restore(programs, folder, only=only or (), replace=replace), UNCHANGED)
    error_console.print(_describe(plan), markup=False)
    run(restore(programs, folder, plan, on_part=_announce("Restoring")), UNCHANGED)
    if as_json:
        console.print_json(data=_as_json(plan))
    else:
        console.print(f"Restored {', '.join(plan.parts)}. Next: start the services and run `practio rebuild`.")


def _on_standby(target: ProvisionTarget) -> ProvisionTarget:
    return dataclasses.replace(target, database_url=with_attributes(target.database_url, "standby"))


def _announce(activity: str) -> Callable[[str], None]:
    return lambda part: error_console.print(f"{activity} {part} …")


def _parts(manifest: Manifest) -> str:
    return ", ".join(f"{name} ({file.bytes / 1024:,.0f} KiB)" for name, file in manifest.parts.items())


def _describe(plan: RestorationPlan) -> str:
    lines = [f"Backup of {plan.manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC, release {plan.manifest.release}:"]
    for part in plan.parts:
        effect = "create missing objects" if part == BROKER else "replace" if part in plan.replaced else "restore"
        lines.append(f"  {part}: {effect}")
    return "\n".join(lines)


def _as_json(plan: RestorationPlan) -> dict[str, Any]:
    taken_at = plan.manifest.taken_at.isoformat()
    return {"taken_at": taken_at, "restored": list(plan.parts), "replaced": list(plan.replaced)}
