"""The form in which a person says whether they come: its content becomes a command, or faults by field. Pure."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import ValidationError

from practio_contracts.fields import tidy
from practio_contracts.rooms import AnswerSession, Coming
from practio_pages.pages.field_faults import FieldFault, FieldFaults

FIELDS = ("coming", "note", "scope")
"""The fields of the form; ``coming`` comes from the button that was pressed."""

LONGEST_NOTE = 300
"""The most characters of a note."""

ANSWERS = (Coming.YES, Coming.MAYBE, Coming.NO)
"""The answers, in the order of their buttons."""


def content_of(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the content of a form that was sent."""
    return {name: tidy(fields.get(name, "")) for name in FIELDS}


def answer_of(
    form: Mapping[str, str], *, room_id: UUID, session_id: UUID, person_id: UUID
) -> AnswerSession | FieldFaults:
    """Return the command that a form stands for, or the faults of the form."""
    about = {"room_id": room_id, "session_id": session_id, "person_id": person_id}
    try:
        return AnswerSession.model_validate(about | {name: form[name] or None for name in FIELDS})
    except ValidationError as error:
        return {str(each["loc"][0]): _fault(each["type"], str(each["loc"][0])) for each in error.errors()}


def _fault(kind: str, name: str) -> FieldFault:
    if name in ("coming", "scope"):
        return FieldFault.CHOOSE
    return FieldFault.of_text(kind)
