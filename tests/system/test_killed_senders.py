"""A sender that is killed while a mail server has its letter: at most two copies, and both are the same message."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from tests.integration.notifications.mail_servers import MailServer, listening
from tests.support.clients.actions import a_known_person, a_published_room, accepted, asks
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack


@asynccontextmanager
async def sending_to(stack: RunningStack, server: MailServer, **settings: str) -> AsyncIterator[None]:
    """Let letters go to ``server`` and not to the stack's mailbox, while the block runs; claims last two seconds.

    ``settings`` are more variables of notifications, without their prefix.
    """
    service = stack.services["notifications"]
    usual = dict(service.process.environment)
    changed = {"PRACTIO_SMTP_PORT": str(server.port), "PRACTIO_MAIL_LEASE": "2", "PRACTIO_MAIL_CONNECTIONS": "1"}
    changed |= {f"PRACTIO_{name}": value for name, value in settings.items()}
    try:
        service.process.stop()
        service.process.environment.update(changed)
        await service.start()
        yield
    finally:
        service.process.kill()
        service.process.environment.clear()
        service.process.environment.update(usual)
        await service.start()


async def states(outside: OutsideSystem, person: str) -> list[str]:
    """Return the states of the letters to a person."""
    answer = await outside.query("notifications.list-letters.v1", {"person_id": person}, actor="system")
    return [letter["status"] for letter in answer["result"]["letters"]]


async def test_a_sender_killed_before_it_notes_the_outcome_leaves_at_most_two_copies(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    host, person = await a_known_person(outside), await a_known_person(outside)
    room = await a_published_room(outside, host=host, policy="open")
    service, server = stack.services["notifications"], MailServer()
    server.gate.clear()

    def to_the_person() -> list[str]:
        address = outside.people[person]["email"]
        return [mail["Message-ID"] for mail in server.letters if address in mail["To"]]

    def has_letters(copies: int) -> bool:
        return len(to_the_person()) == copies

    async def is_unknown() -> bool:
        return await states(outside, person) == ["unknown"]

    async with listening(server), sending_to(stack, server):
        await accepted(asks(outside, room, person))
        for copies in (1, 2):
            await eventually(partial(has_letters, copies), within=30)
            await service.restart_after_kill()
        await eventually(is_unknown, within=30, message="a letter of which nobody knows")
        assert len(to_the_person()) == 2
        assert len(set(to_the_person())) == 1
        server.gate.set()
