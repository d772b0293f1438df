"""A person says who they are: an address that is known by itself becomes a person with a name, once."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_contracts.links import Link, Purpose
from practio_contracts.people import PersonRegistered
from practio_pages.entered_fields import entered_in
from practio_pages.pages.introduce_form import IntroductionFault, content_of, event_of, new_form
from practio_pages.pages.time_zones import zones
from practio_pages.rendering import render
from practio_pages.site import (
    CATALOGUES,
    fields_of,
    introduction_of,
    link_of,
    localizer_of,
    signed_in,
    site_of,
)

PageInstead = Literal["done", "known", "taken", "closed"]
"""What there is instead of the form: the person is registered now, or was before, or cannot be."""

_STATUS: Mapping[PageInstead, int] = {"done": 200, "known": 200, "taken": 409, "closed": 403}


async def show_introduction_form(request: Request) -> Response:
    """Show the form; a person who said who they are before is led on."""
    link = await link_of(request, Purpose.INTRODUCE)
    if step := _instead(request):
        return _instead_page(request, link, step)
    form = new_form(language=localizer_of(request, link).language, time_zone=link.time_zone)
    return _form_page(request, link, form)


async def register(request: Request) -> Response:
    """Publish who the person is, and lead on to their rooms."""
    link, fields = await link_of(request, Purpose.INTRODUCE), await fields_of(request)
    signed = await signed_in(request, {PersonRegistered.routing_key}, person_id=link.person_id)
    introduction, form = introduction_of(request), content_of(fields)
    if step := _instead(request):
        return _instead_page(request, link, step, fields)
    assert introduction is not None  # otherwise there is no form
    assert introduction.email is not None
    event = event_of(form, person_id=link.person_id, email=introduction.email, languages=CATALOGUES.languages)
    if not isinstance(event, PersonRegistered):
        return _form_page(request, link, form, event)
    if signed is None:
        return _form_page(request, link, form)
    await site_of(request).gateway.register(event, id=signed.id_with(event.model_dump_json()))
    known = replace(link, locale=event.locale, time_zone=event.time_zone)
    return _instead_page(request, known, "done", name=event.display_name)


def _instead(request: Request) -> PageInstead | None:
    """Return what there is instead of the form; None if the person may say who they are."""
    introduction = introduction_of(request)
    if introduction is None:
        return "known"
    if introduction.email is None:
        return "taken"
    return None if site_of(request).introduces else "closed"


def _form_page(
    request: Request, link: Link, form: Mapping[str, str], faults: Mapping[str, IntroductionFault] | None = None
) -> Response:
    return render(
        request,
        "introduce",
        localizer_of(request, link),
        status=422 if faults else 200,
        form=site_of(request).forms.sign(PersonRegistered.routing_key, person_id=link.person_id),
        content=form,
        faults=faults or {},
        languages_offered=sorted(CATALOGUES.languages),
        zones=zones(),
    )


def _instead_page(
    request: Request, link: Link, step: PageInstead, fields: Mapping[str, str] | None = None, *, name: str = ""
) -> Response:
    site = site_of(request)
    is_known = step in ("done", "known")
    return render(
        request,
        "introduced",
        localizer_of(request, link),
        status=_STATUS[step],
        step=step,
        name=name,
        rooms=site.path_from(link, Purpose.ROOMS) if is_known else None,
        way=site.path_from(link, Purpose.WAY) if is_known and link.room_id else None,
        entered=() if is_known else entered_in(fields or {}),
    )


ROUTES = [
    Route("/introduce/{token}", show_introduction_form, methods=["GET"]),
    Route("/introduce/{token}", register, methods=["POST"]),
]
