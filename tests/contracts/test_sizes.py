"""The largest message of ours is smaller than the broker allows; those of others stay as small as they were."""

import json
import tracemalloc
from datetime import UTC, datetime
from uuid import uuid4

from tests.contracts.made import in_envelope

from practio_chassis.broker.policies import MAX_MESSAGE_BYTES
from practio_contracts.envelope import MOST_BYTES, Invalid, read, write
from practio_contracts.rooms import MOST_IN_AN_OFFICE, Room, RoomRevised
from practio_rooms.domain.statements import MOST_BYTES as MOST_BYTES_OF_A_ROOM
from practio_rooms.domain.statements import too_long

WIDEST = "\U0001f642"
"""Four bytes in JSON; a character that is escaped takes two."""


def a_room(questions: int) -> Room:
    """Return a room whose every text is as long as allowed, with so many questions, which are up to 50."""
    long, short, keys = WIDEST * 10_000, WIDEST * 200, [f"{number:064}" for number in range(questions)]
    people = [uuid4() for _ in range(MOST_IN_AN_OFFICE)]
    return Room.model_validate(
        {
            "room_id": uuid4(),
            "version": 1,
            "status": "published",
            "title": short,
            "domain": short,
            "purpose": long,
            "for_whom": long,
            "capacity": 10_000,
            "roles": [{"name": short, "seats": 10_000}],
            "place": WIDEST * 1_000,
            "meeting_url": WIDEST * 2_000,
            "sponsor": {"kind": "organisation", "name": short},
            "host_id": uuid4(),
            "facilitator_ids": people,
            "steward_ids": people,
            "access": {"questions": [{"key": key, "text": WIDEST * 1_000, "required": True} for key in keys]},
            "guidelines": {"version": 1, "text": long},
            "published_at": datetime.now(UTC),
        }
    )


def test_the_largest_room_that_is_accepted_fits_into_a_message() -> None:
    rooms = [a_room(questions) for questions in range(51)]
    assert too_long(rooms[-1]) is not None
    *_, largest = [room for room in rooms if too_long(room) is None]
    event = RoomRevised(room=largest, changed_fields=list(Room.model_fields))
    size = len(write(in_envelope(event)))
    assert MOST_BYTES_OF_A_ROOM - 5_000 < size <= MOST_BYTES < MAX_MESSAGE_BYTES


def test_a_message_with_faults_is_not_kept_in_its_parsed_form() -> None:
    room = str(uuid4())
    junk: list[list[str]] = [[]] * 60_000
    event = {"specversion": "1.0", "id": str(uuid4()), "source": "urn:intranet", "subject": "x" * 9_000}
    body = json.dumps(event | {"type": "practio.membership.withdraw.v1", "data": {"room_id": room, "x": junk}}).encode()
    tracemalloc.start()
    try:
        found = read(body, routing_key="membership.withdraw.v1")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(found, Invalid)
    assert held < 100_000
    assert found.attributes == {name: event[name] for name in ("specversion", "id", "source")} | {
        "type": "practio.membership.withdraw.v1",
        "data": {"room_id": room},
    }
