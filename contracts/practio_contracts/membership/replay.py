"""What membership is asked to say again, so that others agree with it once more; asked by the system alone."""

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
    """Say how full rooms are and how memberships stand, though nothing happened to them; by the system.

    A membership that is not there is told as withdrawn.
    """

    room_ids: Annotated[list[Id], Field(max_length=100)] = []
    memberships: Annotated[list[KnownMembership], Field(max_length=500)] = []


class MembershipsReplayed(Part):
    """How much was said again; ``gone`` are the memberships that are not there."""

    rooms: int
    memberships: int
    gone: list[Id]
