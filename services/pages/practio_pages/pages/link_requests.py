"""Requests for a link by mail: every address gets the same outcome, known or not."""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from practio_contracts.mail_addresses import address_key
from practio_contracts.notifications import SendLink
from practio_contracts.recipients import can_leave_to
from practio_pages.forms import SignedCommand
from practio_pages.site import NOBODY, site_of

TRAP = "leave-empty"
"""A field that people do not see; programs that fill in every field do."""


@dataclass(frozen=True, slots=True)
class LinkRequestForm:
    """A request with its outcome: ``is_address`` is false for a text that is none.

    ``again_at``: when the next one is taken, if there were too many.
    """

    email: str
    is_address: bool = True
    again_at: datetime | None = None

    @property
    def status(self) -> int:
        """Return the HTTP status of its page."""
        return 422 if not self.is_address else 429 if self.again_at else 200

    @property
    def is_sent(self) -> bool:
        """Return whether the request went on its way."""
        return self.status == 200

    @property
    def minutes(self) -> int | None:
        """Return in how many minutes another request is taken, if it was too early."""
        return ceil(self._seconds / 60) if self.again_at else None

    def mark(self, page: Response) -> Response:
        """Return the page with the time after which the request may be made again."""
        if self.again_at:
            page.headers["retry-after"] = str(self._seconds)
        return page

    @property
    def _seconds(self) -> int:
        assert self.again_at is not None
        return max(1, ceil((self.again_at - datetime.now(UTC)).total_seconds()))


async def send_link(
    request: Request,
    signed: SignedCommand,
    *,
    email: str,
    trap: str,
    room_id: UUID | None,
    language: str,
    session_id: UUID | None = None,
) -> LinkRequestForm:
    """Publish the command that sends a link, without waiting.

    Neither text nor timing reveals whether the address is known. ``session_id``: the session whose code was read.
    """
    site = site_of(request)
    try:
        command = SendLink(email=email, room_id=room_id, locale=language if site.introduces else None)
    except ValidationError:
        return LinkRequestForm(email, is_address=False)
    if not can_leave_to(command.email):
        return LinkRequestForm(email, is_address=False)
    client = request.client.host if request.client else ""
    if again_at := site.meter.count(client=client, address=command.email, session_id=session_id):
        return LinkRequestForm(command.email, again_at=again_at)
    if not trap:
        await site.gateway.publish(command, actor=NOBODY, id=signed.id_with(address_key(command.email)))
    return LinkRequestForm(command.email)
