"""Sponsors: who registers one, and what a room that names one states."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.rooms import RefusalCode, RegisteredSponsor, Sponsor

NOT_THE_SYSTEM = Refusal(code=RefusalCode.NOT_ALLOWED, detail="only the system may register sponsors: ask the operator")
SPONSOR_UNKNOWN = Refusal(
    code=RefusalCode.SPONSOR_UNKNOWN,
    detail="no sponsor is registered with this id: check the id, or ask the operator to register it",
)

Sponsors = Mapping[UUID, RegisteredSponsor]
"""Registered sponsors by their ids."""


def with_sponsor(stated: Mapping[str, Any], before: Sponsor, registered: Sponsors) -> dict[str, Any] | Refusal:
    """Return what a command states, with name and kind of a sponsor that it names by id.

    A command that repeats kind and name of the room's sponsor and gives no id keeps the id: its publisher may not
    know of ids.
    """
    given = stated.get("sponsor")
    if not given:
        return dict(stated)
    if sponsor_id := given.get("sponsor_id"):
        found = registered.get(sponsor_id)
        if found is None:
            return SPONSOR_UNKNOWN
        return {**stated, "sponsor": sponsor_of(found)}
    is_the_same = (given.get("kind"), given.get("name")) == (before.kind, before.name)
    if "sponsor_id" not in given and is_the_same:
        return {**stated, "sponsor": before.model_dump()}
    return dict(stated)


def sponsor_of(registered: RegisteredSponsor) -> dict[str, Any]:
    """Return a registered sponsor as rooms state it."""
    return Sponsor(kind=registered.kind, name=registered.name, sponsor_id=registered.sponsor_id).model_dump()
