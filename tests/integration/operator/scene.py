"""One room of each kind that the checks tell apart, made by the services themselves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

from pydantic import SecretStr
from tests.integration.membership.house import House, people
from tests.integration.operator.tables import FACILITATOR, HOST, STEWARD, Place
from tests.integration.rooms.catalogue import Catalogue
from tests.support.clients.commands import a_room

from practio_chassis.database import engine
from practio_contracts.membership import (
    AcceptInvitation,
    DeclineRequest,
    Invite,
    Remove,
    RequestToJoin,
    RevokeOffer,
    Withdraw,
)
from practio_contracts.rooms import CancelRoom, CreateRoom, ReviseRoom
from practio_operator.provisioning.target import ProvisionTarget

TRIAD = [{"name": name, "seats": 1} for name in ("coach", "coachee", "observer")]


@asynccontextmanager
async def services_on(target: ProvisionTarget) -> AsyncIterator[Place]:
    """Give the two services on the target's database, which they leave at the end."""
    pools = [
        engine.engine(SecretStr(target.database_of(service)), service=service) for service in ("membership", "rooms")
    ]
    yield Place(House(pools[0]), Catalogue(pools[1]))
    for pool in pools:
        await pool.dispose()


async def a_scene(place: Place) -> dict[str, UUID]:
    """Fill the tables; give the rooms by name."""
    return {
        "offering": await _with_an_offer(place),
        "asked": await _with_everything_open(place),
        "revoked": await _with_a_revoked_offer(place),
        "switched_off": await _with_its_waitlist_switched_off(place),
        "crowded": await _with_more_people_than_seats(place),
        "triad": await _with_a_role_that_is_full(place),
        "over": await _cancelled(place),
        "draft": await _a_draft(place),
    }


async def _joined(place: Place, room_id: UUID, *persons: UUID, roles: list[str] | None = None) -> None:
    for person in persons:
        await place.send(RequestToJoin(room_id=room_id, person_id=person, roles=roles), by=person)


async def _with_an_offer(place: Place) -> UUID:
    """One is in, one has an offer, one waits, one has left; two seats."""
    room_id, persons = await place.room(capacity=2, policy="open"), people(4)
    await _joined(place, room_id, *persons)
    await place.send(Withdraw(room_id=room_id, person_id=persons[0]), by=persons[0])
    return room_id


async def _with_everything_open(place: Place) -> UUID:
    """One has asked, one is invited, one is declined, one is removed and barred."""
    room_id = await place.room(facilitator_ids=[str(FACILITATOR)], steward_ids=[str(STEWARD)])
    asking, declined, invited, removed = people(4)
    await _joined(place, room_id, asking, declined)
    await place.send(DeclineRequest(room_id=room_id, person_id=declined))
    await place.send(Invite(room_id=room_id, person_id=invited))
    await place.send(Invite(room_id=room_id, person_id=removed))
    await place.send(AcceptInvitation(room_id=room_id, person_id=removed), by=removed)
    await place.send(Remove(room_id=room_id, person_id=removed, reason="Not a school head.", bar=True))
    return room_id


async def _with_a_revoked_offer(place: Place) -> UUID:
    """A seat is free, and who waits is not offered it again by itself."""
    room_id, persons = await place.room(capacity=1, policy="open"), people(2)
    await _joined(place, room_id, *persons)
    await place.send(Withdraw(room_id=room_id, person_id=persons[0]), by=persons[0])
    await place.send(RevokeOffer(room_id=room_id, person_id=persons[1]))
    return room_id


async def _with_its_waitlist_switched_off(place: Place) -> UUID:
    """A seat is free, and who waits has to wait for the waitlist too."""
    room_id, persons = await place.room(capacity=1, policy="open"), people(2)
    await _joined(place, room_id, *persons)
    revision = {"room_id": room_id, "access": {"waitlist": {"enabled": False}}}
    await place.send(ReviseRoom.model_validate(revision))
    await place.send(Withdraw(room_id=room_id, person_id=persons[0]), by=persons[0])
    return room_id


async def _with_more_people_than_seats(place: Place) -> UUID:
    """Two are in, one of them beyond the seats, and the capacity was lowered from two to one."""
    room_id, persons = await place.room(capacity=2, policy="open"), people(3)
    await _joined(place, room_id, *persons[:2])
    await place.send(Invite(room_id=room_id, person_id=persons[2], over_capacity=True))
    await place.send(AcceptInvitation(room_id=room_id, person_id=persons[2]), by=persons[2])
    await place.send(ReviseRoom(room_id=room_id, capacity=1))
    return room_id


async def _with_a_role_that_is_full(place: Place) -> UUID:
    """The coach is in, a second one waits, and the other seats are free."""
    room_id, persons = await place.room(capacity=3, policy="open", format="peer-coaching", roles=TRIAD), people(2)
    await _joined(place, room_id, *persons, roles=["coach"])
    return room_id


async def _cancelled(place: Place) -> UUID:
    room_id, persons = await place.room(capacity=1, policy="open"), people(2)
    await _joined(place, room_id, *persons)
    await place.send(CancelRoom(room_id=room_id, reason="The group has moved."))
    return room_id


async def _a_draft(place: Place) -> UUID:
    room_id = uuid4()
    await place.send(CreateRoom.model_validate(a_room(room_id=str(room_id))), by=HOST)
    return room_id
