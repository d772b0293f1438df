"""The whole demo: the main job, then the roster, the letters, and where to look next."""

from collections.abc import Mapping

from practio_contracts.membership import Roster
from practio_operator.demo.mail import read_letters
from practio_operator.demo.narrator import Narrator
from practio_operator.demo.sample_people import new_people
from practio_operator.demo.showing import show_letters, show_roster, show_where_next
from practio_operator.demo.story import run_main_job


async def run_demo(env: Mapping[str, str]) -> Roster:
    """Show the main job on the stack that ``.practio/env`` describes, with new people and a new room each time.

    Return the final roster. Raise OperatorError if a step does not happen in time.
    """
    cast = new_people()
    async with Narrator.open(env["PRACTIO_PUBLISHER_URL"], env["PRACTIO_PUBLISHER_QUEUE"]) as stage:
        roster = await run_main_job(stage, cast)
    show_roster(roster, cast)
    show_letters(read_letters(env, {person.email for person in cast.everybody}))
    show_where_next(env)
    return roster
