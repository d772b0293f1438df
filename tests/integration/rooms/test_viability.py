"""Query results show whether a room is viable, by membership's events."""

from uuid import UUID, uuid4

from tests.integration.rooms.catalogue import Catalogue, occupancy
from tests.support.clients.commands import a_room, new_id

from practio_contracts.rooms import ReviseRoom


async def shown(catalogue: Catalogue, room_id: UUID, domain: str) -> tuple[bool, list[str]]:
    """Return the viability of the room; a search must show the same."""
    asked = await catalogue.room_result(room_id, uuid4())
    [found] = (await catalogue.search(domain=domain)).rooms
    assert (found.viable, found.missing_roles) == (asked.viable, asked.missing_roles)
    return asked.viable, asked.missing_roles


async def test_a_triad_is_viable_once_somebody_is_in_each_of_its_roles(catalogue: Catalogue) -> None:
    host, domain = uuid4(), new_id()
    coaching = a_room(domain=domain, format="peer-coaching", capacity=3, roles=None)
    [room_id] = await catalogue.publish(coaching, host=host)
    assert await shown(catalogue, room_id, domain) == (False, ["coach", "coachee", "observer"])
    await catalogue.handle(occupancy(room_id, taken=2, roles={"coach": 0, "coachee": 1, "observer": 1}))
    assert await shown(catalogue, room_id, domain) == (False, ["coach"])
    await catalogue.handle(occupancy(room_id, taken=3, roles={"coach": 1, "coachee": 1, "observer": 1}, sequence=2))
    assert await shown(catalogue, room_id, domain) == (True, [])
    await catalogue.send(ReviseRoom(room_id=room_id, purpose="Cases alone"), host)
    assert await shown(catalogue, room_id, domain) == (True, [])


async def test_any_other_room_is_viable_once_somebody_is_in_it(catalogue: Catalogue) -> None:
    domain = new_id()
    [room_id] = await catalogue.publish(a_room(domain=domain), host=uuid4())
    assert await shown(catalogue, room_id, domain) == (False, [])
    await catalogue.handle(occupancy(room_id, taken=1, roles={"participant": 1}))
    assert await shown(catalogue, room_id, domain) == (True, [])
