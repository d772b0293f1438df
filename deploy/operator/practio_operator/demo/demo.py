"""The whole demo: the main job, then the roster, the letters, the pages, and where to look next."""

from collections.abc import Mapping

from practio_contracts.membership import Roster
from practio_operator.demo.mail import read_letters
from practio_operator.demo.main_job import run_main_job
from practio_operator.demo.narrator import Narrator
from practio_operator.demo.pages import open_pages
from practio_operator.demo.sample_people import new_people
from practio_operator.demo.summary import show_letters, show_next_steps, show_pages, show_roster


async def run_demo(env: Mapping[str, str]) -> Roster:
    """Show the main job on the stack that ``.practio/env`` describes, with new people and a new room each time.

    Return the final roster. Raise OperatorError if a step does not succeed in time.
    """
    people = new_people()
    async with Narrator.open(env["PRACTIO_PUBLISHER_URL"], env["PRACTIO_PUBLISHER_QUEUE"]) as narrator:
        roster = await run_main_job(narrator, people)
    show_roster(roster, people)
    letters = read_letters(env, {person.email for person in people.everybody})
    show_letters(letters)
    show_pages(open_pages(letters, people))
    show_next_steps(env)
    return roster
