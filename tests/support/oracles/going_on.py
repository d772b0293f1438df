"""Whether the whole stack works, after a fault."""

from tests.support.clients.actions import a_known_person, a_published_room, accepted, asks
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.running import RunningStack

NOTICED_SECONDS = 45.0
"""Within this time of a server's return everything goes on."""


async def everything_goes_on(outside: OutsideSystem, stack: RunningStack) -> None:
    """A room is published, somebody joins, and a letter about it comes: by each service, and across them."""
    room, person = await a_published_room(outside, policy="open"), await a_known_person(outside)
    assert (await accepted(asks(outside, room, person)))["status"] == "joined"
    await outside.receives("membership.joined.v1", person_id=person, within=NOTICED_SECONDS)
    await outside.receives("notifications.letter-sent.v1", person_id=person, within=NOTICED_SECONDS)
    await eventually(lambda: all_are_ready(stack), within=NOTICED_SECONDS, message="all are ready")


async def all_are_ready(stack: RunningStack) -> bool:
    """Return whether no part is unready."""
    return not await stack.unready()
