"""The host's decisions on requests: the fields of the form become decisions, or faults by field."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints, TypeAdapter, ValidationError

from practio_contracts.fields import Text
from practio_contracts.membership import Decided
from practio_pages.ids import id_in

CHOICE = "decide-"
"""The prefix of a field with the decision on a person, followed by their id; empty if nothing is decided."""

ONE = "one"
"""The field of a button that decides on one person at once, whatever the other choices are: ``approve-<id>``."""

REASON = "reason"
"""The field of the reason for all declined people; with ``-<id>``, of a word to one person.

That replaces the common one if they are declined, and is a note if they are approved.
"""

KEPT = "kept"
"""The hidden field with the ids of people on other pages of the list, about whom the form keeps what was entered."""

LONGEST_REASON = 2_000
MOST = 500

_REASON: TypeAdapter[str] = TypeAdapter(Annotated[Text, StringConstraints(max_length=LONGEST_REASON)])
_APPROVES = {"approve": True, "decline": False}


class DecisionFault(StrEnum):
    """A fault of one field."""

    NOTHING_CHOSEN = "nothing-chosen"
    TOO_MANY = "too-many"
    UNKNOWN_PERSON = "unknown-person"
    UNKNOWN_CHOICE = "unknown-choice"
    UNFIT_REASON = "unfit-reason"


DecisionFaults = dict[str, DecisionFault]
"""The faults by the name of the field; the form as a whole has the empty name."""


def read_decisions(fields: Mapping[str, str]) -> tuple[Decided, ...] | DecisionFaults:
    """Return the decisions in a form's fields, in the order of the page, or their faults.

    If the button of one person was pressed, theirs is the only decision. The common reason is for declined people.
    """
    chosen = _chosen(fields)
    if not chosen or len(chosen) > MOST:
        return {"": DecisionFault.TOO_MANY if chosen else DecisionFault.NOTHING_CHOSEN}
    read = {name: _decided(name, choice, fields) for name, choice in chosen.items()}
    faults = {field: fault for each in read.values() if isinstance(each, dict) for field, fault in each.items()}
    return faults or tuple(each for each in read.values() if isinstance(each, Decided))


def fingerprint_of(decisions: Sequence[Decided]) -> str:
    """Return a text that is equal for equal sets of decisions, in any order."""
    return "\n".join(sorted(each.model_dump_json() for each in decisions))


def remaining_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields to keep after the decisions in ``fields``: all of them after a decision on one person.

    Otherwise the common reason is dropped if somebody was declined with it: it was not meant for the next.
    """
    declined = (person for person, choice in _chosen(fields).items() if not _APPROVES[choice])
    if fields.get(ONE) or REASON not in map(partial(_reason_field, fields), declined):
        return dict(fields)
    return {name: value for name, value in fields.items() if name != REASON}


def entered_about(fields: Mapping[str, str]) -> list[UUID]:
    """Return the people on whom something is decided or written in a form."""
    named = [
        name.removeprefix(start)
        for name, value in fields.items()
        for start in (CHOICE, f"{REASON}-")
        if name.startswith(start) and value.strip()
    ]
    return list(dict.fromkeys(person for each in named if (person := id_in(each))))


def kept_in(fields: Mapping[str, str]) -> list[UUID]:
    """Return the people on other pages about whom a form kept what was entered."""
    return [person for each in fields.get(KEPT, "").split() if (person := id_in(each))]


def fields_about(people: Iterable[UUID]) -> list[str]:
    """Return the names of the fields about people."""
    return [f"{start}{person}" for person in people for start in (CHOICE, f"{REASON}-")]


def _reason_field(fields: Mapping[str, str], person: str) -> str:
    """Return the field with the reason for declining a person: their own, else the one for all."""
    own = f"{REASON}-{person}"
    return own if fields.get(own, "").strip() else REASON


def _chosen(fields: Mapping[str, str]) -> dict[str, str]:
    if pressed := fields.get(ONE):
        choice, _, person = pressed.partition("-")
        return {person: choice}
    return {name.removeprefix(CHOICE): value for name, value in fields.items() if name.startswith(CHOICE) and value}


def _decided(name: str, choice: str, fields: Mapping[str, str]) -> Decided | DecisionFaults:
    try:
        person_id = UUID(name)
    except ValueError:
        return {"": DecisionFault.UNKNOWN_PERSON}
    if choice not in _APPROVES:
        return {f"{CHOICE}{name}": DecisionFault.UNKNOWN_CHOICE}
    approves = _APPROVES[choice]
    field = f"{REASON}-{name}" if approves else _reason_field(fields, name)
    try:
        reason = _REASON.validate_python(fields.get(field, ""))
    except ValidationError:
        return {field: DecisionFault.UNFIT_REASON}
    return Decided(person_id=person_id, approve=approves, reason=reason or None)
