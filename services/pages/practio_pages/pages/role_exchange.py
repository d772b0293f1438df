"""The form in which people in a room exchange roles: what was chosen differently becomes a command. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.membership import ExchangeRoles, RoleAssignment

ROLE, WAS = "role-", "was-"
"""The prefixes of the fields with the role that is chosen for a person, and with the one that the page showed."""

FEWEST = 2


class Fault(StrEnum):
    """A fault of the form as a whole."""

    TOO_FEW = "too-few"
    UNREADABLE = "unreadable"


def content_of(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of the form alone."""
    return {name: text for name, text in fields.items() if name.startswith((ROLE, WAS))}


def exchange_of(form: Mapping[str, str], *, room_id: UUID) -> ExchangeRoles | Fault:
    """Return the command for everybody whose chosen role is another than before, or the fault of the form."""
    ids = [name.removeprefix(ROLE) for name in form if name.startswith(ROLE)]
    chosen = {each: form[ROLE + each] for each in ids if form[ROLE + each] != form.get(WAS + each, "")}
    if len(chosen) < FEWEST:
        return Fault.TOO_FEW
    try:
        assignments = [
            RoleAssignment.model_validate({"person_id": each, "role": chosen[each]}) for each in sorted(chosen)
        ]
        return ExchangeRoles(room_id=room_id, assignments=assignments)
    except ValidationError:
        return Fault.UNREADABLE
