"""The terminal: all output for people goes through here."""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, zip_longest
from typing import Any

from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.text import Text

console = Console(highlight=False, soft_wrap=True)
"""Standard output. Without a terminal, Rich leaves out colours and spinners."""

error_console = Console(stderr=True, highlight=False, soft_wrap=True)
"""Standard error, for progress and for the sentence that explains why a command failed."""


@contextmanager
def step(what: str) -> Iterator[None]:
    """Show that a step is in progress, then how long it took."""
    began = time.monotonic()
    with console.status(f"{what} …"):
        yield
    console.print(f"[green]✓[/green] {what} [dim]({time.monotonic() - began:.1f} s)[/dim]")


@contextmanager
def progress_on_stderr(as_json: bool) -> Iterator[None]:
    """Print the block's progress to standard error if standard output is for JSON only."""
    before = console.stderr
    console.stderr = before or as_json
    try:
        yield
    finally:
        console.stderr = before


def show_table(heads: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
    """Print rows under their heads, with every cell complete, so that it can be copied or piped.

    A cell of type ``str`` may contain anybody's text: it is not read as markup and cannot control the terminal. Rich's
    own tables fold cells on a narrow terminal, and treat a pipe as 80 columns wide.
    """
    lines = [line for row in [[Text(head, style="bold") for head in heads], *rows] for line in _lines(row)]
    widths = [max(cell.cell_len for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:
        spaces = (" " * (width - cell.cell_len + 2) for cell, width in zip(line, widths, strict=True))
        whole = Text.assemble(*chain.from_iterable(zip(line, spaces, strict=True)))
        whole.rstrip()
        console.print(whole)


def show_json_list(values: Iterable[Any]) -> None:
    """Print a JSON array as ``Console.print_json`` does, value by value: it is never in memory as a whole."""
    before = "[\n  "
    for value in values:
        # Not textwrap.indent, which also takes other characters within texts for line breaks.
        lines = json.dumps(value, indent=2, ensure_ascii=False).replace("\n", "\n  ")
        console.print(JSONHighlighter()(before + lines), end="")
        before = ",\n  "
    console.print("\n]" if before.startswith(",") else "[]", markup=False)


def _lines(row: Sequence[str | Text]) -> Iterator[tuple[Text, ...]]:
    cells = [each if isinstance(each, Text) else Text(printable(each)) for each in row]
    yield from zip_longest(*(cell.split(allow_blank=True) for cell in cells), fillvalue=Text())


def printable(text: str) -> str:
    """Return a text without terminal control characters; line breaks stay."""
    return "".join(each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text)
