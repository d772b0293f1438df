"""A mail relay that is set up wrongly, as operators see it; and letters that they send again."""

import json

import httpx
from tests.integration.notifications.mail_servers import MailServer, listening
from tests.support.clients.actions import a_known_person, a_published_room, accepted, asks
from tests.support.clients.operator import practio
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack
from tests.system.test_killed_senders import sending_to, states

from practio_operator.execution.http import NO_AUTHORITIES

REFUSES = "the mail server refuses all letters (smtp-530-5.7.0)"


async def test_a_service_whose_letters_are_held_back_is_not_ready_and_says_why(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    room, person = await a_published_room(outside, policy="open"), await a_known_person(outside)
    answers = {"mail": "530 5.7.0 Authentication required"}
    server, url = MailServer(to_mail=lambda _: answers["mail"]), stack.services["notifications"].url
    settings = {"MAIL_PROBE_EVERY": "0.2", "MAIL_RETRY_FIRST": "0.1", "MAIL_RETRY_MOST": "0.2"}

    async def faults() -> dict[str, str] | None:
        async with httpx.AsyncClient(verify=NO_AUTHORITIES, trust_env=False) as client:
            answer = await client.get(f"{url}/readyz")
        found: dict[str, str] = answer.json()["faults"]
        assert (answer.status_code == httpx.codes.OK) == (found == {})
        return found or None

    async def is_ready() -> bool:
        return await faults() is None

    async def is_sent() -> bool:
        return "sent" in await states(outside, person)

    async with listening(server), sending_to(stack, server, **settings):
        await accepted(asks(outside, room, person))
        assert await eventually(faults, within=30) == {"mail relay": REFUSES}
        printed = await practio(stack, "status", "--json", PRACTIO_NOTIFICATIONS_HTTP=url, exits=1)
        assert json.loads(printed)["parts"]["notifications"] == f"not ready: {REFUSES}"
        answers["mail"] = "250 OK"
        await eventually(is_ready, within=30)
        await eventually(is_sent, within=30)


async def test_letters_that_failed_are_counted_and_sent_again(outside: OutsideSystem, stack: RunningStack) -> None:
    room, person = await a_published_room(outside, policy="open"), await a_known_person(outside)
    answers = {"data": "554 5.6.0 Odd"}
    server = MailServer(to_data=lambda _: answers["data"])
    chosen = ("letters", "resend", "--person", person, "--reason", "smtp-554-*", "--json")

    async def is_sent() -> bool:
        return await states(outside, person) == ["sent"]

    async def has_failed() -> bool:
        return await states(outside, person) == ["failed"]

    async with listening(server), sending_to(stack, server):
        await accepted(asks(outside, room, person))
        await eventually(has_failed, within=30)
        found = json.loads(await practio(stack, *chosen, "--dry-run"))
        assert found == {
            "letters": 1,
            "counts": [{"kind": "joined", "reason": "smtp-554-5.6.0", "letters": 1}],
            "outcomes": {},
        }
        assert await has_failed()
        answers["data"] = "250 Kept"
        assert json.loads(await practio(stack, *chosen, "--yes"))["outcomes"] == {"resent": 1}
        await eventually(is_sent, within=30)
        assert json.loads(await practio(stack, *chosen, "--yes"))["letters"] == 0
