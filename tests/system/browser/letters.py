"""Letters as they lie in a mailbox, and the links in them."""

from bs4 import BeautifulSoup
from tests.support.clients.outside import Outside
from tests.support.eventually import eventually
from tests.support.stack.mailbox import Letter
from tests.support.stack.running import Stack

from practio_contracts.links import Purpose


async def letter_to(outside: Outside, stack: Stack, person: str, kind: str) -> Letter:
    """Wait for the newest letter of a kind to a person."""
    address = outside.people[person]["email"]

    def found() -> list[Letter]:
        return [letter for letter in stack.mailbox.to(address) if letter.kind == kind]

    return (await eventually(found, within=30, saying=f"a letter {kind}"))[-1]


def links_in(letter: Letter, site: str) -> list[str]:
    """Give where a letter leads to at ``site``, by its links and by what mail programs offer of their own."""
    html = letter.message.get_body(("html",))
    assert html is not None
    page = BeautifulSoup(html.get_content(), "html.parser")
    found = [str(each["href"]) for each in page.select("a[href]")]
    stop = str(letter.message["List-Unsubscribe"] or "").strip("<>")
    return [each for each in dict.fromkeys([*found, stop]) if each.startswith(f"{site}/")]


def link_in(letter: Letter, site: str, purpose: Purpose) -> str:
    """Give the letter's link for this purpose; there is one only."""
    [found] = [each for each in links_in(letter, site) if each.startswith(f"{site}/{purpose}/")]
    return found
