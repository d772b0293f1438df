"""`practio backup` and `practio restore`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from practio_operator.backup import BROKER, PARTS, Manifest, Plan, Programs, plan_of, restore, take
from practio_operator.console import complaints, console
from practio_operator.errors import TypedWronglyError
from practio_operator.interrupting import run
from practio_operator.targets import administered

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The backup's own folder.")]
Inside = Annotated[
    str | None,
    typer.Option(metavar="CONTAINER", help="Take PostgreSQL's programs from the database's container."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

NOTHING_DONE = "the schemas are as they were, unless it had just ended: restore again"


def backup(folder: Folder, inside: Inside = None, as_json: AsJson = False) -> None:
    """Keep the three schemas and the broker's definitions in a folder, while the services work.

    All schemas are kept as of one instant, each in a file of PostgreSQL's custom format. The manifest, written last,
    tells instant, release and checksums. The folder holds names, addresses and hashes of passwords: keep it safe.
    What waits in the broker's queues is not kept: the outboxes keep what the broker has not confirmed.

    It needs PRACTIO_BROKER_URL and PRACTIO_DATABASE_URL with administrator's rights, or a stack that is up here; and
    pg_dump of the server's version (to restore, pg_restore and psql).

    Exits with 0; with 1 where there is no whole backup, and then nothing is left in the folder.

    Example: practio backup /var/backups/practio/$(date +%F) --inside practio-database-1
    """
    programs = Programs(administered(), inside)
    manifest = run(take(programs, folder, begin=_begun("Keeping")), f"there is no backup in {folder}")
    if as_json:
        console.print_json(data=manifest.model_dump(mode="json"))
    else:
        console.print(f"Kept {_parts(manifest)} in {folder}.", markup=False)


def restore_command(
    folder: Folder,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="PART", help=f"Only this part: {', '.join(PARTS)}; repeat for more."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put the backup in the place of schemas that hold something.")
    ] = False,
    inside: Inside = None,
    as_json: AsJson = False,
) -> None:
    """Bring schemas back as a backup kept them, and what is missing of the broker's definitions.

    The folder is checked first: nothing is done with one that is not whole. Services whose schema is restored must be
    stopped. All schemas go back in one transaction: where anything goes wrong, or this command is killed, all of them
    are as they were. Accounts that the broker knows keep their passwords.

    The restored schema numbers its events from now on, above all that were said since the backup. Letters that were due
    by now are marked as unknown, since they probably left: resend them by hand, or not.

    Afterwards: `practio provision --migrate` where the backup is of an earlier release, start the services, `practio
    rebuild`, `practio invariants`.

    Exits with 0; with 1 where something was refused or failed, and then all schemas are as they were.

    Example: practio restore /var/backups/practio/2026-11-21 --only membership --replace
    """
    if unknown := set(only or ()) - set(PARTS):
        raise TypedWronglyError(f"{', '.join(sorted(unknown))} is no part of a backup: it has {', '.join(PARTS)}.")
    programs = Programs(administered(), inside)
    plan = run(plan_of(programs, folder, only=only or (), replace=replace), NOTHING_DONE)
    complaints.print(_told(plan), markup=False)
    run(restore(programs, folder, plan, begin=_begun("Restoring")), NOTHING_DONE)
    if as_json:
        console.print_json(data=_done(plan))
    else:
        console.print(f"Restored {', '.join(plan.parts)}. Next: start the services, and `practio rebuild`.")


def _begun(what: str) -> Any:
    return lambda part: complaints.print(f"{what} {part} …")


def _parts(manifest: Manifest) -> str:
    return ", ".join(f"{name} ({kept.bytes / 1024:,.0f} KiB)" for name, kept in manifest.parts.items())


def _told(plan: Plan) -> str:
    lines = [f"The backup of {plan.manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC, release {plan.manifest.release}:"]
    for part in plan.parts:
        what = "what is missing is made" if part == BROKER else "replaced" if part in plan.replaced else "restored"
        lines.append(f"  {part}: {what}")
    return "\n".join(lines)


def _done(plan: Plan) -> dict[str, Any]:
    taken_at = plan.manifest.taken_at.isoformat()
    return {"taken_at": taken_at, "restored": list(plan.parts), "replaced": list(plan.replaced)}
