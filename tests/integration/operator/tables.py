"""Rooms and membership on one database, without a broker: their messages are passed on by hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row
from tests.integration.membership.membership_service import MembershipService
from tests.integration.rooms.catalogue import Catalogue
from tests.support.clients.commands import a_room
from tests.support.stack.example_service import received

from practio_chassis.context import ReceivedMessage
from practio_contracts.catalogue import CATALOGUE, account_of
from practio_contracts.envelope import SYSTEM
from practio_contracts.message import Message
from practio_membership.app import SERVICE as MEMBERSHIP
from practio_operator.invariants import Findings, OnCheck, run_checks
from practio_operator.invariants.runner import find_in_transaction
from practio_operator.provisioning.database import administering
from practio_operator.provisioning.target import ProvisionTarget
from practio_rooms.app import SERVICE as ROOMS

HOST, FACILITATOR, STEWARD = uuid4(), uuid4(), uuid4()

Broken = dict[str, set[UUID]]
"""The names of the checks that do not hold, with the rooms concerned."""


@dataclass(frozen=True)
class ServicePair:
    """The two services."""

    membership: MembershipService
    catalogue: Catalogue

    async def room(self, **fields: Any) -> UUID:
        """Publish a room, and let membership know."""
        [room_id] = await self.catalogue.publish(a_room(**fields), host=HOST)
        await self.carry()
        return room_id

    async def send(self, message: Message, by: UUID = HOST) -> None:
        """Have a command accepted by its service, and pass on the messages that follow from it."""
        service = self.catalogue if type(message) in ROOMS.commands else self.membership
        answer = await service.send(message, by)
        assert "state" in answer, answer
        await self.carry()

    async def carry(self) -> None:
        """Pass on the messages of the services to their consumers, until there are no more."""
        while published := [*await self._published("rooms"), *await self._published("membership")]:
            for message in published:
                if type(message.message) in MEMBERSHIP.events or type(message.message) in MEMBERSHIP.commands:
                    await self.membership.take(message)
                if type(message.message) in ROOMS.events:
                    await self.catalogue.handle(message)

    async def _published(self, service: str) -> list[ReceivedMessage[Message]]:
        pool = {"rooms": self.catalogue.pool, "membership": self.membership.pool}[service]
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
class SceneDatabase:
    """A database that holds a scene, to be broken behind the services' back; ``rooms`` are its rooms by name."""

    target: ProvisionTarget
    rooms: Mapping[str, UUID]

    async def change(self, statements: str) -> None:
        """Run statements without triggers; ``{name}`` stands for the id of a room or of an office holder."""
        async with administering(self.target) as connection, connection.transaction():
            await connection.execute(self._meant(statements))

    async def broken(self, *, wait_seconds: float = 0, begin: OnCheck = lambda _: None) -> Broken:
        """Look as an operator does."""
        return _rooms(await run_checks(self.target, wait_seconds=wait_seconds, on_check=begin))

    async def broken_by(self, statements: str) -> Broken:
        """Look while statements have changed something that is then as it was again."""
        async with administering(self.target) as connection:
            change = connection.transaction()
            await change.start()
            await connection.execute(self._meant(statements))
            looked = await find_in_transaction(connection)
            await change.rollback()
        return _rooms(looked)

    def _meant(self, statements: str) -> str:
        offices = {"host": HOST, "facilitator": FACILITATOR, "steward": STEWARD}
        names = {name: f"'{identity}'" for name, identity in {**self.rooms, **offices}.items()}
        return f"SET LOCAL session_replication_role = replica; {statements.format_map(names)}"


def _rooms(looked: Findings) -> Broken:
    return {check.name: {each.room_id for each in findings} for check, findings in looked.items() if findings}
