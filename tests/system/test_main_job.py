"""The main job, by an outside system that has nothing but AMQP and contracts/README.md."""

from tests.support.clients.main_job import the_main_job
from tests.support.clients.outside import OutsideSystem
from tests.support.oracles.ledger import Ledger
from tests.support.stack.running import RunningStack


async def test_an_outside_system_does_the_main_job_and_receives_every_event(
    outside: OutsideSystem, stack: RunningStack, ledger: Ledger
) -> None:
    host, people = await the_main_job(outside)
    await ledger.is_clean()
    assert subjects(outside, stack, people[3]) == [
        "Your request to join “Intervision for school heads” is with the host",
        "You are on the waitlist for “Intervision for school heads”",
        "A seat for you in “Intervision for school heads”: please answer",
        "You are in: “Intervision for school heads”",
    ]
    assert len([subject for subject in subjects(outside, stack, host) if "would like to join" in subject]) == 5


def subjects(outside: OutsideSystem, stack: RunningStack, person: str) -> list[str]:
    return [letter.subject for letter in stack.mailbox.to(outside.people[person]["email"])]
