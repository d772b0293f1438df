"""The form in which people say who they are: its fields become what the directory's event states, or faults. Pure."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.fields import tidy
from practio_contracts.people import PersonRegistered

FIELDS = ("name", "language", "time_zone")
NO_ZONE = "UTC"
"""The zone of people about whose zone nothing is known; the form leaves theirs to them."""

_FIELD = {"display_name": "name", "locale": "language", "time_zone": "time_zone"}


class IntroductionFault(StrEnum):
    """A fault of one field."""

    MISSING = "missing"
    TOO_LONG = "too-long"
    CHOOSE = "choose"
    ZONE = "zone"


IntroductionFaults = dict[str, IntroductionFault]
"""The faults by the name of the field."""

_OF_FIELD = {
    "name": IntroductionFault.TOO_LONG,
    "language": IntroductionFault.CHOOSE,
    "time_zone": IntroductionFault.ZONE,
}


def new_form(*, language: str, time_zone: str | None) -> dict[str, str]:
    """Return the content of the form as it is first shown."""
    return {"name": "", "language": language, "time_zone": "" if time_zone in (None, NO_ZONE) else str(time_zone)}


def content_of(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the content of a form that was sent."""
    return {name: tidy(fields.get(name, "")) for name in FIELDS}


def event_of(
    form: Mapping[str, str], *, person_id: UUID, email: str, languages: Collection[str]
) -> PersonRegistered | IntroductionFaults:
    """Return the event that registers the person of ``email``, or the faults of the form's fields."""
    faults: IntroductionFaults = {name: IntroductionFault.MISSING for name in FIELDS if not form[name]}
    if form["language"] and form["language"] not in languages:
        faults["language"] = IntroductionFault.CHOOSE
    try:
        event = PersonRegistered(
            person_id=person_id,
            email=email,
            display_name=form["name"],
            locale=form["language"],
            time_zone=form["time_zone"],
        )
    except ValidationError as error:
        named = (_FIELD[str(each["loc"][0])] for each in error.errors())
        return {name: _OF_FIELD[name] for name in named} | faults
    return faults or event
