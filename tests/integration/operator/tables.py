"""Rooms and membership on one database, without a broker: what they say is carried by hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row
from tests.integration.membership.house import House
from tests.integration.rooms.catalogue import Catalogue
from tests.support.clients.commands import a_room
from tests.support.stack.handling import received

from practio_chassis.inbound.received import ReceivedMessage
from practio_contracts.catalogue import CATALOGUE, account_of
from practio_contracts.envelope import SYSTEM
from practio_contracts.message import Message
from practio_membership.app import SERVICE as MEMBERSHIP
from practio_operator.invariants import Begin, Looked, look
from practio_operator.invariants.looking import look_at
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget
from practio_rooms.app import SERVICE as ROOMS

HOST, FACILITATOR, STEWARD = uuid4(), uuid4(), uuid4()

Broken = dict[str, set[UUID]]
"""The names of the checks that do not hold, with the rooms concerned."""


@dataclass(frozen=True)
class Place:
    """The two services."""

    house: House
    catalogue: Catalogue

    async def room(self, **fields: Any) -> UUID:
        """Publish a room, and let membership know."""
        [room_id] = await self.catalogue.publish(a_room(**fields), host=HOST)
        await self.carry()
        return room_id

    async def send(self, message: Message, by: UUID = HOST) -> None:
        """Have a command accepted by the service that it is for, and carry what comes of it."""
        service = self.catalogue if type(message) in ROOMS.commands else self.house
        answer = await service.send(message, by)
        assert "state" in answer, answer
        await self.carry()

    async def carry(self) -> None:
        """Carry what the services say to those who listen, until nothing is said any more."""
        while said := [*await self._said("rooms"), *await self._said("membership")]:
            for message in said:
                if type(message.message) in MEMBERSHIP.events or type(message.message) in MEMBERSHIP.commands:
                    await self.house.take(message)
                if type(message.message) in ROOMS.events:
                    await self.catalogue.handle(message)

    async def _said(self, service: str) -> list[ReceivedMessage[Message]]:
        pool = {"rooms": self.catalogue, "membership": self.house}[service].pool
        async with pool.begin() as connection:
            rows = await connection.exec_driver_sql(
                "WITH gone AS (DELETE FROM outbox RETURNING *) SELECT * FROM gone ORDER BY id"
            )
            return [_received(row, service) for row in rows]


def _received(row: Row[Any], service: str) -> ReceivedMessage[Message]:
    envelope = json.loads(row.internal or row.public)
    attributes = {name: envelope.get(name) for name in ("id", "source", "subject", "sequence")}
    message = CATALOGUE[row.routing_key].model_validate(envelope["data"])
    return received(message, account=account_of(service), actor=SYSTEM, **attributes)


@dataclass(frozen=True)
class Tables:
    """A database that holds a scene, to be broken behind the services' back; ``rooms`` are its rooms by name."""

    target: ProvisionTarget
    rooms: Mapping[str, UUID]

    async def change(self, statements: str) -> None:
        """Run statements in which ``{name}`` stands for the id of a room or of an office, without triggers."""
        async with administering(self.target) as connection, connection.transaction():
            await connection.execute(self._meant(statements))

    async def broken(self, *, wait_seconds: float = 0, begin: Begin = lambda _: None) -> Broken:
        """Look as an operator does."""
        return _rooms(await look(self.target, wait_seconds=wait_seconds, begin=begin))

    async def broken_by(self, statements: str) -> Broken:
        """Look while statements have changed something that is then as it was again."""
        async with administering(self.target) as connection:
            change = connection.transaction()
            await change.start()
            await connection.execute(self._meant(statements))
            looked = await look_at(connection)
            await change.rollback()
        return _rooms(looked)

    def _meant(self, statements: str) -> str:
        offices = {"host": HOST, "facilitator": FACILITATOR, "steward": STEWARD}
        names = {name: f"'{identity}'" for name, identity in {**self.rooms, **offices}.items()}
        return f"SET LOCAL session_replication_role = replica; {statements.format_map(names)}"


def _rooms(looked: Looked) -> Broken:
    return {check.name: {each.room_id for each in findings} for check, findings in looked.items() if findings}
