"""The terminal: all output for people goes through here."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, zip_longest

from rich.console import Console
from rich.text import Text

console = Console(highlight=False, soft_wrap=True)
"""Standard output. Without a terminal, Rich leaves out colours and spinners."""

complaints = Console(stderr=True, highlight=False, soft_wrap=True)
"""Standard error, for the one sentence that explains why a command failed."""


@contextmanager
def step(what: str) -> Iterator[None]:
    """Show that something is under way, and how long it took once it is done."""
    began = time.monotonic()
    with console.status(f"{what} …"):
        yield
    console.print(f"[green]✓[/green] {what} [dim]({time.monotonic() - began:.1f} s)[/dim]")


@contextmanager
def for_programs(as_json: bool) -> Iterator[None]:
    """Print progress in the block on standard error, if standard output is for JSON alone."""
    before = console.stderr
    console.stderr = before or as_json
    try:
        yield
    finally:
        console.stderr = before


def show_table(heads: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
    """Print rows beneath their heads, complete at any width: the content of a cell can be copied and piped.

    A cell that is a ``str`` may come from anybody: it is not markup, and cannot control the terminal. Rich's own tables
    would fold cells on a narrow terminal, and take a pipe to be 80 columns wide.
    """
    lines = [line for row in [[Text(head, style="bold") for head in heads], *rows] for line in _lines(row)]
    widths = [max(cell.cell_len for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:
        spaces = (" " * (width - cell.cell_len + 2) for cell, width in zip(line, widths, strict=True))
        whole = Text.assemble(*chain.from_iterable(zip(line, spaces, strict=True)))
        whole.rstrip()
        console.print(whole)


def _lines(row: Sequence[str | Text]) -> Iterator[tuple[Text, ...]]:
    cells = [each if isinstance(each, Text) else Text(harmless(each)) for each in row]
    yield from zip_longest(*(cell.split(allow_blank=True) for cell in cells), fillvalue=Text())


def harmless(text: str) -> str:
    """Return a text without terminal control characters; line breaks stay."""
    return "".join(each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text)
