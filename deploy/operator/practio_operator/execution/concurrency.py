"""Concurrent tasks, of which none continues after another has failed."""

import asyncio
from collections.abc import Awaitable

from practio_operator.console.errors import OperatorError


async def run_all(*tasks: Awaitable[object]) -> None:
    """Run the tasks concurrently, and return once all have ended, so that a caller may retry at once.

    Raise one OperatorError with the texts of all that failed; raise the first error of another kind as it is.
    """
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    failed = [each for each in ended if isinstance(each, BaseException)]
    for each in failed:
        if len(failed) == 1 or not isinstance(each, OperatorError):
            raise each
    if failed:
        raise OperatorError("\n".join(str(each) for each in failed))
