"""A room's snapshot and the columns that searches use."""

from typing import Any

from practio_rooms.domain.languages import dictionary_of
from practio_rooms.domain.room import RoomState
from practio_rooms.domain.session_sort_key import session_sort_key


def columns_of(state: RoomState) -> dict[str, Any]:
    """Return the values of a room's row."""
    room = state.room
    return {
        "snapshot": room.model_dump(mode="json"),
        "asked": state.fingerprint,
        "guidelines_version": state.guidelines_version,
        "office_ids": room.office_ids,
        "proposed_host_id": state.proposed_host_id,
        "origin_id": room.origin_id,
        "status": room.status,
        "published_at": room.published_at,
        "format": room.format,
        "mode": room.mode,
        "language": room.language.casefold(),
        "dictionary": dictionary_of(room.language),
        "session_sort_key": session_sort_key(room.next_session_at),
        "domain": room.domain and room.domain.casefold(),
        "policy": room.access.policy,
        "sponsor_kind": room.sponsor.kind,
        "sponsor_name": room.sponsor.name and room.sponsor.name.casefold(),
    }
