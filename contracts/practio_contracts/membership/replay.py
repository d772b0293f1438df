"""Replay of membership, so that other services agree with it again; requested by the system alone."""

from typing import Annotated

from pydantic import Field

from practio_contracts.fields import Id
from practio_contracts.message import Command, CommandPart, Part


class KnownMembership(CommandPart):
    """A membership that somebody knows of."""

    membership_id: Id
    room_id: Id
    person_id: Id


class ReplayMemberships(Command, key="membership.say-again.v1"):
    """Publish occupancies and memberships again, though nothing happened to them; by the system.

    A membership that does not exist is published as withdrawn.
    """

    room_ids: Annotated[list[Id], Field(max_length=100)] = []
    memberships: Annotated[list[KnownMembership], Field(max_length=500)] = []


class MembershipsReplayed(Part):
    """How many were published again; ``gone`` are the memberships that do not exist."""

    rooms: int
    memberships: int
    gone: list[Id]
