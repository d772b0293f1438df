"""Reports on a real database: membership's events in any order give the same numbers."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

from tests.integration.rooms.catalogue import Catalogue
from tests.integration.rooms.past_sessions import a_room_of, a_session, feedback, give, report
from tests.support.stack.example_service import received

from practio_chassis.context import ReceivedMessage
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    Declined,
    Ended,
    Joined,
    Membership,
    MembershipEvent,
    Requested,
    SeatOffered,
    Status,
    Waitlisted,
    Withdrawn,
)
from practio_contracts.message import Message
from practio_contracts.people import PersonErased
from practio_contracts.rooms import RecordNote

START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=10)
WAY: list[tuple[type[MembershipEvent], Status, float, dict[str, Any]]] = [
    (Requested, Status.REQUESTED, 0, {}),
    (Waitlisted, Status.WAITLISTED, 6, {"ahead": 0}),
    (SeatOffered, Status.OFFERED, 30, {}),
    (SeatOffered, Status.OFFERED, 30.5, {}),
    (Joined, Status.JOINED, 31, {"how": "offer"}),
    (Withdrawn, Status.WITHDRAWN, 200, {"from_status": Status.JOINED}),
]
"""A path through a room, with the hours after the start at which each step was taken."""


def events_for(room_id: UUID, person: UUID, way: list[Any]) -> list[ReceivedMessage[Message]]:
    """Return the events of one membership, numbered."""
    membership_id = uuid4()
    events = []
    for version, (kind, status, at, more) in enumerate(way, 1):
        membership = Membership(
            membership_id=membership_id,
            room_id=room_id,
            person_id=person,
            status=status,
            since=START + timedelta(hours=at),
            by="system",
            version=version,
        )
        events.append(event_of(kind(membership=membership, **more), membership))
    return events


def event_of(event: MembershipEvent, membership: Membership) -> ReceivedMessage[Message]:
    return received(
        event,
        account="practio-membership",
        source="/practio/membership",
        subject=str(membership.membership_id),
        sequence=str(membership.version),
        actor=None,
    )


async def timelines(catalogue: Catalogue, room_id: UUID) -> list[tuple[Any, ...]]:
    query = """
        SELECT requested_at, waitlisted_at, offered_at, joined_at, declined_at, left_at
        FROM passage WHERE room_id = :room
    """
    return [tuple(row) for row in await catalogue.rows(query, room=room_id)]


async def test_events_late_doubled_or_shuffled_end_in_the_same_projection(catalogue: Catalogue) -> None:
    instants = [START + timedelta(hours=at) for _, _, at, _ in WAY]
    expected = [(*instants[:3], instants[4], None, instants[5])]
    for order in list(permutations(range(len(WAY))))[::31]:
        room_id = uuid4()
        events = events_for(room_id, uuid4(), WAY)
        shuffled = [events[place] for place in order]
        again = [received_again(each) for each in shuffled[:3]]
        half = len(shuffled) // 2
        await catalogue.handle(*shuffled[:half])
        await catalogue.handle(*shuffled[half:], *again)
        assert await timelines(catalogue, room_id) == expected, order


def received_again(event: ReceivedMessage[Message]) -> ReceivedMessage[Message]:
    """Return an event again, as a relay publishes it that stopped before it deleted the outbox row."""
    return ReceivedMessage(event.envelope.model_copy(update={"id": uuid4()}), event.message, event.account)


async def test_a_report_is_for_offices_and_the_system(catalogue: Catalogue) -> None:
    host, member = uuid4(), uuid4()
    room_id = await a_room_of(catalogue, member, host=host)
    shown = await report(catalogue, room_id, SYSTEM)
    assert shown == await report(catalogue, room_id, host)
    assert shown["people_served"] == 1
    assert await report(catalogue, room_id, member) == "not-allowed"
    assert await report(catalogue, uuid4(), host) == "room-unknown"
    assert await report(catalogue, room_id, host, **{"from": "2026-02-01", "to": "2026-01-31"}) == "invalid"
    assert await report(catalogue, uuid4(), uuid4(), **{"from": "2026-02-01", "to": "2026-01-31"}) == "invalid"


async def test_the_numbers_of_a_room(catalogue: Catalogue) -> None:
    host = uuid4()
    room_id = await a_room_of(catalogue, host=host)
    people = [uuid4() for _ in range(4)]
    for person in people:
        await catalogue.handle(*events_for(room_id, person, WAY[:5]))
    declined = [WAY[0], (Declined, Status.DECLINED, 2, {})]
    await catalogue.handle(*events_for(room_id, uuid4(), declined))
    ended = [WAY[0], (Joined, Status.JOINED, 1, {"how": "approved"}), (Ended, Status.ENDED, 100, {})]
    await catalogue.handle(*events_for(room_id, uuid4(), ended))
    early, late = await a_session(catalogue, room_id, hours=-150), await a_session(catalogue, room_id, hours=-48)
    await a_session(catalogue, room_id, hours=20)
    for person in people:
        await give(catalogue, room_id, late, person, useful=5)

    for kind in ("case", "tool", "tool"):
        note = RecordNote(room_id=room_id, note_id=uuid4(), kind=kind, title="A title", text="A text")
        await catalogue.send(note, host)

    shown = await report(catalogue, room_id, host)

    assert (shown["sessions_held"], shown["people_served"], shown["seats_used"]) == (2, 5, 9)
    assert shown["decisions"] == {"people": 6, "median": 6.0, "p90": 6.0}
    assert shown["waiting"] == {"people": 4, "median": 24.0, "p90": 24.0}
    assert (shown["feedback"]["answers"], shown["feedback"]["average"]) == (4, 5.0)
    assert {kind: count for kind, count in shown["notes"].items() if count} == {"case": 1, "tool": 2}
    assert not any(str(person) in str(shown) for person in people)
    before = await report(catalogue, room_id, host, to=str((START + timedelta(days=6)).date()))
    assert (before["sessions_held"], before["feedback"]["answers"], sum(before["notes"].values())) == (1, 0, 0)
    assert early != late
    assert (await feedback(catalogue, room_id, host))["answers"] == 4


async def test_nothing_is_kept_of_an_erased_person_however_late_an_event_comes(catalogue: Catalogue) -> None:
    early, late, same = uuid4(), uuid4(), uuid4()
    room_id = uuid4()
    await catalogue.handle(*events_for(room_id, early, WAY[:5]))
    for person in (early, late):
        await catalogue.handle(erased(person))
    await catalogue.handle(*events_for(room_id, late, WAY), *events_for(room_id, early, WAY[5:]))
    events = events_for(room_id, same, WAY)
    await catalogue.handle(*events[:5], erased(same), *events[5:])
    assert await timelines(catalogue, room_id) == []
    people = {"people": [early, late, same]}
    for table in ("presence", "ending"):
        assert await catalogue.rows(f"SELECT 1 FROM {table} WHERE person_id = ANY (:people)", **people) == []


def erased(person: UUID) -> ReceivedMessage[Message]:
    return received(PersonErased(person_id=person), subject=str(person), sequence="9", actor=None)
