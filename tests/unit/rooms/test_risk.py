"""Whether a session can run: what each format needs, and what is missing."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.support.every_case import every_case
from tests.unit.rooms.builders import NOW, a_room

from practio_contracts.rooms import Coming, PlannedRole, Session, SessionAtRisk
from practio_rooms.domain.risk import Expected, at_risk, fewest, is_due

PEOPLE = [UUID(int=number) for number in range(11, 20)]
TRIAD: dict[str, Any] = {
    "format": "peer-coaching",
    "capacity": 3,
    "roles": [{"name": name, "seats": 1} for name in ("Coach", "coachee", "observer")],
}


def a_session() -> Session:
    return Session(
        session_id=uuid4(), room_id=uuid4(), starts_at=NOW, ends_at=NOW + timedelta(hours=1), time_zone="UTC"
    )


def risk(people: int, no: int = 0, *, room: dict[str, Any] | None = None, **known: Any) -> SessionAtRisk | None:
    """Return what is missing if so many people are in a room, of whom the first ``no`` have declined."""
    here = PEOPLE[:people]
    answers = dict.fromkeys(here[:no], Coming.NO)
    return at_risk(a_room(**room or {}), a_session(), Expected(people=here, answers=answers, **known))


def missing(found: SessionAtRisk | None) -> tuple[list[str], int, bool] | None:
    return (found.missing_roles, found.people_needed, found.case_missing) if found else None


def test_a_triad_needs_three_people_who_can_take_its_roles() -> None:
    assert risk(3, room=TRIAD) is None
    assert missing(risk(3, 1, room=TRIAD)) == (["observer"], 1, False)
    assert missing(risk(0, room=TRIAD)) == (["Coach", "coachee", "observer"], 3, False)
    assert risk(4, 1, room=TRIAD | {"capacity": 6}) is None


def test_a_role_of_a_person_who_declined_is_missing_unless_another_can_take_it() -> None:
    planned = [PlannedRole(name="coach", person_id=PEOPLE[0])]
    assert missing(risk(3, 1, room=TRIAD, roles=planned)) == (["observer"], 1, False)
    assert risk(4, 1, room=TRIAD | {"capacity": 6}, roles=planned) is None
    last = [PlannedRole(name="observer", person_id=PEOPLE[0])]
    assert missing(risk(3, 1, room=TRIAD, roles=last)) == (["observer"], 1, False)


def test_intervision_needs_a_case_of_a_person_who_comes() -> None:
    assert missing(risk(5)) == ([], 0, True)
    assert risk(5, case_by=[PEOPLE[4]]) is None
    assert missing(risk(5, 1, case_by=[PEOPLE[0]])) == ([], 0, True)
    assert missing(risk(5, case_by=[uuid4()])) == ([], 0, True)


@every_case(("room_format", "fewest"), [("peer-supervision", 4), ("method-practice", 6)])
def test_every_format_needs_a_number_of_people(room_format: str, fewest: int) -> None:
    room = {"format": room_format, "capacity": 16}
    assert risk(fewest, room=room) is None
    assert missing(risk(fewest, 2, room=room)) == ([], 2, False)
    assert risk(2, room=room | {"capacity": 2}) is None


def test_an_office_without_a_seat_can_bring_the_case_and_have_a_role() -> None:
    office = uuid4()
    assert risk(5, case_by=[office], offices=[office]) is None
    planned = [PlannedRole(name="coach", person_id=office)]
    assert missing(risk(2, room=TRIAD, roles=planned, offices=[office])) == ([], 1, False)
    assert missing(risk(2, room=TRIAD, roles=planned)) == (["observer"], 1, False)


def test_only_who_said_no_is_not_expected() -> None:
    room: dict[str, Any] = TRIAD | {"capacity": 6}
    for coming in (Coming.YES, Coming.MAYBE):
        assert Expected(people=PEOPLE[:3], answers={PEOPLE[0]: coming}).declined == set()
    session = a_session()
    maybe = Expected(people=PEOPLE[:3], answers=dict.fromkeys(PEOPLE[:3], Coming.MAYBE))
    assert at_risk(a_room(**room), session, maybe) is None


def test_the_answers_are_counted() -> None:
    answers = {PEOPLE[0]: Coming.YES, PEOPLE[1]: Coming.NO, PEOPLE[2]: Coming.MAYBE}
    counts = Expected(people=PEOPLE[:5], answers=answers).counts
    assert (counts.yes, counts.no, counts.maybe, counts.unanswered) == (1, 1, 1, 2)


def test_a_session_is_looked_at_from_48_hours_before_its_start() -> None:
    assert is_due(NOW + timedelta(hours=48), NOW)
    assert not is_due(NOW + timedelta(hours=48, microseconds=1), NOW)


def test_a_room_without_a_format_needs_one_person() -> None:
    assert fewest(a_room(format=None)) == 1
