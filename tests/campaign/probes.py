"""A command and queries to every service, to see that its queues move: what is ready must answer."""

import asyncio
import time
from collections.abc import Sequence

from tests.support.clients.commands import Data, about, new_id
from tests.support.clients.outside import COMMANDS, QUERIES, OutsideSystem
from tests.support.eventually import eventually

AGAIN_SECONDS = 5.0
QUERIES_EACH = 4
"""So many that each of two copies gets some."""


class Prober:
    """An outside client that asks each service."""

    def __init__(self, outside: OutsideSystem) -> None:
        self._outside = outside

    async def all_answer(self, *, within: float, again: bool = True) -> None:
        """Return once every service has answered; raise AssertionError with who has not.

        What has no answer after 5 s is published again if ``again`` allows it: answers on their way to a connection
        that broke are lost.
        """
        asked = self._messages()
        deadline = time.monotonic() + within
        try:
            await asyncio.gather(*(self._is_answered(*each, deadline=deadline, again=again) for each in asked))
        finally:
            for _, event in asked:
                self._outside.published.pop(event["id"], None)
                self._outside.confirmed.pop(event["id"], None)
                self._outside.answers.pop(event["id"], None)

    async def _is_answered(self, exchange: str, event: Data, *, deadline: float, again: bool) -> None:
        answers = self._outside.answers[event["id"]]
        published = False
        while not answers:
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"{event['type']} was not answered")
            if again or not published:
                await self._outside.publish(exchange, event)
                published = True
            try:
                await eventually(lambda: bool(answers), within=min(AGAIN_SECONDS, left))
            except AssertionError:
                continue

    def _messages(self) -> Sequence[tuple[str, Data]]:
        nobody = new_id()
        room, person = {"room_id": new_id()}, {"person_id": nobody}
        commands: dict[str, Data] = {
            "rooms.close-room.v1": room,
            "membership.withdraw.v1": about(room["room_id"], nobody),
            "notifications.lift-suppression.v1": {"email": f"{nobody}@example.org"},
        }
        queries: dict[str, Data] = {
            "rooms.search-rooms.v1": {"limit": 1},
            "membership.get-roster.v1": room,
            "notifications.get-preferences.v1": person,
        }
        envelope = self._outside.envelope
        return [
            *((COMMANDS, envelope(key, data, actor=nobody)) for key, data in commands.items()),
            *(
                (QUERIES, envelope(key, data, actor=nobody))
                for key, data in queries.items()
                for _ in range(QUERIES_EACH)
            ),
        ]
