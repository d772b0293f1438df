"""Concurrent tasks, of which none continues after another has failed."""

import asyncio
from collections.abc import Awaitable

from practio_operator.errors import OperatorError


async def together(*works: Awaitable[object]) -> None:
    """Run the tasks concurrently and return when all have ended, so that a caller may retry at once.

    Raise OperatorError with the errors of those that failed, or the first other error as it is.
    """
    ended = await asyncio.gather(*works, return_exceptions=True)
    failed = [each for each in ended if isinstance(each, BaseException)]
    for each in failed:
        if len(failed) == 1 or not isinstance(each, OperatorError):
            raise each
    if failed:
        raise OperatorError("\n".join(str(each) for each in failed))
