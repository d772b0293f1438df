"""What is known of a person, summed up from what the services export. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from practio_contracts.exports import Summary

COUNTED = {
    "memberships": ("membership", "membership"),
    "steps": ("membership", "history"),
    "buddies": ("membership", "buddy"),
    "notes": ("rooms", "note"),
    "offices": ("rooms", "room"),
    "answers": ("rooms", "session_answer"),
    "parts": ("rooms", "session_part"),
    "attendance": ("rooms", "attendance"),
    "announcements": ("rooms", "announcement"),
    "sponsors": ("rooms", "sponsor_delegate"),
    "feedback": ("rooms", "feedback_given"),
    "thanks": ("rooms", "thanks"),
    "reports": ("rooms", "conduct_report"),
    "letters": ("notifications", "letter"),
    "entries": ("notifications", "calendar_entry"),
    "bounces": ("notifications", "bounce"),
    "suppressed": ("notifications", "suppression"),
    "introductions": ("notifications", "introduction"),
}
"""Where each kind of data is counted: the service and its table."""

SHOWN_TABLES = ("contact", "former_address", "preference", "certificate")
"""The tables whose rows are shown, or asked for."""


@dataclass(frozen=True, slots=True)
class OwnData:
    """What is known: name and addresses, how much there is of each kind, and ``messages`` kept against repetition.

    ``certified_rooms`` are those of which the person has a certificate.
    """

    contact: Mapping[str, Any]
    former_addresses: list[str]
    has_preferences: bool
    counts: Mapping[str, int]
    messages: int
    certified_rooms: list[UUID] = field(default_factory=list)


def own_data_of(exported: Mapping[str, Summary]) -> OwnData:
    """Return the sum of what all services export about a person; ``exported`` has the rows of ``SHOWN_TABLES``."""
    letters = exported["notifications"].rows
    contact = next(iter(letters.get("contact", [])), {})
    return OwnData(
        contact=contact,
        former_addresses=[each["email"] for each in letters.get("former_address", [])],
        has_preferences=bool(letters.get("preference")),
        counts={kind: exported[service].counts.get(table, 0) for kind, (service, table) in COUNTED.items()},
        certified_rooms=[UUID(str(each["room_id"])) for each in exported["rooms"].rows.get("certificate", [])],
        messages=sum(each.counts.get("inbox", 0) for each in exported.values()),
    )
