"""`practio import-people`, `import-rooms` and `import-members`: what exists, from files of spreadsheets."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from practio_contracts.client import Client
from practio_operator.console.errors import UsageError
from practio_operator.console.output import console
from practio_operator.imports import templates
from practio_operator.imports.csv_file import read_csv_file
from practio_operator.imports.invitations import invite_members, try_invitations
from practio_operator.imports.letters import lines_without_address
from practio_operator.imports.members import members_not_registered, read_members
from practio_operator.imports.names import imported_people, imported_rooms
from practio_operator.imports.people import lines_not_published, read_people
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.publishing import OnProgress, publish_people, request_and_approve, source_of
from practio_operator.imports.report import READY, ImportReport
from practio_operator.imports.room_columns import ROOMS
from practio_operator.imports.rooms import import_rooms as publish_rooms
from practio_operator.imports.running import run_import, run_trial, show
from practio_operator.imports.trial import try_members
from practio_operator.targets.addresses import publisher_url

File = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="A CSV file or a workbook; deploy/README.md lists its columns.")
]
ForReal = Annotated[
    bool, typer.Option("--for-real", help="Import the lines; without this option, only show what would be done.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON: each line, and the number of each outcome.")]
Template = Annotated[
    bool, typer.Option("--template", help="Print a file to begin with: the columns, and an example of a line.")
]
Encoding = Annotated[
    str | None,
    typer.Option(help="The encoding of a CSV file that is in neither UTF-8 nor UTF-16, such as cp1252."),
]
PeopleFile = Annotated[
    Path | None,
    typer.Option("--people", help="A file of people that import-people imported: their addresses lead to their ids."),
]


def import_people(
    file: File = None,
    for_real: ForReal = False,
    mint_ids: Annotated[
        bool, typer.Option("--mint-ids", help="Give each person a new id: the file has no column person_id.")
    ] = False,
    encoding: Encoding = None,
    template: Template = False,
    as_json: AsJson = False,
) -> None:
    """Publish people to the services: one event people.person-registered.v1 per line.

    The command may be repeated, and continues after an interruption. It names the lines to whose address no letter
    will ever leave; their people are registered all the same. It refuses the lines of erased people, whom it finds in
    the database, as an administrator; without the database it says that it did not look.

    With --mint-ids, ids come from the file as it was at the first import: the same file gives the same ids. Keep
    FILE.progress if you correct the file later; with --json, each line shows the id of its person. A line whose address
    somebody has already is not published: it is listed, with the id of that person, whom the database has.

    Exit codes: 0 if every line was imported, 3 if lines are bad or refused; all others were imported.

    Example: practio import-people people.csv --for-real
    """
    path = _path(file, templates.PEOPLE, template=template)
    if path is None:
        return
    progress = ImportProgress.read_beside(path)
    csv_file = read_people(path, progress, mint_ids=mint_ids, encoding=encoding)
    report = ImportReport.of(csv_file, progress, for_real=for_real)
    report.add_notes(lines_without_address(csv_file))
    not_published = lines_not_published(csv_file, progress, mint_ids=mint_ids)
    for line in csv_file.lines:
        if line.key in not_published:
            report.set_outcome(line.number, not_published[line.key])
    if for_real:
        others = replace(csv_file, lines=[line for line in csv_file.lines if line.key not in not_published])

        async def work(client: Client, on_progress: OnProgress) -> None:
            await publish_people(client, others, progress, on_progress)

        run_import(publisher_url(), csv_file, progress, report, work, source=source_of(csv_file.digest))
    show(report, as_json=as_json)


def import_rooms(
    file: File = None,
    for_real: ForReal = False,
    people: PeopleFile = None,
    encoding: Encoding = None,
    template: Template = False,
    as_json: AsJson = False,
) -> None:
    """Publish rooms: each line is a room with its host and its dates, drafted and published in the host's name.

    A host is named by address: one of --people, one who is known, or else a new person, at most 50 a day without
    --people. They get the letters of a host, and reach their room by these. Nobody else gets a letter.

    A trial reads the file and sends nothing. The command may be repeated: a room is known by its title and its host,
    so no line makes two rooms. A room whose line is refused stays a draft, and takes what the corrected line states; a
    published one is changed on its pages alone.

    Exit codes: 0 if every line was imported, 3 if lines are bad or refused; all others were imported.

    Example: practio import-rooms rooms.csv --for-real
    """
    path = _path(file, templates.ROOMS, template=template)
    if path is None:
        return
    csv_file, progress = read_csv_file(path, ROOMS, encoding=encoding), ImportProgress.read_beside(path)
    known = imported_people(people, encoding=encoding)
    report = ImportReport.of(csv_file, progress, for_real=for_real)
    if for_real:

        async def work(client: Client, on_progress: OnProgress) -> None:
            await publish_rooms(client, csv_file, progress, on_progress, people=known)

        run_import(publisher_url(), csv_file, progress, report, work)
    show(report, as_json=as_json)


def import_members(
    file: File = None,
    for_real: ForReal = False,
    invite: Annotated[
        bool, typer.Option("--invite", help="Invite them: a letter each, and a seat only for those who accept.")
    ] = False,
    rooms: Annotated[
        Path | None,
        typer.Option("--rooms", help="A file of rooms that import-rooms imported: lines name rooms by their titles."),
    ] = None,
    people: PeopleFile = None,
    encoding: Encoding = None,
    template: Template = False,
    as_json: AsJson = False,
) -> None:
    """Add people to rooms, in the order of the lines; people are named by person_id or by email.

    With --invite each gets a letter and decides: a seat only on yes. Without it they are requested and approved as the
    system: they have their seat at once, without a word of their own, and a letter tells them. A full room puts them on
    its waitlist.

    Who is named by an address that nobody has becomes a new person, introduced in the name of the room's host, at most
    50 a day for each host; those of --people do not count.

    Without --for-real, the services are asked what would become of each line; of people named by address, a trial does
    not find what depends on the person. The command may be repeated, and continues after an interruption; each run
    tries refused lines again. A line that was invited is done, also without --invite.

    Exit codes: 0 if every line was imported, 3 if lines are bad or were refused; all others were imported.

    Example: practio import-members members.csv --rooms rooms.csv --invite --for-real
    """
    path = _path(file, templates.MEMBERS, template=template)
    if path is None:
        return
    progress, known = ImportProgress.read_beside(path), imported_people(people, encoding=encoding)
    members = read_members(path, imported_rooms(rooms, encoding=encoding), known, progress, encoding=encoding)
    report = ImportReport.of(members.csv_file, progress, for_real=for_real)

    async def work(client: Client, on_progress: OnProgress) -> None:
        left = await members.with_ids(client, on_progress)
        await (invite_members if invite else request_and_approve)(client, left, progress, on_progress)

    async def attempt(client: Client, on_progress: OnProgress) -> None:
        await (try_invitations if invite else try_members)(client, members.tried, progress, on_progress)
        if not members.are_by_address:
            report.add_notes(await members_not_registered(client, members.tried, progress))

    if for_real:
        run_import(publisher_url(), members.csv_file, progress, report, work)
    elif report.count(READY):
        run_trial(publisher_url(), members.csv_file, progress, report, attempt)
    show(report, as_json=as_json)


def _path(file: Path | None, row: templates.Row, *, template: bool) -> Path | None:
    """Return the file to import; None if a template was asked for, which is printed."""
    if template:
        console.print(templates.template(row), markup=False, end="")
        return None
    if file is None:
        raise UsageError("Name the file to import; --template prints one to begin with.")
    return file
