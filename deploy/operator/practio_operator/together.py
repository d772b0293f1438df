"""Several works at once, of which none goes on behind an error of another."""

import asyncio
from collections.abc import Awaitable

from practio_operator.errors import OperatorError


async def together(*works: Awaitable[object]) -> None:
    """Do the works at once and end when all have ended, so that whoever is told of a failure may try again at once.

    Raises OperatorError with what each of the failed ones complains of, or the first other error as it is.
    """
    ended = await asyncio.gather(*works, return_exceptions=True)
    failed = [each for each in ended if isinstance(each, BaseException)]
    for each in failed:
        if len(failed) == 1 or not isinstance(each, OperatorError):
            raise each
    if failed:
        raise OperatorError("\n".join(str(each) for each in failed))
