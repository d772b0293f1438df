"""A form in a room that may be filled in again: faults, a refusal, or sent; the same texts are one command."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from starlette.requests import Request

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.fields import tidy
from practio_contracts.links import Link
from practio_contracts.message import Command
from practio_pages.site import NOBODY, fields_of, signed_in, site_of


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form as it was filled in, with the faults of its fields, or what the command came to."""

    content: Mapping[str, str]
    faults: Mapping[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None
    accepted: CommandAccepted | None = None

    @classmethod
    def empty(cls, names: Sequence[str]) -> "FilledForm":
        """Return a form whose fields are empty."""
        return cls(dict.fromkeys(names, ""))

    @property
    def status(self) -> int:
        """Return the HTTP status of its page."""
        return 422 if self.faults else 409 if self.refusal else 200


async def send_filled(
    request: Request,
    link: Link,
    *,
    key: str,
    names: Sequence[str],
    command_of: Callable[[Mapping[str, str], UUID], Command | dict[str, str]],
) -> FilledForm:
    """Send the command ``key`` of a form, unless it has faults or its signature is old.

    ``command_of`` returns the command from the fields and an id that goes with their texts, or the faults.
    """
    assert link.room_id is not None
    fields = await fields_of(request)
    signed = await signed_in(request, {key}, person_id=link.person_id, room_id=link.room_id)
    content = {name: tidy(fields.get(name, "")) for name in names}
    command = command_of(content, signed.id_with(" ".join(content.values())) if signed else NOBODY)
    if isinstance(command, dict):
        return FilledForm(content, faults=command)
    if signed is None:
        return FilledForm(content)
    id_ = signed.id_with(command.model_dump_json())
    outcome = await site_of(request).gateway.send(command, actor=link.person_id, id=id_)
    if isinstance(outcome, Refusal):
        return FilledForm(content, refusal=outcome)
    return FilledForm(dict.fromkeys(names, ""), accepted=outcome)
