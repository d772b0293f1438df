"""What services export about ADA."""

from collections import Counter
from typing import Any

from tests.unit.pages.builders import ADA, HOST, NOW, ROOM

from practio_contracts import membership, notifications, rooms
from practio_contracts.personal_data import ExportedRow, ExportPersonQuery, PersonExport

ROWS: dict[type[ExportPersonQuery], list[tuple[str, dict[str, Any]]]] = {
    rooms.ExportPerson: [
        ("feedback_given", {"room_id": ROOM, "session_id": HOST, "person_id": ADA}),
        ("note", {"room_id": ROOM, "title": "A <map>", "text": "Draw\nit.", "author_id": ADA}),
        ("room", {"room_id": ROOM, "office_ids": [ADA]}),
        ("certificate", {"room_id": ROOM, "person_id": ADA, "code": "K7M2P9QRST4VWXYZ2345"}),
        ("thanks", {"room_id": ROOM, "person_id": ADA, "author_id": None, "words": "They saved me."}),
        ("session_answer", {"room_id": ROOM, "session_id": HOST, "person_id": ADA, "coming": "yes"}),
        ("session_part", {"room_id": ROOM, "session_id": HOST, "person_id": ADA, "role": "coach"}),
        ("attendance", {"room_id": ROOM, "session_id": HOST, "person_id": ADA, "was_present": True}),
        ("announcement", {"room_id": ROOM, "author_id": ADA, "announced_at": NOW}),
        ("sponsor_delegate", {"sponsor_id": HOST, "person_id": ADA}),
        ("conduct_report", {"room_id": ROOM, "reporter_id": ADA, "text": "He <laughs>."}),
    ],
    membership.ExportPerson: [
        ("membership", {"room_id": ROOM, "person_id": ADA, "answers": {"why": "To <learn>"}}),
        ("history", {"room_id": ROOM, "person_id": ADA, "to_status": "requested"}),
        ("history", {"room_id": ROOM, "person_id": ADA, "to_status": "joined"}),
        ("buddy", {"room_id": ROOM, "person_id": ADA, "buddy_id": None}),
        ("inbox", {"about": ADA, "taken_at": NOW}),
    ],
    notifications.ExportPerson: [
        ("letter", {"person_id": ADA, "kind": "joined"}),
        ("preference", {"person_id": ADA, "wished": {"reminders": True}}),
        ("bounce", {"person_id": ADA, "email": "old@example.org"}),
        ("suppression", {"email": "old@example.org", "kind": "hard", "at": NOW}),
        ("calendar_entry", {"person_id": ADA, "session_id": HOST}),
        ("introduction", {"actor_id": ADA}),
        ("former_address", {"person_id": ADA, "email": "old@example.org"}),
        (
            "contact",
            {
                "person_id": ADA,
                "display_name": "Ada <Moretti>",
                "email": "ada@example.org",
                "locale": "it-IT",
                "time_zone": "Europe/Rome",
            },
        ),
    ],
}


def an_export(kind: type[ExportPersonQuery], query: ExportPersonQuery | None = None) -> PersonExport:
    """Return what the service of a query of this kind exports, on one page, as its answer has it."""
    tables = query.tables if query else None
    counts = Counter(table for table, _ in ROWS[kind]) if tables is not None else None
    rows = [ExportedRow(table=table, row=row) for table, row in ROWS[kind] if tables is None or table in tables]
    return PersonExport.model_validate_json(PersonExport(rows=rows, counts=counts).model_dump_json())
