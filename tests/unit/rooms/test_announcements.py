"""The host's word: who may announce, in which rooms, and how often."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.support.every_case import every_case
from tests.unit.rooms.builders import FACILITATOR, HOST, NOW, STEWARD, STRANGER, a_room

from practio_contracts.answers import NextStep
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import Announce, RoomStatus
from practio_rooms.domain.announcements import OF_A_ROOM, not_allowed_to_announce
from practio_rooms.domain.repetition import fingerprint_of

DRAFT, PUBLISHED, CLOSED, CANCELLED, ARCHIVED = RoomStatus


@every_case(
    ("by", "expected"),
    [(HOST, None), (SYSTEM, None), (FACILITATOR, None), (STEWARD, "not-allowed"), (STRANGER, "not-allowed")],
)
def test_host_and_facilitators_announce(by: UUID | str, expected: str | None) -> None:
    refusal = not_allowed_to_announce(a_room(), by)
    assert (refusal and refusal.code) == expected


@every_case(
    ("status", "expected"),
    [
        (DRAFT, "not-in-this-state"),
        (PUBLISHED, None),
        (CLOSED, None),
        (CANCELLED, "not-in-this-state"),
        (ARCHIVED, "not-in-this-state"),
    ],
)
def test_a_room_that_goes_on_is_written_to(status: RoomStatus, expected: str | None) -> None:
    refusal = not_allowed_to_announce(a_room(status), HOST)
    assert (refusal and refusal.code) == expected


def test_the_right_to_announce_is_checked_before_the_state_of_the_room() -> None:
    refusal = not_allowed_to_announce(a_room(ARCHIVED), STRANGER)
    assert refusal
    assert refusal.code == "not-allowed"


def test_a_room_has_two_announcements_in_seven_days() -> None:
    assert OF_A_ROOM.refusal([]) is None
    assert OF_A_ROOM.refusal([NOW]) is None
    assert OF_A_ROOM.refusal([NOW, NOW]) is not None


def test_a_further_one_may_follow_seven_days_after_the_last_but_one() -> None:
    recent = [NOW - timedelta(days=days) for days in (1, 6, 3)]
    refusal = OF_A_ROOM.refusal(recent)
    assert refusal
    assert (refusal.code, refusal.next_step) == ("too-many", NextStep.RETRY_AFTER)
    assert refusal.retry_after == NOW - timedelta(days=3) + timedelta(days=7)
    of_two = OF_A_ROOM.refusal(recent[:2])
    assert of_two
    assert of_two.retry_after == NOW + timedelta(days=1)


def an_announcement(**fields: Any) -> Announce:
    stated = {"room_id": UUID(int=5), "announcement_id": UUID(int=6), "text": "The door code is new."}
    return Announce.model_validate(stated | fields)


def test_the_same_announcement_is_recognised_and_another_is_not_mistaken_for_it() -> None:
    same = fingerprint_of(an_announcement())
    assert same == fingerprint_of(an_announcement(to="joined", session_id=None))
    others: list[dict[str, Any]] = [
        {"text": "Bring a chair."},
        {"to": "everybody"},
        {"session_id": uuid4()},
        {"room_id": uuid4()},
    ]
    assert same not in [fingerprint_of(an_announcement(**each)) for each in others]
