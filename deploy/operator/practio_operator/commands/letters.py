"""`practio letters`: previews of letters, as their readers see them."""

import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from practio_operator.console.errors import OperatorError, UsageError
from practio_operator.console.output import console, error_console

_SERVICE = "practio_notifications"

letters = typer.Typer(
    no_args_is_help=True, help="Letters: preview them as readers see them; send again those that failed."
)


@letters.callback()
def _letters() -> None:
    """Keep `preview` as a subcommand: Typer would merge a single command into its group."""


@letters.command()
def preview(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="Where to write; created if it is missing.")
    ] = Path("letters"),
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Only this kind of letter, such as seat-offered. Repeat for more."),
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Only this language, such as it. Repeat for more.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write every kind of letter in every language, as HTML and text, about an invented community.

    The command needs no servers and sends nothing. Open index.html in the folder; it links to all letters. A browser in
    dark mode shows their dark design. Existing files are overwritten.

    Example: practio letters preview /tmp/letters --language it --kind seat-offered --kind joined
    """
    if find_spec(_SERVICE) is None:
        raise OperatorError(
            "The service notifications writes the letters, and is not installed here: install it, or run `make setup`."
        )
    options = [f"--kind={each}" for each in kind or []] + [f"--language={each}" for each in language or []]
    count = _write([str(folder), *options])
    index = (folder / "index.html").resolve()
    if as_json:
        console.print_json(data={"letters": count, "index": str(index)})
    else:
        console.print(f"{count} letters written. Open {index.as_uri()}", markup=False)


def _write(arguments: list[str]) -> int:
    """Run the service's gallery, show its progress, and return the number of letters."""
    command = [sys.executable, "-m", f"{_SERVICE}.gallery", *arguments]
    count = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        with Progress(console=error_console, transient=True, disable=not error_console.is_terminal) as progress:
            task = progress.add_task("Writing", total=None)
            for count, total in _counted(process.stdout):
                progress.update(task, completed=count, total=total)
        error_output = process.stderr.read().strip()
    if process.returncode:
        kind = UsageError if process.returncode == UsageError.exit_code else OperatorError
        raise kind(_reason(error_output))
    return count


def _counted(lines: Iterator[str]) -> Iterator[tuple[int, int]]:
    """Yield the letter's number and the total from lines such as `3/59 en/joined`."""
    for line in lines:
        number, _, total = line.split()[0].partition("/")
        yield int(number), int(total)


def _reason(error_output: str) -> str:
    last = error_output.splitlines()[-1] if error_output else "the service printed no reason"
    return last.rpartition("error: argument ")[2]
