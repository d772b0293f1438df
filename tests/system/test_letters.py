"""Letters over real SMTP: sessions that come into people's calendars and go, and an invitation that is accepted."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar
from tests.support.clients.actions import WITHDRAW, OpenRoom, a_known_person, a_published_room, accepted, asks, does
from tests.support.clients.commands import Data, about, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.oracles.ledger import Ledger
from tests.support.stack.mailbox import ReceivedLetter
from tests.support.stack.running import RunningStack

ROME = "Europe/Rome"
Entries = list[tuple[str, str, int]]


def entries_of(letter: ReceivedLetter) -> Entries:
    """Return method, session and revision of each calendar entry in a letter."""
    parts = [part for part in letter.message.walk() if part.get_content_type() == "text/calendar"]
    calendars = [Calendar.from_ical(part.get_content()) for part in parts]
    assert [part.get_param("method") for part in parts] == [calendar["METHOD"] for calendar in calendars]
    return [
        (str(each["METHOD"]), str(each.events[0]["UID"]), int(str(each.events[0]["SEQUENCE"]))) for each in calendars
    ]


async def letter_to(outside: OutsideSystem, stack: RunningStack, person: str, kind: str) -> ReceivedLetter:
    """Wait for the one letter of a kind to a person."""
    address = outside.people[person]["email"]

    def found() -> list[ReceivedLetter]:
        return [letter for letter in stack.mailbox.to(address) if letter.kind == kind]

    await eventually(found, within=30, message=f"a letter {kind}")
    [letter] = found()
    return letter


async def of_sessions(outside: OutsideSystem, room: OpenRoom, command: str, **fields: object) -> Data:
    data = {"room_id": room.room_id, **fields}
    return await accepted(outside.send(f"rooms.{command}.v1", data, actor=room.host))


def next_monday_at(hour: int) -> datetime:
    today = datetime.now(ZoneInfo(ROME)).replace(hour=hour, minute=0, second=0, microsecond=0)
    return today + timedelta(days=14 - today.weekday())


async def test_sessions_enter_calendars_move_are_cancelled_and_leave_with_their_people(
    outside: OutsideSystem, stack: RunningStack, ledger: Ledger
) -> None:
    host, person = await a_known_person(outside, "Marta Bianchi"), await a_known_person(outside)
    fields = {"policy": "open", "time_zone": ROME, "place": "Via Roma 1"}
    room = await a_published_room(outside, host=host, **fields)
    await accepted(asks(outside, room, person))
    assert entries_of(await letter_to(outside, stack, person, "joined")) == []

    starts_at = next_monday_at(18).replace(tzinfo=None)
    weekly = {"recurrence": {"rrule": "FREQ=WEEKLY;COUNT=3"}, "duration_minutes": 90, "topic": "A case each"}
    planned = {"session_id": new_id(), "starts_at": starts_at.isoformat(timespec="minutes"), **weekly}
    first = await of_sessions(outside, room, "schedule-session", **planned)
    letter = await letter_to(outside, stack, person, "session-scheduled")
    series = [identity for _, identity, _ in entries_of(letter)]
    assert entries_of(letter) == [("REQUEST", identity, 1) for identity in series]
    assert (series[0], len(series)) == (first["session_id"], 3)
    assert "Via Roma 1" in letter.text

    later = (starts_at + timedelta(days=8)).isoformat(timespec="minutes")
    await of_sessions(outside, room, "reschedule-session", session_id=series[1], starts_at=later)
    moved = await letter_to(outside, stack, person, "session-rescheduled")
    assert entries_of(moved) == [("REQUEST", series[1], 2)]
    await of_sessions(outside, room, "cancel-session", session_id=series[2], reason="Snow")
    off = await letter_to(outside, stack, person, "session-cancelled")
    assert entries_of(off) == [("CANCEL", series[2], 2)]
    assert "> Snow" in off.text

    await does(outside, WITHDRAW, room, person)
    left = await letter_to(outside, stack, person, "withdrawn")
    assert entries_of(left) == [("CANCEL", series[0], 2), ("CANCEL", series[1], 3)]
    kinds = {letter.kind for letter in stack.mailbox.to(outside.people[host]["email"])}
    assert not kinds & {"session-scheduled", "session-rescheduled", "session-cancelled"}, "the host did it"
    await ledger.is_clean()


async def test_an_invited_person_reads_who_invited_them_accepts_and_joins(
    outside: OutsideSystem, stack: RunningStack, ledger: Ledger
) -> None:
    host, guest = await a_known_person(outside, "Marta Bianchi"), await a_known_person(outside)
    room = await a_published_room(outside, host=host, policy="invitation")
    invitation = about(room.room_id, guest, message="Come and see.")
    await accepted(outside.send("membership.invite.v1", invitation, actor=host))
    invited = await letter_to(outside, stack, guest, "invited")
    assert "Marta Bianchi, the host of the room, invites you to" in " ".join(invited.text.split())
    assert "> Come and see." in invited.text
    assert (await does(outside, "membership.accept-invitation.v1", room, guest))["status"] == "joined"
    assert (await letter_to(outside, stack, guest, "joined")).subject.startswith("You are in")
    await ledger.is_clean()
