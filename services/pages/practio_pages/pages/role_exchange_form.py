"""The form in which people in a room exchange roles: what was chosen differently becomes a command. Pure."""

from collections.abc import Mapping, Set
from enum import StrEnum
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.membership import ExchangeRoles, RoleAssignment

ROLE, WAS = "role-", "was-"
"""The prefixes of the fields with the role that is chosen for a person, and with the one that the page showed."""

FEWEST = 2


class RoleExchangeFault(StrEnum):
    """A fault of the form as a whole."""

    TOO_FEW = "too-few"
    UNREADABLE = "unreadable"


def content_of(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of the form alone."""
    return {name: text for name, text in fields.items() if name.startswith((ROLE, WAS))}


def carried(form: Mapping[str, str], listed: Set[UUID]) -> dict[str, str]:
    """Return the fields of the changes that concern nobody of ``listed``: the form keeps them on another page."""
    people = (name.removeprefix(ROLE) for name in form if name.startswith(ROLE))
    changed = {each for each in people if form[ROLE + each] != form.get(WAS + each, "")} - {
        str(each) for each in listed
    }
    return {name: form.get(name, "") for each in sorted(changed) for name in (ROLE + each, WAS + each)}


def changed_meanwhile(
    form: Mapping[str, str], command: ExchangeRoles, roles: Mapping[UUID, str | None]
) -> dict[UUID, str]:
    """Return the ``roles`` of people that are neither what the form showed nor what is chosen in it for them."""
    found: dict[UUID, str] = {}
    for each in command.assignments:
        role = roles.get(each.person_id) or ""
        if each.person_id in roles and role not in (form.get(f"{WAS}{each.person_id}", ""), each.role):
            found[each.person_id] = role
    return found


def exchange_of(form: Mapping[str, str], *, room_id: UUID) -> ExchangeRoles | RoleExchangeFault:
    """Return the command for everybody whose chosen role is another than before, or the fault of the form."""
    ids = [name.removeprefix(ROLE) for name in form if name.startswith(ROLE)]
    chosen = {each: form[ROLE + each] for each in ids if form[ROLE + each] != form.get(WAS + each, "")}
    if len(chosen) < FEWEST:
        return RoleExchangeFault.TOO_FEW
    try:
        assignments = [
            RoleAssignment.model_validate({"person_id": each, "role": chosen[each]}) for each in sorted(chosen)
        ]
        return ExchangeRoles(room_id=room_id, assignments=assignments)
    except ValidationError:
        return RoleExchangeFault.UNREADABLE
