"""The form in which offices record who came: a tick for each person, and what the page showed of them. Pure.

It sends what differs from what is recorded. What was recorded after the page was opened stays: somebody who checked in
is present, unless the tick that the page showed for them was taken away, and somebody whom another office recorded as
absent is absent, unless the page showed no tick and they got one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from practio_contracts.rooms import MOST_AT_ONCE, Coming, PersonComing, RecordAttendance, SessionResult
from practio_pages.ids import id_in

CAME, SHOWN = "came-", "shown-"
"""The starts of the fields of a person: the tick, and whether the page showed it (``yes`` or ``no``)."""

MOST = MOST_AT_ONCE
"""The most people on one page: as many as a command may state."""


@dataclass(frozen=True, slots=True)
class Attendee:
    """A person who may have come; ``ticked``: as the page shows it, ``was``: as it was before anybody chose."""

    person_id: UUID
    ticked: bool
    was: bool


@dataclass(frozen=True, slots=True)
class Ticks:
    """A form as it was filled in: who is ticked, and who was when the page was opened, by the people on it."""

    ticked: Mapping[UUID, bool]
    was: Mapping[UUID, bool]


@dataclass(frozen=True, slots=True)
class AttendancePage:
    """The people on one page, and those on the pages after it."""

    people: Sequence[UUID]
    later: Sequence[UUID]


def people_of(result: SessionResult) -> list[UUID]:
    """Return the people whose attendance can be recorded: those who answered, are in the room, or are recorded.

    More than fit on one page come in the order of their ids, so that nobody slips from one page to another.
    """
    people = [each.person_id for each in result.people or ()]
    found = list(dict.fromkeys((*people, *(result.present or ()), *(result.absent or ()))))
    return found if len(found) <= MOST else sorted(found)


def part_of(result: SessionResult, after: UUID | None) -> AttendancePage:
    """Return the people on the page that begins ``after`` a person; on the first one for None."""
    people = people_of(result)
    if len(people) <= MOST:
        return AttendancePage(people, [])
    left = [each for each in people if after is None or each > after]
    return AttendancePage(left[:MOST], left[MOST:])


def attendees(result: SessionResult, people: Sequence[UUID], filled: Ticks | None) -> Sequence[Attendee]:
    """Return the people with their ticks: as they were filled in, else as recorded, else who said that they come."""
    usual = _usual(result)
    if filled is None:
        return [Attendee(each, usual[each], usual[each]) for each in people]
    return [Attendee(each, filled.ticked.get(each, usual[each]), filled.was.get(each, usual[each])) for each in people]


def ticks_in(fields: Mapping[str, str]) -> Ticks:
    """Return the ticks in a form that was sent; fields that name nobody are left out."""
    was = {person: text == "yes" for name, text in fields.items() if (person := _person(name, SHOWN)) is not None}
    return Ticks({person: f"{CAME}{person}" in fields for person in was}, was)


def carried(filled: Ticks, people: Sequence[UUID]) -> Mapping[UUID, bool]:
    """Return the ticks that were changed for others than ``people``: the form keeps them on another page."""
    listed = set(people)
    return {
        each: is_ticked
        for each, is_ticked in filled.ticked.items()
        if each not in listed and is_ticked != filled.was.get(each)
    }


def records_of(filled: Ticks, result: SessionResult, *, room_id: UUID, session_id: UUID) -> list[RecordAttendance]:
    """Return the commands that a form stands for; they state nobody if all is recorded as it is ticked.

    There are several if what was chosen on other pages is more than one may state.
    """
    present, absent = set(result.present or ()), set(result.absent or ())
    known, kept = set(people_of(result)), set(kept_of(filled, result))
    listed = [each for each in filled.ticked if each in known]
    commands = []
    for start in range(0, len(listed) or 1, MOST):
        some = listed[start : start + MOST]
        came = [each for each in some if filled.ticked[each] and each not in present | kept]
        missing = [each for each in some if not filled.ticked[each] and each not in absent | kept]
        commands.append(RecordAttendance(room_id=room_id, session_id=session_id, present=came, absent=missing))
    return commands


def kept_of(filled: Ticks, result: SessionResult) -> list[UUID]:
    """Return the people who were recorded otherwise meanwhile than a form says, which left them as its page showed."""
    present, absent = set(result.present or ()), set(result.absent or ())
    left = [each for each, is_ticked in filled.ticked.items() if is_ticked == filled.was.get(each)]
    return [each for each in left if each in (absent if filled.ticked[each] else present)]


def _usual(result: SessionResult) -> dict[UUID, bool]:
    answers: dict[UUID, PersonComing] = {each.person_id: each for each in result.people or ()}
    present, absent = set(result.present or ()), set(result.absent or ())

    def is_ticked(person: UUID) -> bool:
        if person in present or person in absent:
            return person in present
        return person in answers and answers[person].coming is Coming.YES

    return {each: is_ticked(each) for each in people_of(result)}


def _person(name: str, start: str) -> UUID | None:
    return id_in(name.removeprefix(start)) if name.startswith(start) else None
