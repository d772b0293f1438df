"""Sponsors of rooms, and the people who look after them."""

from typing import Annotated

from pydantic import AfterValidator, Field

from practio_contracts.fields import PRIVATE, Cursor, Id, Page, ShortText
from practio_contracts.message import Command, Event, InternalCommand, Part, Query
from practio_contracts.rooms.snapshot import SponsorKind

MOST_DELEGATES = 100


def _each_once(ids: list[Id]) -> list[Id]:
    return list(dict.fromkeys(ids))


class RegisterSponsor(Command, key="rooms.register-sponsor.v1"):
    """Register an organisation, or participants, that carry rooms; by the system. Registering again revises it whole.

    ``delegate_ids`` are the people who may see the report on its rooms, and get it each month.
    """

    sponsor_id: Id
    name: ShortText
    kind: SponsorKind
    delegate_ids: Annotated[list[Id], Field(max_length=MOST_DELEGATES), AfterValidator(_each_once)]


class RegisteredSponsor(Part):
    """A sponsor as it is registered; ``delegate_ids`` only for the system and the delegates."""

    sponsor_id: Id
    name: str
    kind: SponsorKind
    delegate_ids: list[Id] | None = None


class ListSponsors(Query, key="rooms.list-sponsors.v1"):
    """Show the registered sponsors by name, so that hosts find theirs; result: ``SponsorsFound``."""

    limit: Page = 100
    after: Cursor | None = None


class SponsorsFound(Part):
    """A page of sponsors, without their delegates; ``after`` is null on the last page."""

    sponsors: list[RegisteredSponsor]
    after: str | None = None


class SponsorRegistered(Event, key="rooms.sponsor-registered.v1"):
    """A sponsor was registered or revised, or a delegate of it was erased; the newest one counts."""

    sponsor_id: Id
    name: str
    kind: SponsorKind
    delegate_ids: Annotated[list[Id], PRIVATE] = []


class FollowSponsor(InternalCommand, key="rooms.follow-sponsor.v1"):
    """Bring name and kind of a sponsor to the next rooms that name it; an internal command."""

    sponsor_id: Id
