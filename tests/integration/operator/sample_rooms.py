"""One room of each kind that the checks distinguish, made by the services themselves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

from pydantic import SecretStr
from tests.integration.membership.membership_service import MembershipService, people
from tests.integration.operator.tables import FACILITATOR, HOST, STEWARD, ServicePair
from tests.integration.rooms.catalogue import Catalogue
from tests.support.clients.commands import a_room
from tests.support.stack.logins import database_of

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
async def services_on(target: ProvisionTarget) -> AsyncIterator[ServicePair]:
    """Yield the two services on the target's database, which they leave at the end."""
    pools = [
        engine.engine(SecretStr(database_of(target, service)), service=service) for service in ("membership", "rooms")
    ]
    yield ServicePair(MembershipService(pools[0]), Catalogue(pools[1]))
    for pool in pools:
        await pool.dispose()


async def sample_rooms(services: ServicePair) -> dict[str, UUID]:
    """Fill the tables; return the rooms by name."""
    return {
        "offering": await _with_an_offer(services),
        "asked": await _with_everything_open(services),
        "revoked": await _with_a_revoked_offer(services),
        "switched_off": await _with_its_waitlist_switched_off(services),
        "crowded": await _with_more_people_than_seats(services),
        "triad": await _with_a_role_that_is_full(services),
        "short": await _with_fewer_seats_in_its_roles(services),
        "over": await _cancelled(services),
        "draft": await _a_draft(services),
    }


async def _joined(services: ServicePair, room_id: UUID, *persons: UUID, roles: list[str] | None = None) -> None:
    for person in persons:
        await services.send(RequestToJoin(room_id=room_id, person_id=person, roles=roles), by=person)


async def _with_an_offer(services: ServicePair) -> UUID:
    """One is in, one has an offer, one waits, one has left; two seats."""
    room_id, persons = await services.room(capacity=2, policy="open"), people(4)
    await _joined(services, room_id, *persons)
    await services.send(Withdraw(room_id=room_id, person_id=persons[0]), by=persons[0])
    return room_id


async def _with_everything_open(services: ServicePair) -> UUID:
    """One has asked, one is invited, one is declined, one is removed and barred."""
    room_id = await services.room(facilitator_ids=[str(FACILITATOR)], steward_ids=[str(STEWARD)])
    asking, declined, invited, removed = people(4)
    await _joined(services, room_id, asking, declined)
    await services.send(DeclineRequest(room_id=room_id, person_id=declined))
    await services.send(Invite(room_id=room_id, person_id=invited))
    await services.send(Invite(room_id=room_id, person_id=removed))
    await services.send(AcceptInvitation(room_id=room_id, person_id=removed), by=removed)
    await services.send(Remove(room_id=room_id, person_id=removed, reason="Not a school head.", bar=True))
    return room_id


async def _with_a_revoked_offer(services: ServicePair) -> UUID:
    """A seat is free, and the waiting person gets no automatic offer again."""
    room_id, persons = await services.room(capacity=1, policy="open"), people(2)
    await _joined(services, room_id, *persons)
    await services.send(Withdraw(room_id=room_id, person_id=persons[0]), by=persons[0])
    await services.send(RevokeOffer(room_id=room_id, person_id=persons[1]))
    return room_id


async def _with_its_waitlist_switched_off(services: ServicePair) -> UUID:
    """A seat is free, and the person waits because the waitlist is switched off."""
    room_id, persons = await services.room(capacity=1, policy="open"), people(2)
    await _joined(services, room_id, *persons)
    revision = {"room_id": room_id, "access": {"waitlist": {"enabled": False}}}
    await services.send(ReviseRoom.model_validate(revision))
    await services.send(Withdraw(room_id=room_id, person_id=persons[0]), by=persons[0])
    return room_id


async def _with_more_people_than_seats(services: ServicePair) -> UUID:
    """Two are in, one of them beyond the seats, and the capacity was lowered from two to one."""
    room_id, persons = await services.room(capacity=2, policy="open"), people(3)
    await _joined(services, room_id, *persons[:2])
    await services.send(Invite(room_id=room_id, person_id=persons[2], over_capacity=True))
    await services.send(AcceptInvitation(room_id=room_id, person_id=persons[2]), by=persons[2])
    await services.send(ReviseRoom(room_id=room_id, capacity=1))
    return room_id


async def _with_a_role_that_is_full(services: ServicePair) -> UUID:
    """The coach is in, a second one waits, and the other seats are free."""
    room_id, persons = await services.room(capacity=3, policy="open", format="peer-coaching", roles=TRIAD), people(2)
    await _joined(services, room_id, *persons, roles=["coach"])
    return room_id


async def _with_fewer_seats_in_its_roles(services: ServicePair) -> UUID:
    """The roles have two seats of five: one is taken, the other is free."""
    roles = [{"name": "lead", "seats": 1}, {"name": "peer", "seats": 1}]
    room_id = await services.room(capacity=5, policy="open", format="intervision", roles=roles)
    await _joined(services, room_id, *people(1), roles=["peer"])
    return room_id


async def _cancelled(services: ServicePair) -> UUID:
    room_id, persons = await services.room(capacity=1, policy="open"), people(2)
    await _joined(services, room_id, *persons)
    await services.send(CancelRoom(room_id=room_id, reason="The group has moved."))
    return room_id


async def _a_draft(services: ServicePair) -> UUID:
    room_id = uuid4()
    await services.send(CreateRoom.model_validate(a_room(room_id=str(room_id))), by=HOST)
    return room_id
