"""Bounce reports: delivery status (RFC 3464) and complaints (RFC 5965). Pure.

Only our own letters count: the id of a letter is in its return address (VERP) or in its Message-ID.
"""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses
from hashlib import sha256
from typing import cast
from uuid import UUID, uuid5

from pydantic import ValidationError

from practio_contracts.mail_addresses import address_key
from practio_contracts.notifications import BounceKind, ReportBounce

_NAMESPACE = UUID("b1d1a0d6-2f43-5b8c-9a55-6f0f1c6c7e31")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_STATUS = re.compile(r"[45]\.\d{1,3}\.\d{1,3}")
_GONE = re.compile(r"5\.(1\.([0-46]|10)|2\.1)")
"""There is no such mailbox or mail server, or nobody uses it any more (RFC 3463, 3.2 and 3.3; RFC 7505)."""

_REFUSED = re.compile(r"5\.1\.[78]|[45]\.(2\.[34]|3\.[34]|[567]\.\d+)|5\.4\.4")
"""This letter was not wanted: its sender, size, form or content, a policy, or the way that it took."""

_RETURNED_TO = ("Delivered-To", "X-Original-To", "To")


@dataclass(frozen=True, slots=True)
class BounceReport:
    """One bounce; ``id`` is the same however often the report is read."""

    id: UUID
    bounce: ReportBounce


def reports_in(content: bytes) -> list[BounceReport]:
    """Return the bounces that a mail reports; none if it is not a report, or not about our letters."""
    mail = email.message_from_bytes(content, policy=email.policy.default)
    letter_id = _letter_id(mail)
    if mail.get_content_type() != "multipart/report" or letter_id is None:
        return []
    known_by = str(mail["Message-ID"] or sha256(content).hexdigest())
    found = []
    for number, (address, kind, detail) in enumerate(_bounces_in(mail)):
        try:
            bounce = ReportBounce(email=address, kind=kind, letter_id=letter_id, detail=detail)
        except ValidationError:
            continue
        found.append(BounceReport(uuid5(_NAMESPACE, f"{known_by} {number}"), bounce))
    return found


def _bounces_in(mail: Message) -> Iterator[tuple[str, BounceKind, str | None]]:
    for part in mail.walk():
        match part.get_content_type():
            case "message/delivery-status":
                yield from _failures(mail, cast(list[Message], part.get_payload()))
            case "message/feedback-report":
                [fields] = cast(list[Message], part.get_payload())
                address = _address(fields["Original-Rcpt-To"]) or _returned_to(mail)
                if str(fields["Feedback-Type"]).strip().lower() == "abuse" and address:
                    yield address, BounceKind.COMPLAINT, None


def _failures(mail: Message, blocks: list[Message]) -> Iterator[tuple[str, BounceKind, str | None]]:
    """Yield the permanent failures: a delayed or relayed letter has not bounced (RFC 3464, 2.3.3).

    The address is the one that we wrote to. If it passed the letter on to another one, such as a member of a list, only
    that one may be gone: the letter is refused.
    """
    for block in blocks:
        status = _STATUS.search(str(block["Status"] or ""))
        if str(block["Action"] or "").strip().lower() != "failed" or status is None:
            continue
        final = _address(block["Final-Recipient"])
        address = _returned_to(mail) or _address(block["Original-Recipient"]) or final
        if address:
            is_ours = final is None or address_key(final) == address_key(address)
            yield address, _kind(status[0]) if is_ours else BounceKind.REFUSED, status[0]


def _kind(status: str) -> BounceKind:
    """Return the kind of a failure of the address that we wrote to, by its status (RFC 3463)."""
    if _GONE.fullmatch(status):
        return BounceKind.HARD
    return BounceKind.REFUSED if _REFUSED.fullmatch(status) else BounceKind.SOFT


def _letter_id(mail: Message) -> UUID | None:
    places = [str(value) for name in _RETURNED_TO for value in mail.get_all(name, [])]
    places += [str(part["Message-ID"] or "") for part in _returned(mail)]
    return next((UUID(found[0]) for place in places if (found := _UUID.search(place))), None)


def _returned(mail: Message) -> Iterator[Message]:
    """Yield the letter that bounced, complete or only its headers."""
    for part in mail.walk():
        match part.get_content_type():
            case "message/rfc822":
                yield from cast(list[Message], part.get_payload())
            case "text/rfc822-headers":
                yield email.message_from_string(str(part.get_payload()), policy=email.policy.default)


def _returned_to(mail: Message) -> str | None:
    """Return the recipient that our letter names: the refusing server may have got it from a forwarding one."""
    return next((address for part in _returned(mail) for _, address in getaddresses([str(part["To"] or "")])), None)


def _address(field: str | None) -> str | None:
    """Return the address in a field such as ``rfc822; ada@example.org`` or ``<ada@example.org>``."""
    return str(field).rpartition(";")[2].strip(" <>") or None if field else None
