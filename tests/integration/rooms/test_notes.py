"""Practice notes: access, events, and what remains after withdrawal and erasure."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.rooms.catalogue import Catalogue, a_membership, ended, joined, withdrawn
from tests.support.clients.commands import a_room
from tests.support.stack.example_service import received

from practio_chassis.context import ReceivedMessage
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import Membership
from practio_contracts.message import Message
from practio_contracts.people import PersonErased
from practio_contracts.rooms import ArchiveRoom, NotesFound, RecordNote, ReviseNote, ScheduleSession, WithdrawNote

TEXT = "Asking before telling"


def a_note(room_id: UUID, **fields: Any) -> RecordNote:
    stated = {"kind": "learning", "title": "Late colleagues", "text": TEXT, "room_id": room_id, "note_id": uuid4()}
    return RecordNote.model_validate(stated | fields)


async def a_room_with(catalogue: Catalogue, *people: UUID, **fields: Any) -> tuple[UUID, UUID, list[Membership]]:
    """Publish a room; return its id, its host, and the memberships of the people in it."""
    host = uuid4()
    [room_id] = await catalogue.publish(a_room(**fields), host=host)
    memberships = [a_membership(room_id, person) for person in people]
    await catalogue.handle(*(joined(each) for each in memberships))
    return room_id, host, memberships


async def titles(catalogue: Catalogue, room_id: UUID, by: UUID, **asked: Any) -> list[str]:
    return [note.title for note in (await notes(catalogue, room_id, by, **asked)).notes]


async def notes(catalogue: Catalogue, room_id: UUID, by: UUID, **asked: Any) -> NotesFound:
    found = await catalogue.notes(room_id, by, **asked)
    assert isinstance(found, NotesFound), found
    return found


async def may_read(catalogue: Catalogue, room_id: UUID, by: UUID | str) -> bool:
    found = await catalogue.notes(room_id, by)
    if isinstance(found, Refusal):
        assert found.code == "not-allowed"
    return isinstance(found, NotesFound)


def erased(person_id: UUID) -> ReceivedMessage[Message]:
    return received(PersonErased(person_id=person_id), subject=str(person_id), sequence="9", actor=None)


async def test_notes_are_readable_only_for_people_in_the_room_and_its_office_holders(catalogue: Catalogue) -> None:
    member, steward = uuid4(), uuid4()
    room_id, host, [membership] = await a_room_with(catalogue, member, steward_ids=[str(steward)])
    await catalogue.send(a_note(room_id), member)
    readers: list[UUID | str] = [member, host, steward, uuid4(), SYSTEM]
    assert [await may_read(catalogue, room_id, by) for by in readers] == [True, True, True, False, False]
    [note] = (await notes(catalogue, room_id, host)).notes
    assert (note.text, note.author_id, note.confidential) == (TEXT, member, True)
    await catalogue.handle(withdrawn(membership))
    assert not await may_read(catalogue, room_id, member)


async def test_events_about_a_note_contain_no_words_and_no_person(catalogue: Catalogue) -> None:
    member = uuid4()
    room_id, _, _ = await a_room_with(catalogue, member)
    command = a_note(room_id, confidential=False)
    answer = await catalogue.send(command, member)
    await catalogue.send(ReviseNote(note_id=command.note_id, text="Other words"), member)
    await catalogue.send(WithdrawNote(note_id=command.note_id, reason="Too plain"), member)
    events = await catalogue.published(command.note_id)
    assert [(row.routing_key, json.loads(row.public)["sequence"]) for row in events] == [
        ("rooms.note-recorded.v1", "1"),
        ("rooms.note-revised.v1", "2"),
        ("rooms.note-withdrawn.v1", "3"),
    ]
    for row in events:
        assert json.loads(row.public)["data"]["room"]["room_id"] == str(room_id)
        for body in (row.internal.decode(), row.public.decode(), json.dumps(answer)):
            assert not any(words in body for words in (TEXT, "Other words", command.title, str(member)))
    assert "Too plain" not in events[-1].public.decode()


async def test_notes_that_are_not_confidential_are_shown_with_the_room_newest_first(catalogue: Catalogue) -> None:
    member = uuid4()
    room_id, host, _ = await a_room_with(catalogue, member)
    hidden, first = a_note(room_id, title="hidden"), a_note(room_id, title="first", confidential=False)
    for command in (hidden, first, a_note(room_id, title="second", confidential=False)):
        await catalogue.send(command, member)
    shown = (await catalogue.room_result(room_id, uuid4())).notes
    assert [note.title for note in shown] == ["second", "first"]
    assert "author_id" not in shown[0].model_dump()
    await catalogue.send(ReviseNote(note_id=hidden.note_id, confidential=False), host)
    await catalogue.send(WithdrawNote(note_id=first.note_id), host)
    assert [note.title for note in (await catalogue.room_result(room_id, uuid4())).notes] == ["second", "hidden"]


async def test_a_room_is_shown_with_as_many_notes_as_fit(catalogue: Catalogue) -> None:
    member = uuid4()
    room_id, _, _ = await a_room_with(catalogue, member)
    commands = [received(a_note(room_id, text="字" * 10_000, confidential=False), actor=member) for _ in range(12)]
    await catalogue.handle(*commands)
    shown = await catalogue.room_result(room_id, member)
    assert 0 < len(shown.notes) < 12
    assert len(shown.model_dump_json().encode()) < 256 * 1024


async def test_people_who_were_in_the_room_when_it_ended_still_read_its_notes(catalogue: Catalogue) -> None:
    stayed, left, asked, late = uuid4(), uuid4(), uuid4(), uuid4()
    room_id, host, memberships = await a_room_with(catalogue, stayed, left)
    command = a_note(room_id)
    await catalogue.send(command, stayed)
    requested, late_member = a_membership(room_id, asked), a_membership(room_id, late)
    await catalogue.handle(withdrawn(memberships[1]))
    await catalogue.send(ArchiveRoom(room_id=room_id), host)
    await catalogue.handle(ended(memberships[0]), ended(requested), ended(late_member))
    await catalogue.handle(joined(late_member))
    readers = [stayed, left, asked, late, host]
    assert [await may_read(catalogue, room_id, by) for by in readers] == [True, False, False, True, True]
    refused = await catalogue.send(a_note(room_id), host)
    again = await catalogue.send(WithdrawNote(note_id=command.note_id, room_id=room_id), stayed)
    assert (refused["code"], again["changed"]) == ("not-in-this-state", True)


async def test_an_erased_person_is_no_notes_author_and_reads_none(catalogue: Catalogue) -> None:
    author, peer = uuid4(), uuid4()
    room_id, host, memberships = await a_room_with(catalogue, author, peer)
    await catalogue.send(a_note(room_id), author)
    await catalogue.handle(received(a_note(room_id), actor=author), ended(memberships[0]), erased(author))
    found = await notes(catalogue, room_id, host)
    assert [(note.text, note.author_id) for note in found.notes] == [(TEXT, None)] * 2
    assert not await may_read(catalogue, room_id, author)
    left = "SELECT 1 FROM ending WHERE person_id = :person UNION SELECT 1 FROM presence WHERE person_id = :person"
    assert await catalogue.rows(left, person=author) == []
    assert await may_read(catalogue, room_id, peer)


async def test_notes_are_recorded_once_and_refused_in_another_room(catalogue: Catalogue) -> None:
    member = uuid4()
    room_id, host, _ = await a_room_with(catalogue, member)
    other_room, _, _ = await a_room_with(catalogue, member)
    command = a_note(room_id)
    first, again = await catalogue.send(command, member), await catalogue.send(command, member)
    assert (first["changed"], again["changed"], again["state"]) == (True, False, first["state"])
    outcomes = [
        (command.model_copy(update={"text": "Other"}), member, "id-taken"),
        (a_note(room_id), uuid4(), "not-allowed"),
        (a_note(uuid4()), member, "room-unknown"),
        (a_note(room_id, session_id=uuid4()), member, "session-unknown"),
        (ReviseNote(note_id=uuid4(), title="Other"), member, "note-unknown"),
        (ReviseNote(note_id=command.note_id, room_id=other_room, title="Other"), member, "note-unknown"),
        (ReviseNote(note_id=command.note_id, title="Other"), host, "not-allowed"),
        (ReviseNote(note_id=command.note_id, title="Other", expected_version=7), member, "version-conflict"),
        (WithdrawNote(note_id=uuid4()), member, "note-unknown"),
        (WithdrawNote(note_id=command.note_id), uuid4(), "not-allowed"),
    ]
    for refused, by, code in outcomes:
        assert (await catalogue.send(refused, by))["code"] == code, refused


async def test_a_note_is_about_a_session_of_its_room(catalogue: Catalogue) -> None:
    host, session_id = uuid4(), uuid4()
    [room_id] = await catalogue.publish(a_room(), host=host)
    planned = {"session_id": session_id, "starts_at": "2035-03-01T18:00:00", "duration_minutes": 60}
    await catalogue.send(ScheduleSession.model_validate({"room_id": room_id, **planned}), host)
    answer = await catalogue.send(a_note(room_id, session_id=session_id), host)
    assert answer["state"]["session_id"] == str(session_id)


async def test_commands_of_one_batch_see_one_another(catalogue: Catalogue) -> None:
    member = uuid4()
    room_id, host, _ = await a_room_with(catalogue, member)
    command = a_note(room_id)
    answers = await catalogue.handle(
        received(command, actor=member),
        received(ReviseNote(note_id=command.note_id, title="Second", expected_version=1), actor=member),
        received(ReviseNote(note_id=command.note_id, confidential=False), actor=host),
        received(WithdrawNote(note_id=command.note_id), actor=member),
        received(ReviseNote(note_id=command.note_id, title="Never"), actor=member),
    )
    assert [answer["data"].get("code") for answer in answers] == [None, None, None, None, "note-unknown"]
    assert answers[3]["data"]["state"]["version"] == 4
    [row] = await catalogue.rows("SELECT title, text FROM note WHERE note_id = :note", note=command.note_id)
    assert tuple(row) == ("", "")


async def test_notes_are_found_by_kind_and_words_in_the_rooms_language(catalogue: Catalogue) -> None:
    member = uuid4()
    room_id, _, _ = await a_room_with(catalogue, member, language="de")
    await catalogue.send(a_note(room_id, title="Fallbesprechungen", text="Wer fragt, führt.", kind="tool"), member)
    await catalogue.send(a_note(room_id, title="Begriffe", text="Was wir Haltung nennen", kind="term"), member)
    assert await titles(catalogue, room_id, member, kind="term") == ["Begriffe"]
    assert await titles(catalogue, room_id, member, text="fallbesprechung") == ["Fallbesprechungen"]
    assert await titles(catalogue, room_id, member, text="fragen halt") == []
    assert await titles(catalogue, room_id, member, text="nenne halt") == ["Begriffe"]
    assert await titles(catalogue, room_id, member, text="nirgends") == []


async def test_pages_hold_each_note_once_newest_first(catalogue: Catalogue) -> None:
    member = uuid4()
    room_id, _, _ = await a_room_with(catalogue, member)
    for start in (0, 3):
        batch = [a_note(room_id, title=f"{start + number}") for number in range(3)]
        await catalogue.handle(*(received(command, actor=member) for command in batch))
    page = await notes(catalogue, room_id, member, limit=2)
    seen = [note.title for note in page.notes]
    while page.after:
        page = await notes(catalogue, room_id, member, limit=2, after=page.after)
        seen += [note.title for note in page.notes]
    assert sorted(seen[:3]) == ["3", "4", "5"]
    assert sorted(seen) == ["0", "1", "2", "3", "4", "5"]


@pytest.mark.parametrize("after", ["not one", "", "Zm9v"])
async def test_a_page_that_cannot_be_read_is_invalid(catalogue: Catalogue, after: str) -> None:
    answer = await catalogue.notes(uuid4(), uuid4(), after=after)
    assert isinstance(answer, Refusal)
    assert (answer.code, [error.field for error in answer.errors]) == ("invalid", ["after"])
