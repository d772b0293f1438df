"""What operators do with dead letters: look through them chunk by chunk, with progress, and act on those that match."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from rich.progress import Progress

from practio_operator.console.errors import OperatorError
from practio_operator.console.output import error_console
from practio_operator.console.spool import Spool
from practio_operator.dead_letters.dead_letter import DeadLetter
from practio_operator.dead_letters.filter import DeadLetterFilter
from practio_operator.dead_letters.putting_back import Act
from practio_operator.dead_letters.queues import AllDeadLetters, dead_letters
from practio_operator.provisioning.target import ProvisionTarget

Acting = Callable[[ProvisionTarget, AllDeadLetters], AbstractAsyncContextManager[Act]]
"""What a command does with the dead letters that were chosen."""


@asynccontextmanager
async def dropping(_: ProvisionTarget, held: AllDeadLetters) -> AsyncIterator[Act]:
    """Yield what deletes dead letters for ever."""
    yield held.drop


async def count_chosen(target: ProvisionTarget, selection: DeadLetterFilter) -> tuple[frozenset[str], int]:
    """Return the ids of the dead letters that match, and how many there are of all."""
    ids: set[str] = set()
    count = 0
    async with _looked_through(target) as (_, chunks):
        async for chunk in chunks:
            ids.update(letter.id for letter in selection.apply(chunk))
            count += len(chunk)
    return frozenset(ids), count


async def check(target: ProvisionTarget, selection: DeadLetterFilter) -> None:
    """Raise OperatorError if an id is not that of a dead letter."""
    missing = set(selection.ids)
    async with _looked_through(target) as (_, chunks):
        async for chunk in chunks:
            missing.difference_update(letter.id for letter in selection.apply(chunk))
    if missing:
        raise OperatorError(f"There is no dead letter {', '.join(sorted(missing))}; nothing was changed.")


async def act_on(target: ProvisionTarget, acting: Acting, selection: DeadLetterFilter) -> list[str]:
    """Act on the dead letters that match, by chunks, and return their ids; what an interruption leaves stays dead."""
    acted: list[str] = []
    async with _looked_through(target) as (held, chunks), acting(target, held) as act:
        async for chunk in chunks:
            chosen = selection.apply(chunk)
            await act(chosen)
            acted.extend(letter.id for letter in chosen)
    return acted


async def describe(
    target: ProvisionTarget, view: Callable[[DeadLetter], dict[str, Any]], selection: DeadLetterFilter, into: Spool
) -> None:
    """Write the view of each dead letter that matches into ``into``."""
    async with _looked_through(target) as (_, chunks):
        async for chunk in chunks:
            for letter in selection.apply(chunk):
                into.add(view(letter))


@asynccontextmanager
async def _looked_through(
    target: ProvisionTarget,
) -> AsyncIterator[tuple[AllDeadLetters, AsyncIterator[Sequence[DeadLetter]]]]:
    """Yield the dead letters, and their chunks, with progress on a terminal."""
    async with dead_letters(target) as held:
        with Progress(console=error_console, transient=True, disable=not error_console.is_terminal) as progress:
            task = progress.add_task("dead letters", total=await held.count())

            async def chunks() -> AsyncIterator[Sequence[DeadLetter]]:
                async for chunk in held.chunks():
                    yield chunk
                    progress.advance(task, len(chunk))

            yield held, chunks()
