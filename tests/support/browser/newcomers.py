"""People with a mailbox and a browser alone: the letters that reach them, and how they become known."""

import re

from tests.support.browser.reader import Reader
from tests.support.clients.commands import daytime_zone
from tests.support.eventually import eventually
from tests.support.stack.mailbox import ReceivedLetter
from tests.support.stack.running import RunningStack

from practio_contracts.links import Purpose

PATIENCE_SECONDS = 60


async def letters_of(stack: RunningStack, email: str, kind: str) -> list[ReceivedLetter]:
    """Wait for the first letter of a kind to an address; return all of that kind."""

    def found() -> list[ReceivedLetter]:
        return [each for each in stack.mailbox.to(email) if each.kind == kind]

    letters: list[ReceivedLetter] = await eventually(found, within=PATIENCE_SECONDS, message=f"{kind} to {email}")
    return letters


async def link_from(stack: RunningStack, email: str, kind: str, purpose: Purpose | None = None) -> str:
    """Return the first link in the one letter of a kind to an address, or the first for this purpose."""
    [letter] = await letters_of(stack, email, kind)
    found = re.search(rf"{stack.pages_url}/{purpose or '[a-z]+'}/[\w.-]+", letter.text)
    assert found, letter.text
    return found[0]


async def asks_for_a_link(reader: Reader, email: str) -> None:
    """Send the form of ``/link`` with an address."""
    await reader.page.get_by_label("Your email address").fill(email)
    assert await reader.presses("Send me a link") == 200


async def introduces_themselves(reader: Reader, name: str) -> None:
    """Send the form by which a stranger becomes a person whose letters arrive at any hour."""
    await reader.page.get_by_label("Your name").fill(name)
    await reader.page.get_by_label("Your language").select_option("en")
    await reader.page.get_by_label("Your time zone").fill(daytime_zone())
    assert await reader.presses("Save and continue") == 200
    assert f"from now on we know you as {name}." in await reader.words()
