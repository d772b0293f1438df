"""`practio link`: a link to a person's pages, for an operator who helps them by telephone."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from practio_contracts.links import AFTER_A_SESSION, LIFETIMES, Link
from practio_operator.console.output import console, error_console
from practio_operator.links.checks import check_introduction, check_room, check_sponsor, end_of_session
from practio_operator.links.holder import Holder, holder_of
from practio_operator.links.page import LinkedPage, check_words
from practio_operator.links.signer import link_signer
from practio_operator.messages.client import with_client
from practio_operator.targets.addresses import administrator_target


def link(
    person: Annotated[UUID, typer.Argument(metavar="PERSON", help="The person's id.")],
    page: Annotated[LinkedPage, typer.Option(help="Where the link leads.")] = LinkedPage.ROOMS,
    room: Annotated[
        UUID | None,
        typer.Option(
            metavar="ROOM",
            help="The room's id: for way, desk, queue, memory, session, feedback and certificate; start about a draft.",
        ),
    ] = None,
    session: Annotated[
        UUID | None, typer.Option(metavar="SESSION", help="The session's id: for session and feedback.")
    ] = None,
    sponsor: Annotated[UUID | None, typer.Option(metavar="SPONSOR", help="The sponsor's id: for sponsor.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print a link to a person's pages, in their language, as letters bring it, to help by telephone.

    The holder of the link acts as the person, until it expires or their links end: pass it to nobody else. A line on
    standard error records for whom it was made, and to which page, without the link.

    The command needs the database, as an administrator, and PRACTIO_PAGES_URL and PRACTIO_LINK_KEYS as notifications
    and pages have them; for a page about a room or a sponsor, and for introduce, the broker, too. It refuses a page
    that would be closed to the person. The address of a calendar is for calendar programs: it shows when the person's
    rooms meet, and can do nothing.

    Example: practio link PERSON --page desk --room ROOM
    """
    check_words(page, room, session, sponsor)
    signer, holder = link_signer(), asyncio.run(holder_of(administrator_target(), person))
    until, not_after = datetime.now(UTC) + LIFETIMES[page.purpose], None
    if page is LinkedPage.SESSION and room is not None and session is not None:
        not_after = with_client(lambda client: end_of_session(client, room, session, person)) + AFTER_A_SESSION
        until = min(until, not_after)
    elif room is not None:
        with_client(lambda client: check_room(client, page, room, session, person))
    if sponsor is not None:
        with_client(lambda client: check_sponsor(client, sponsor, person))
    if page is LinkedPage.INTRODUCE:
        with_client(lambda client: check_introduction(client, person))
    made = replace(_link_to(page, room, session, sponsor, holder), not_after=not_after)
    address = signer.url(made) + page.ending
    where = f"{page} of room {room}" if room else str(page)
    error_console.print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} link made for {person}: {where}", markup=False)
    if as_json:
        console.print_json(data={"link": address, "page": page.value, "valid_until": until.isoformat()})
    else:
        console.print(address, markup=False)


def _link_to(page: LinkedPage, room: UUID | None, session: UUID | None, sponsor: UUID | None, holder: Holder) -> Link:
    return Link(
        page.purpose,
        holder.person_id,
        room,
        locale=holder.locale,
        time_zone=holder.time_zone,
        version=holder.version_of_calendar if page is LinkedPage.CALENDAR else holder.version,
        session_id=session,
        sponsor_id=sponsor,
    )
