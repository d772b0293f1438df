"""The end of the demo: it shows only links that letters brought, and only if they open."""

import pytest

from practio_operator.console.errors import OperatorError
from practio_operator.demo.mail import ReadLetter
from practio_operator.demo.pages import open_pages
from practio_operator.demo.sample_people import SamplePeople, new_people

NOBODY_ANSWERS = "http://127.0.0.1:1"


def a_letter(people: SamplePeople, text: str) -> ReadLetter:
    """Return a letter to the host, with lines as mail has them."""
    host = people.host
    return ReadLetter(
        sender="practio@example.org",
        to=host.email,
        addresses=frozenset({host.email}),
        subject="A letter",
        text=text.replace("\n", "\r\n"),
        arrived="1",
    )


def test_without_a_link_in_a_letter_the_demo_fails() -> None:
    people = new_people()
    letters = [a_letter(people, f"See requests:\n{NOBODY_ANSWERS}/queue/token\n")]
    with pytest.raises(OperatorError, match=f"no letter brought {people.host.name} a link to the page desk"):
        open_pages(letters, people)


def test_a_page_that_does_not_open_ends_the_demo_without_the_link() -> None:
    people = new_people()
    letters = [a_letter(people, f"Run the room:\n{NOBODY_ANSWERS}/desk/token\n")]
    with pytest.raises(OperatorError, match=f"the page of {people.host.name} does not open") as failed:
        open_pages(letters, people)
    assert "token" not in str(failed.value)
