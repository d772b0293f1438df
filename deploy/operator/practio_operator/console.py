"""The terminal: what people read goes through here."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

console = Console(highlight=False, soft_wrap=True)
"""Standard output. Rich leaves colours and spinners out where it is no terminal."""

complaints = Console(stderr=True, highlight=False, soft_wrap=True)
"""Standard error, for the one sentence that says why a command failed."""


@contextmanager
def step(what: str) -> Iterator[None]:
    """Show that something is under way, and how long it took once it is done."""
    began = time.monotonic()
    with console.status(f"{what} …"):
        yield
    console.print(f"[green]✓[/green] {what} [dim]({time.monotonic() - began:.1f} s)[/dim]")
