"""`practio letters`: letters as their readers see them, without sending any."""

import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from practio_operator.console import complaints, console
from practio_operator.errors import OperatorError, TypedWronglyError

_SERVICE = "practio_notifications"

letters = typer.Typer(no_args_is_help=True, help="Letters as their readers see them, without sending any.")


@letters.callback()
def _letters() -> None:
    """Keep `preview` a word of its own, though it is the only one."""


@letters.command()
def preview(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="Where to write; made where it is not there.")
    ] = Path("letters"),
    kind: Annotated[
        list[str] | None, typer.Option(metavar="KIND", help="A kind of letter, such as seat-offered; repeat for more.")
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="A language, such as it; repeat for more.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write every kind of letter in every language, as HTML and text, of a community that is made up.

    Needs no servers, and sends nothing. Open index.html in the folder: it leads to all letters. A browser that is
    dark shows their dark look. What stood in the files before is written over.

    Example: practio letters preview /tmp/letters --language it --kind seat-offered --kind joined
    """
    if find_spec(_SERVICE) is None:
        raise OperatorError("Letters are written by the service notifications, which is not installed here.")
    narrowed = [f"--kind={each}" for each in kind or []] + [f"--language={each}" for each in language or []]
    count = _written([str(folder), *narrowed])
    index = (folder / "index.html").resolve()
    if as_json:
        console.print_json(data={"letters": count, "index": str(index)})
    else:
        console.print(f"{count} letters are written. Look at them: {index.as_uri()}", markup=False)


def _written(arguments: list[str]) -> int:
    """Let the service write the letters, and show the progress; return their number."""
    command = [sys.executable, "-m", f"{_SERVICE}.gallery", *arguments]
    count = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as writing:
        assert writing.stdout is not None
        assert writing.stderr is not None
        with Progress(console=complaints, transient=True, disable=not complaints.is_terminal) as progress:
            task = progress.add_task("Writing", total=None)
            for count, total in _counted(writing.stdout):
                progress.update(task, completed=count, total=total)
        complaint = writing.stderr.read().strip()
    if writing.returncode:
        wrong = TypedWronglyError if writing.returncode == TypedWronglyError.exit_code else OperatorError
        raise wrong(_said(complaint))
    return count


def _counted(lines: Iterator[str]) -> Iterator[tuple[int, int]]:
    """Read `3/59 en/joined`: the letter's number, and how many there are."""
    for line in lines:
        number, _, total = line.split()[0].partition("/")
        yield int(number), int(total)


def _said(complaint: str) -> str:
    last = complaint.splitlines()[-1] if complaint else "the service said nothing"
    return last.rpartition("error: argument ")[2]
