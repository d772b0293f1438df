"""Listing the letters that a filter means, and sending them again."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from practio_contracts.answers import CommandRefused
from practio_contracts.client import Client
from practio_contracts.envelope import SYSTEM
from practio_contracts.notifications import Letter, Letters, RefusalCode, ResendLetter
from practio_operator.console.errors import OperatorError
from practio_operator.resending.filter import LetterFilter, digests_first

RESENT = "resent"
_AT_ONCE = 50


async def chosen(client: Client, wanted: LetterFilter) -> list[Letter]:
    """Return the letters that match, newest first. Raise OperatorError if the account may not list them."""
    found: list[Letter] = []
    after = None
    while True:
        answer = await client.ask(wanted.query(after), actor=SYSTEM)
        if answer.result is None:
            raise OperatorError(f"The letters cannot be listed: {answer.code}: {answer.detail}.")
        page = Letters.model_validate(answer.result)
        found += filter(wanted.fits, page.letters)
        after = page.after
        if after is None or wanted.is_over(page.letters[-1]):
            return found


async def resend(client: Client, letters: Sequence[Letter], on_progress: Callable[[], None]) -> Counter[str]:
    """Send letters again; return how many were ``RESENT``, and how many were refused by each code.

    A letter that left with its digest meanwhile counts as resent.
    """
    outcomes: Counter[str] = Counter()
    for part in digests_first(letters):
        await _resend_part(client, part, outcomes, on_progress)
    return outcomes


async def _resend_part(
    client: Client, letters: Iterable[Letter], outcomes: Counter[str], on_progress: Callable[[], None]
) -> None:
    room = asyncio.Semaphore(_AT_ONCE)

    async def resend_one(letter: Letter) -> None:
        async with room:
            answer = await client.send(ResendLetter(letter_id=letter.letter_id), actor=SYSTEM)
        code = answer.code if isinstance(answer, CommandRefused) else RESENT
        outcomes[RESENT if code == RefusalCode.LETTER_ON_ITS_WAY else code] += 1
        on_progress()

    async with asyncio.TaskGroup() as tasks:
        for letter in letters:
            tasks.create_task(resend_one(letter))
