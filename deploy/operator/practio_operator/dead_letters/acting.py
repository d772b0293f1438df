"""What operators do with dead letters: look through them lot by lot, with progress, and act on those that match."""

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
    async with _looked_through(target) as (_, lots):
        async for lot in lots:
            ids.update(letter.id for letter in selection.apply(lot))
            count += len(lot)
    return frozenset(ids), count


async def check(target: ProvisionTarget, selection: DeadLetterFilter) -> None:
    """Raise OperatorError if an id is not that of a dead letter."""
    missing = set(selection.ids)
    async with _looked_through(target) as (_, lots):
        async for lot in lots:
            missing.difference_update(letter.id for letter in selection.apply(lot))
    if missing:
        raise OperatorError(f"There is no dead letter {', '.join(sorted(missing))}; nothing was changed.")


async def act_on(target: ProvisionTarget, acting: Acting, selection: DeadLetterFilter) -> list[str]:
    """Act on the dead letters that match, lot by lot, and return their ids; what an interruption leaves stays dead."""
    acted: list[str] = []
    async with _looked_through(target) as (held, lots), acting(target, held) as act:
        async for lot in lots:
            chosen = selection.apply(lot)
            await act(chosen)
            acted.extend(letter.id for letter in chosen)
    return acted


async def describe(
    target: ProvisionTarget, view: Callable[[DeadLetter], dict[str, Any]], selection: DeadLetterFilter, into: Spool
) -> None:
    """Write the view of each dead letter that matches into ``into``."""
    async with _looked_through(target) as (_, lots):
        async for lot in lots:
            for letter in selection.apply(lot):
                into.add(view(letter))


@asynccontextmanager
async def _looked_through(
    target: ProvisionTarget,
) -> AsyncIterator[tuple[AllDeadLetters, AsyncIterator[Sequence[DeadLetter]]]]:
    """Yield the dead letters, and their lots, with progress on a terminal."""
    async with dead_letters(target) as held:
        with Progress(console=error_console, transient=True, disable=not error_console.is_terminal) as progress:
            task = progress.add_task("dead letters", total=await held.count())

            async def lots() -> AsyncIterator[Sequence[DeadLetter]]:
                async for lot in held.lots():
                    yield lot
                    progress.advance(task, len(lot))

            yield held, lots()
