"""Whether every command got its answer the first time: what is asked again would hide answers that are lost.

An answer travels to the connection on which its command was published. A command that was handled owes an answer to it
as long as it lasts; what was owed to one that was cut is lost, and the cut explains it.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress

from tests.campaign.stage import Stage
from tests.support.eventually import eventually

from practio_contracts.catalogue import SERVICES
from practio_operator.provisioning.database import administering

_HANDLED = " UNION ".join(
    f"SELECT id FROM {service}.inbox WHERE account = $1 AND id = ANY($2::text[])" for service in SERVICES
)


class AnswerBook:
    """The commands that a client published and the answers that came, by the number of its connection."""

    def __init__(self) -> None:
        self.connection = 0
        self._published: set[tuple[str, int]] = set()
        self._answered: set[tuple[str, int]] = set()

    def connected(self) -> None:
        """Note that a new connection replaces the one before."""
        self.connection += 1

    def published(self, identity: str, connection: int) -> None:
        """Note that the broker confirmed a command on a connection."""
        self._published.add((identity, connection))

    def answered(self, identity: str) -> None:
        """Note an answer that came on the present connection."""
        self._answered.add((identity, self.connection))

    def owed(self) -> list[str]:
        """Return the ids of commands that were published on the present connection, which has brought no answer."""
        return [identity for identity, at in self._published - self._answered if at == self.connection]

    def lost_with_connections(self) -> Counter[int]:
        """Return to how many commands each connection that was cut had brought no answer."""
        return Counter(at for _, at in self._published - self._answered if at != self.connection)

    def forget(self) -> None:
        """Forget all commands."""
        self._published.clear()
        self._answered.clear()


async def lost_without_cut(stage: Stage, account: str, book: AnswerBook, *, within: float) -> list[str]:
    """Return the commands that were handled, and whose answer has not come though nothing cut their connection.

    A command in a retry tier owes no answer yet.
    """

    async def lost() -> Collection[str]:
        owed = book.owed()
        return await _handled(stage, account, owed) if owed else ()

    async def nothing_lost() -> bool:
        return not await lost()

    with suppress(AssertionError):  # what is lost then is returned
        await eventually(nothing_lost, within=within, pause=0.5)
    return [f"the answer to command {identity}" for identity in sorted(await lost())]


async def _handled(stage: Stage, account: str, identities: Sequence[str]) -> set[str]:
    """Return which of these commands a service has in its inbox."""
    async with asyncio.timeout(30), administering(stage.target) as connection:
        return {row["id"] for row in await connection.fetch(_HANDLED, account, list(identities))}
