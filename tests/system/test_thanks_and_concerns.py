"""Thanks, certificates and reports of conduct on the whole stack, by an outside system that receives every event."""

import json
from datetime import UTC, datetime, timedelta

import httpx
from tests.support.clients.actions import OpenRoom, a_known_person, a_published_room, accepted, asks
from tests.support.clients.commands import Data, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.oracles.ledger import Ledger
from tests.support.stack.running import RunningStack
from tests.system.test_sessions import ROME, change, plans

THANK, REPORT, SETTLE = "rooms.thank.v1", "rooms.report-conduct.v1", "rooms.settle-conduct.v1"
LIST = "rooms.list-conduct-reports.v1"
WORDS, TEXT, REASON = "They saved me twice over.", "He laughs at everybody who is new.", "We spoke on a Monday."


async def joins(outside: OutsideSystem, room: OpenRoom) -> str:
    """Let somebody with a mailbox join, and wait until rooms knows."""
    person = await a_known_person(outside)
    await accepted(asks(outside, room, person))

    async def is_inside() -> bool:
        answer = await outside.query("rooms.list-thanks.v1", {"room_id": room.room_id}, actor=person)
        return answer.get("code") is None

    await eventually(is_inside, within=30, message="the person is in the room")
    return person


def letters(outside: OutsideSystem, stack: RunningStack, person: str) -> list[tuple[str, str]]:
    """Return subject and text of the letters to a person."""
    return [(each.subject, each.text) for each in stack.mailbox.to(outside.people[person]["email"])]


async def test_a_person_is_thanked_by_letter_and_the_room_reads_it(
    outside: OutsideSystem, stack: RunningStack, ledger: Ledger
) -> None:
    room = await a_published_room(outside, policy="open")
    ada, ben = await joins(outside, room), await joins(outside, room)
    choice = {"person_id": ben, "activity": "at-once", "quiet_hours": None}
    await accepted(outside.send("notifications.set-preferences.v1", choice, actor=ben))
    word = {"room_id": room.room_id, "thanks_id": new_id(), "person_id": ben, "for": "the minutes", "words": WORDS}
    await accepted(outside.send(THANK, word | {"seen_by": "room"}, actor=ada))
    event = await outside.receives("rooms.person-thanked.v1", thanks_id=word["thanks_id"])
    assert not event["data"].keys() & {"for", "words"}
    await outside.receives("notifications.letter-sent.v1", within=60, person_id=ben, kind="thanked")
    await eventually(
        lambda: any(WORDS in text for _, text in letters(outside, stack, ben)), within=30, message="the letter"
    )
    shown = await outside.query("rooms.list-thanks.v1", {"room_id": room.room_id}, actor=room.host)
    assert [(each["for"], each["words"]) for each in shown["result"]["thanks"]] == [("the minutes", WORDS)]
    assert (ledger.doubled(), ledger.unexpected()) == ([], [])


async def test_nobody_but_the_stewards_whom_it_is_not_about_learns_of_a_report(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    concerned, steward = await a_known_person(outside), await a_known_person(outside)
    host = await a_known_person(outside)
    room = await a_published_room(outside, host=host, policy="open", steward_ids=[concerned, steward])
    ada = await joins(outside, room)
    about: Data = {"room_id": room.room_id, "report_id": new_id()}
    state = await accepted(outside.send(REPORT, about | {"text": TEXT, "person_id": concerned}, actor=ada))
    assert state["read_by"] == "stewards"
    await eventually(
        lambda: any("concern" in subject for subject, _ in letters(outside, stack, steward)),
        within=60,
        message="the steward's letter",
    )
    settling = about | {"outcome": "talked-to", "words": REASON}
    for person, code in ((host, "not-allowed"), (concerned, "report-unknown"), (ada, "not-allowed")):
        assert (await outside.send(SETTLE, settling, actor=person))["code"] == code
    assert (await outside.query(LIST, {"room_id": room.room_id}, actor=concerned))["result"]["reports"] == []
    [found] = (await outside.query(LIST, {"room_id": room.room_id}, actor=steward))["result"]["reports"]
    assert (found["text"], found["by"]) == (TEXT, ada)
    await accepted(outside.send(SETTLE, settling, actor=steward))
    await eventually(
        lambda: any("settled" in subject for subject, _ in letters(outside, stack, ada)),
        within=60,
        message="the reporter's letter",
    )
    exported = await outside.query("rooms.export-person.v1", {"person_id": concerned}, actor=concerned)
    mail = [each for person in (host, concerned, steward, ada) for each in letters(outside, stack, person)]
    for words in (TEXT, REASON):
        assert words not in json.dumps(list(outside.all_events()))
        assert words not in str(mail)
        assert words not in stack.logs()
        assert words not in json.dumps(exported)
    assert not [each for each in outside.all_events() if "conduct" in json.dumps(each)]
    assert about["report_id"] not in json.dumps([*outside.all_events(), exported])
    assert not [
        text for person in (host, concerned) for _, text in letters(outside, stack, person) if "concern" in text
    ]


async def test_a_certificate_is_verified_by_its_code_until_its_person_is_erased(
    outside: OutsideSystem, stack: RunningStack
) -> None:
    room = await a_published_room(outside, time_zone=ROME, policy="open")
    ada = await joins(outside, room)
    session = await plans(outside, room, datetime.now(UTC) + timedelta(days=7))
    asked = {"room_id": room.room_id, "person_id": ada}
    assert (await outside.query("rooms.get-certificate.v1", asked, actor=ada))["code"] == "certificate-unknown"
    past = "starts_at = now() - interval '3 hours', ends_at = now() - interval '2 hours'"
    await change(stack, f"UPDATE rooms.session SET {past} WHERE session_id = $1", session["session_id"])
    record = {"room_id": room.room_id, "session_id": session["session_id"], "present": [ada]}
    await accepted(outside.send("rooms.record-attendance.v1", record, actor=room.host))
    certificate = (await outside.query("rooms.get-certificate.v1", asked, actor=ada))["result"]
    assert (certificate["sessions_attended"], certificate["minutes"]) == (1, 60)
    assert (await outside.query("rooms.get-certificate.v1", asked, actor=room.host))["code"] == "not-allowed"
    address = f"{stack.pages_url}/verify/{certificate['code']}"
    async with httpx.AsyncClient() as browser:
        page = await browser.get(address)
        assert (page.status_code, certificate["code"] in page.text) == (200, True)
        assert outside.people[ada]["display_name"] not in page.text
        await outside.publish_event("people.person-erased.v1", {"person_id": ada})

        async def is_ended() -> bool:
            return (await browser.get(address)).status_code == 404

        await eventually(is_ended, within=30, pause=1.0, message="the code is no longer valid")
