"""Letters in a mailbox, and the links in them."""

from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.html import parse
from tests.support.stack.mailbox import ReceivedLetter
from tests.support.stack.running import RunningStack

from practio_contracts.links import Purpose


async def letter_to(outside: OutsideSystem, stack: RunningStack, person: str, kind: str) -> ReceivedLetter:
    """Return the newest letter of a kind to a person, once it has arrived."""
    address = outside.people[person]["email"]

    def found() -> list[ReceivedLetter]:
        return [letter for letter in stack.mailbox.to(address) if letter.kind == kind]

    return (await eventually(found, within=30, message=f"a letter {kind}"))[-1]


def links_in(letter: ReceivedLetter, site: str) -> list[str]:
    """Return a letter's links to ``site``, including the one that mail programs offer."""
    html = letter.message.get_body(("html",))
    assert html is not None
    page = parse(html.get_content())
    found = [str(each["href"]) for each in page.select("a[href]")]
    stop = str(letter.message["List-Unsubscribe"] or "").strip("<>")
    return [each for each in dict.fromkeys([*found, stop]) if each.startswith(f"{site}/")]


def link_in(letter: ReceivedLetter, site: str, purpose: Purpose) -> str:
    """Return the letter's only link for this purpose."""
    [found] = [each for each in links_in(letter, site) if each.startswith(f"{site}/{purpose}/")]
    return found
