"""The buttons that end all links of a person, or the address of their calendar; their forms are parts of pages."""

from collections.abc import Mapping

from starlette.requests import Request

from practio_contracts.answers import CommandAccepted, Refusal
from practio_contracts.links import Link
from practio_contracts.notifications import EndedLinks, EndLinks
from practio_pages.site import signed_in, site_of

ENDING = ("do", "end-links")
"""The field by which the form of this button differs from the other one on its page."""


def is_ending(fields: Mapping[str, str]) -> bool:
    """Return whether a form is that of the button."""
    name, value = ENDING
    return fields.get(name) == value


async def end_links(request: Request, link: Link, only: EndedLinks | None = None) -> CommandAccepted | Refusal | None:
    """End all links of the person of ``link``, or ``only`` some; None if the form was open for too long.

    Raise FormError.
    """
    person = link.person_id
    signed = await signed_in(request, {EndLinks.routing_key}, person_id=person)
    if signed is None:
        return None
    # notifications of the previous release refuses the field "only", even if it is null
    command = EndLinks(person_id=person, only=only) if only else EndLinks(person_id=person)
    return await site_of(request).gateway.send(command, actor=person, id=signed.id)
