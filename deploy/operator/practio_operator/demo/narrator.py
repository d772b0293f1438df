"""The narrator of the demo: an outside system that publishes, receives, and shows every step as it happens."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from practio_contracts.answers import CommandAccepted, CommandRefused, NextStep
from practio_contracts.client import Client, ClientError
from practio_contracts.message import Command, Event, Query
from practio_contracts.notifications import LetterSent
from practio_operator.console.errors import OperatorError
from practio_operator.console.output import console
from practio_operator.demo.sample_people import SamplePerson

TIMEOUT_SECONDS = 30.0
"""How long each answer, event and letter may take."""

F = TypeVar("F", bound=Event)
R = TypeVar("R", bound=BaseModel)


class Narrator:
    """One run of the demo. If something does not arrive in time, an OperatorError ends it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._events: list[Event] = []
        self._changed = asyncio.Condition()

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, queue: str) -> AsyncIterator["Narrator"]:
        """Connect as the outside account and listen to its queue for as long as the block runs."""
        try:
            async with Client.connect(url, source="urn:practio:demo", queue=queue) as client:
                narrator = cls(client)
                listening = asyncio.create_task(narrator._listen())
                try:
                    yield narrator
                finally:
                    listening.cancel()
                    await asyncio.gather(listening, return_exceptions=True)
        except ClientError as error:
            raise OperatorError(f"The demo failed: {error}. `practio status` shows the state of the stack.") from None

    def chapter(self, title: str) -> None:
        """Show the subject of the next steps."""
        console.print()
        console.rule(f"[bold]{title}", align="left")

    async def publish_person(self, person: SamplePerson) -> None:
        """Publish a person, as the directory."""
        await self._client.publish_event(person.registered, sequence=1)
        console.print(f"  directory → [cyan]{person.registered.routing_key}[/cyan]  {person.name} <{person.email}>")

    async def send(self, person: SamplePerson, command: Command) -> None:
        """Send a person's command, which is accepted."""
        console.print(f"  [bold]{person.name}[/bold] → [cyan]{command.routing_key}[/cyan]")
        async with _in_time(f"an answer to {command.routing_key}"):
            answer = await self._accepted(person, command)
        status = answer.state.get("status", "")
        console.print(f"      [green]accepted[/green]: {status}")

    async def wait_for_event(self, kind: type[F], *, of: UUID, describe: Callable[[F], str] = lambda _: "") -> F:
        """Wait for an event about a person or room; ``describe`` returns the text to show."""
        event = await self._found(kind, lambda each: of in _ids_of(each), f"{kind.routing_key} about {of}")
        console.print(f"      [magenta]received[/magenta] {kind.routing_key}  {describe(event)}")
        return event

    async def letter(self, kind: str, *, to: SamplePerson, room_id: UUID, count: int = 1) -> None:
        """Wait until this number of letters of a kind has been sent to a person."""
        async with _in_time(f"the letter {kind} to {to.name}"), self._changed:
            await self._changed.wait_for(lambda: len(self._letters(kind, to, room_id)) >= count)
        console.print(f"      [yellow]letter[/yellow] {kind} → {to.name}" + (f" ({count})" if count > 1 else ""))

    async def ask(self, person: SamplePerson, query: Query, result: type[R]) -> R:
        """Send a person's query; return the result."""
        async with _in_time(f"an answer to {query.routing_key}"):
            answer = await self._client.ask(query, actor=person.id)
        if answer.code:
            raise OperatorError(f"{query.routing_key} was refused: {answer.detail}")
        return result.model_validate(answer.result)

    async def _accepted(self, person: SamplePerson, command: Command) -> CommandAccepted:
        """Send the command again, as contracts/README.md asks, until membership knows the room."""
        while True:
            answer = await self._client.send(command, actor=person.id)
            if not isinstance(answer, CommandRefused):
                return answer
            if answer.next_step is not NextStep.RETRY_AFTER:
                raise OperatorError(f"{command.routing_key} of {person.name} was refused: {answer.detail}")
            await asyncio.sleep(0.2)

    async def _found(self, kind: type[F], fits: Callable[[F], bool], what: str) -> F:
        def found() -> F | None:
            return next((event for event in self._events if isinstance(event, kind) and fits(event)), None)

        async with _in_time(what), self._changed:
            await self._changed.wait_for(found)
        event = found()
        assert event is not None
        return event

    def _letters(self, kind: str, to: SamplePerson, room_id: UUID) -> set[UUID]:
        sent = (event for event in self._events if isinstance(event, LetterSent))
        return {s.letter_id for s in sent if (s.kind, s.person_id, s.about.room_id) == (kind, to.id, room_id)}

    async def _listen(self) -> None:
        async for envelope in self._client.watch():
            async with self._changed:
                self._events.append(envelope.data)
                self._changed.notify_all()


@asynccontextmanager
async def _in_time(what: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            yield
    except TimeoutError:
        raise OperatorError(
            f"The demo failed: {what} did not arrive within {TIMEOUT_SECONDS:g} s. `practio logs` may show why."
        ) from None


def _ids_of(event: Event) -> set[object]:
    part = getattr(event, "membership", None) or getattr(event, "room", None) or event
    return {getattr(part, name, None) for name in ("person_id", "room_id")}
