"""The same story on pages: the links that letters brought, by which the host and a member go on in a browser."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

import httpx

from practio_contracts.links import Purpose
from practio_operator.console.errors import OperatorError
from practio_operator.demo.mail import ReadLetter
from practio_operator.demo.sample_people import SamplePeople, SamplePerson


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page of one person that opens: its title in their language, and its address."""

    person: SamplePerson
    title: str
    address: str


def open_pages(letters: Sequence[ReadLetter], people: SamplePeople) -> list[OpenPage]:
    """Open the host's desk, and the way of the member who took the free seat, by the newest links in their letters.

    Raise OperatorError if a letter with the link is missing, or a page does not open.
    """
    links = ((people.host, Purpose.DESK), (people.follower, Purpose.WAY))
    return [_opened(person, _newest_link(letters, person, purpose)) for person, purpose in links]


def _newest_link(letters: Sequence[ReadLetter], person: SamplePerson, purpose: Purpose) -> str:
    text = "\n".join(letter.text for letter in letters if person.email in letter.addresses)
    found = re.findall(rf"https?://\S+?/{purpose}/[\w.-]+", text)
    if not found:
        raise OperatorError(f"The demo failed: no letter brought {person.name} a link to the page {purpose}.")
    return str(found[-1])


def _opened(person: SamplePerson, address: str) -> OpenPage:
    try:
        page = httpx.get(address, timeout=10, trust_env=False)
        page.raise_for_status()
    except httpx.HTTPError as error:
        why = type(error).__name__
        raise OperatorError(f"The demo failed: the page of {person.name} does not open: {why}.") from None
    title = re.search(r"<title>(.*?)</title>", page.text, re.DOTALL)
    return OpenPage(person, " ".join(unescape(title[1]).split()) if title else "", address)
