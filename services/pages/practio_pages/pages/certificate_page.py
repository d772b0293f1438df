"""A person's certificate of attendance, to be printed: it shows one thing and leads to no page of its person."""

import asyncio
from datetime import date, datetime, time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from practio_chassis.i18n import Localizer
from practio_contracts.answers import Refusal
from practio_contracts.links import Purpose
from practio_contracts.rooms import Certificate, GetCertificate
from practio_pages.pages.people_names import names_of
from practio_pages.rendering import render
from practio_pages.site import link_of, localizer_of, site_of


async def show_certificate(request: Request) -> Response:
    """Show the certificate, or that no attendance was recorded."""
    link = await link_of(request, Purpose.CERTIFICATE)
    assert link.room_id is not None  # a signed link of this purpose names the room
    site, localizer, person = site_of(request), localizer_of(request, link), link.person_id
    found, names = await asyncio.gather(
        site.gateway.ask(GetCertificate(room_id=link.room_id, person_id=person), Certificate, actor=person),
        names_of(site, link.room_id, [person], actor=person),
    )
    if isinstance(found, Refusal):
        return render(request, "no-certificate", localizer, status=404)
    return render(
        request,
        "certificate",
        localizer,
        certificate=found,
        name=names.get(person),
        days=[day_in_words(localizer, each) for each in (found.since, found.until)],
        verify=f"/verify/{found.code}",
        site_url=site.pages_url,
    )


def day_in_words(localizer: Localizer, day: date) -> str:
    """Return a day as it is called in a language."""
    return localizer.day(datetime.combine(day, time(12), localizer.zone))


ROUTES = [Route("/certificate/{token}", show_certificate, methods=["GET"])]
