"""Reports of conduct: who may report, who reads and settles, and who never learns of it."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.rooms.catalogue import Catalogue, a_membership, became, withdrawn
from tests.integration.rooms.living import Living
from tests.integration.rooms.planning import change
from tests.integration.rooms.test_exporting import exported
from tests.support.stack.example_service import received

from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    MembershipEvent,
    MembershipReplayed,
    OfferDeclined,
    OfferLapsed,
    SeatOffered,
    Status,
    Waitlisted,
    Withdrawn,
)
from practio_contracts.people import PersonErased
from practio_contracts.rooms import (
    Appoint,
    CancelRoom,
    ConductReport,
    ConductReports,
    Dismiss,
    ListConductReports,
    ListOwnRooms,
    NoteKind,
    OwnRooms,
    RecordNote,
    ReportConduct,
    SettleConduct,
)
from practio_rooms.domain.conduct import OF_A_PERSON

TEXT = "He laughs at the cases of others."
WHY = "We spoke on Monday."


async def a_room_with_stewards(catalogue: Catalogue, people: int = 2, stewards: int = 2) -> tuple[Living, list[UUID]]:
    ids = [uuid4() for _ in range(stewards)]
    room = await Living.with_people(catalogue, people, steward_ids=[str(each) for each in ids])
    return room, ids


async def report(room: Living, by: UUID, **fields: Any) -> dict[str, Any]:
    stated = {"room_id": room.room_id, "report_id": uuid4(), "text": TEXT}
    return await room.catalogue.send(ReportConduct.model_validate(stated | fields), by)


async def settle(room: Living, by: UUID | str, report_id: UUID, **fields: Any) -> dict[str, Any]:
    stated = {"room_id": room.room_id, "report_id": report_id, "outcome": "talked-to", "words": WHY}
    [answer] = await room.catalogue.handle(
        received(SettleConduct.model_validate(stated | fields), actor=by, account=await _account(room.catalogue, by))
    )
    data: dict[str, Any] = answer["data"]
    return data


async def _account(catalogue: Catalogue, by: UUID | str) -> str:
    if by == SYSTEM:
        statement = "INSERT INTO system_account VALUES ('practio-operator') ON CONFLICT DO NOTHING"
        await change(catalogue, statement)
    return "practio-operator"


async def read(room: Living, by: UUID | str, **asked: Any) -> list[ConductReport]:
    found = await room.catalogue.ask(ListConductReports.model_validate({"room_id": room.room_id} | asked), by)
    assert isinstance(found, ConductReports), found
    return found.reports


async def refused(room: Living, by: UUID) -> str:
    found = await room.catalogue.ask(ListConductReports(room_id=room.room_id), by)
    assert isinstance(found, Refusal)
    return str(found.code)


async def test_a_report_is_read_and_settled_by_a_steward(catalogue: Catalogue) -> None:
    room, [one, other] = await a_room_with_stewards(catalogue)
    ada, ben = room.people
    identity = uuid4()
    answer = await report(room, ada, report_id=identity, person_id=ben)
    assert answer["state"] == {"room_id": str(room.room_id), "report_id": str(identity), "read_by": "stewards"}
    for reader in (one, other, SYSTEM):
        [found] = await read(room, reader)
        assert (found.report_id, found.text, found.person_id, found.by) == (identity, TEXT, ben, ada)
    assert (await settle(room, one, identity))["state"]["outcome"] == "talked-to"
    assert (await settle(room, one, identity))["changed"] is False
    assert (await settle(room, other, identity, outcome="nothing"))["code"] == "not-in-this-state"
    assert await read(room, other, open_only=True) == []
    [settled] = await read(room, other)
    assert (settled.outcome, settled.words, settled.settled_by) == ("talked-to", WHY, one)


async def test_nothing_of_it_is_public_and_its_events_have_no_text(catalogue: Catalogue) -> None:
    room, [one, other] = await a_room_with_stewards(catalogue)
    ada, ben = room.people
    identity = uuid4()
    await report(room, ada, report_id=identity, person_id=ben)
    await settle(room, one, identity)
    rows = await catalogue.published(identity)
    assert [row.public for row in rows] == [None, None]
    reported, settled = (json.loads(row.internal) for row in rows)
    assert reported["data"] == {
        "room_id": str(room.room_id),
        "report_id": str(identity),
        "steward_ids": [str(one), str(other)],
    }
    assert settled["data"] == {
        "room_id": str(room.room_id),
        "report_id": str(identity),
        "reporter_id": str(ada),
        "outcome": "talked-to",
    }
    assert not [each for each in (reported, settled) if each.get("actor")]


async def test_refusals_are_answered_and_not_published(catalogue: Catalogue) -> None:
    room, [one, _] = await a_room_with_stewards(catalogue)
    stranger, before = uuid4(), len(await catalogue.published(room.room_id))
    assert (await report(room, stranger))["code"] == "not-allowed"
    assert (await report(room, room.people[0], person_id=stranger))["code"] == "person-unknown"
    assert (await report(room, room.people[0], note_id=uuid4()))["code"] == "note-unknown"
    assert (await settle(room, stranger, uuid4()))["code"] == "not-allowed"
    assert (await settle(room, one, uuid4()))["code"] == "report-unknown"
    assert len(await catalogue.published(room.room_id)) == before


async def test_a_steward_whom_it_is_about_learns_nothing(catalogue: Catalogue) -> None:
    room, [concerned, other] = await a_room_with_stewards(catalogue)
    ada = room.people[0]
    identity = uuid4()
    await report(room, ada, report_id=identity, person_id=concerned)
    assert await read(room, concerned) == []
    unknown = await settle(room, concerned, uuid4())
    found = await settle(room, concerned, identity)
    assert unknown["code"] == "report-unknown"
    assert found | {"command_id": None} == unknown | {"command_id": None}
    [event] = await catalogue.published(identity)
    assert json.loads(event.internal)["data"]["steward_ids"] == [str(other)]
    [left] = await read(room, other)
    assert left.outcome is None


async def test_the_author_of_a_reported_note_learns_nothing(catalogue: Catalogue) -> None:
    room, [author, other] = await a_room_with_stewards(catalogue)
    note = RecordNote(room_id=room.room_id, note_id=uuid4(), kind=NoteKind.LEARNING, title="Names", text="By heart.")
    assert (await catalogue.send(note, author))["changed"] is True
    identity = uuid4()
    await report(room, room.people[0], report_id=identity, note_id=note.note_id)
    assert await read(room, author) == []
    assert (await settle(room, author, identity))["code"] == "report-unknown"
    assert [each.note_id for each in await read(room, other)] == [note.note_id]


async def test_hosts_facilitators_members_and_former_stewards_read_nothing(catalogue: Catalogue) -> None:
    facilitator = uuid4()
    room, [one, _] = await a_room_with_stewards(catalogue)
    appoint = Appoint.model_validate({"room_id": room.room_id, "person_id": facilitator, "office": "facilitator"})
    await catalogue.send(appoint, room.host)
    identity = uuid4()
    await report(room, room.people[0], report_id=identity)
    dismiss = Dismiss.model_validate({"room_id": room.room_id, "person_id": one, "office": "steward"})
    await catalogue.send(dismiss, room.host)
    for nobody in (room.host, facilitator, one, *room.people, uuid4()):
        assert await refused(room, nobody) == "not-allowed"
        assert (await settle(room, nobody, identity))["code"] == "not-allowed"
    everywhere = await catalogue.ask(ListConductReports(), room.host)
    assert isinstance(everywhere, Refusal)


async def test_a_room_without_another_steward_has_its_reports_read_by_the_system(catalogue: Catalogue) -> None:
    room, [one] = await a_room_with_stewards(catalogue, stewards=1)
    about, by, without = uuid4(), uuid4(), uuid4()
    assert (await report(room, room.people[0], report_id=about, person_id=one))["state"]["read_by"] == "system"
    assert (await report(room, one, report_id=by))["state"]["read_by"] == "system"
    other, _ = await a_room_with_stewards(catalogue, stewards=0)
    assert (await report(other, other.people[0], report_id=without))["state"]["read_by"] == "system"
    for identity in (about, by, without):
        [event] = await catalogue.published(identity)
        assert json.loads(event.internal)["data"]["steward_ids"] == []
    found = await catalogue.ask(ListConductReports(open_only=True, limit=100), SYSTEM)
    assert {about, by, without} <= {each.report_id for each in found.reports}
    assert (await settle(other, SYSTEM, without, outcome="noted"))["changed"] is True
    [settled] = await read(other, SYSTEM)
    assert settled.settled_by is None


async def test_people_who_wait_report_and_former_members_do_not(catalogue: Catalogue) -> None:
    room, _ = await a_room_with_stewards(catalogue)
    waiting, gone = a_membership(room.room_id, uuid4()), room.people[1]
    await catalogue.handle(became(waiting, Waitlisted, Status.WAITLISTED, ahead=0))
    assert (await report(room, waiting.person_id))["changed"] is True
    assert (await report(room, room.host))["changed"] is True
    await catalogue.handle(became(waiting, Withdrawn, Status.WITHDRAWN, from_status=Status.WAITLISTED))
    assert (await report(room, waiting.person_id))["code"] == "not-allowed"
    await catalogue.handle(withdrawn(room.members[1]))
    assert (await report(room, gone))["code"] == "not-allowed"
    assert (await report(room, room.people[0], person_id=gone))["changed"] is True


@pytest.mark.parametrize(("end", "status"), [(OfferLapsed, Status.LAPSED), (OfferDeclined, Status.WITHDRAWN)])
async def test_who_leaves_the_waitlist_by_an_offer_does_not_report(
    catalogue: Catalogue, end: type[MembershipEvent], status: Status
) -> None:
    room, _ = await a_room_with_stewards(catalogue)
    waiting = a_membership(room.room_id, uuid4())
    await catalogue.handle(became(waiting, Waitlisted, Status.WAITLISTED, ahead=0))
    await catalogue.handle(became(waiting, SeatOffered, Status.OFFERED))
    assert (await report(room, waiting.person_id))["changed"] is True
    await catalogue.handle(became(waiting, end, status))
    assert (await report(room, waiting.person_id))["code"] == "not-allowed"


async def test_who_waits_again_after_an_offer_lapsed_still_reports(catalogue: Catalogue) -> None:
    room, _ = await a_room_with_stewards(catalogue)
    waiting = a_membership(room.room_id, uuid4())
    await catalogue.handle(became(waiting, SeatOffered, Status.OFFERED))
    await catalogue.handle(became(waiting, OfferLapsed, Status.WAITLISTED))
    assert (await report(room, waiting.person_id))["changed"] is True


async def test_a_replay_ends_the_place_on_the_waitlist_of_who_left_it_unnoticed(catalogue: Catalogue) -> None:
    room, _ = await a_room_with_stewards(catalogue)
    waiting, invited = a_membership(room.room_id, uuid4()), a_membership(room.room_id, uuid4())
    await catalogue.handle(became(waiting, Waitlisted, Status.WAITLISTED, ahead=0))
    await catalogue.handle(
        became(waiting, MembershipReplayed, Status.LAPSED), became(invited, MembershipReplayed, Status.INVITED)
    )
    assert (await report(room, waiting.person_id))["code"] == "not-allowed"
    assert (await report(room, room.people[0], person_id=invited.person_id))["code"] == "person-unknown"


async def test_a_room_that_is_over_still_takes_reports(catalogue: Catalogue) -> None:
    room, [one, _] = await a_room_with_stewards(catalogue)
    await catalogue.send(CancelRoom(room_id=room.room_id, reason="No host"), room.host)
    identity = uuid4()
    assert (await report(room, one, report_id=identity))["changed"] is True


async def test_the_same_report_counts_once_and_only_abuse_is_one_too_many(catalogue: Catalogue) -> None:
    room, [one, _] = await a_room_with_stewards(catalogue)
    ada, ben = room.people
    identity = uuid4()
    await report(room, ada, report_id=identity)
    assert (await report(room, ada, report_id=identity))["changed"] is False
    assert (await report(room, ada, report_id=identity, text="Other"))["code"] == "id-taken"
    assert (await report(room, ben, report_id=identity))["code"] == "id-taken"
    for _ in range(OF_A_PERSON.most - 1):
        assert (await report(room, ada))["changed"] is True
    assert (await report(room, ada))["code"] == "too-many"
    assert (await report(room, ben))["changed"] is True
    assert len(await read(room, one)) == OF_A_PERSON.most + 1


async def test_reports_are_read_in_pages_of_as_many_as_fit(catalogue: Catalogue) -> None:
    room, [one, _] = await a_room_with_stewards(catalogue)
    for _ in range(OF_A_PERSON.most):
        await report(room, room.people[0], text="😀" * 2_000)
    seen: list[UUID] = []
    after = None
    while not seen or after:
        found = await catalogue.ask(ListConductReports(room_id=room.room_id, after=after), one)
        assert isinstance(found, ConductReports)
        assert len(found.reports) > 20 or not found.after
        seen, after = seen + [each.report_id for each in found.reports], found.after
    assert len(seen) == len(set(seen)) == OF_A_PERSON.most


async def test_the_export_of_a_person_concerned_shows_no_trace_of_it(catalogue: Catalogue) -> None:
    room, [one, _] = await a_room_with_stewards(catalogue)
    ada, ben = room.people
    identity = uuid4()
    before = {person: await _rows(catalogue, person) for person in (ben, one)}
    await report(room, ada, report_id=identity, person_id=ben)
    await report(room, ada, person_id=one)
    await settle(room, one, identity)
    assert {person: await _rows(catalogue, person) for person in (ben, one)} == before
    own = [each.row for page in await exported(catalogue, ada) for each in page.rows if each.table == "conduct_report"]
    assert {row["text"] for row in own} == {TEXT}
    assert not [row for row in own if str(ben) in str(row) or str(one) in str(row) or WHY in str(row)]


async def _rows(catalogue: Catalogue, person: UUID) -> list[str]:
    return sorted(each.model_dump_json() for page in await exported(catalogue, person) for each in page.rows)


async def test_erasure_forgets_who_reported_and_deletes_what_is_about_a_person(catalogue: Catalogue) -> None:
    room, [one, other] = await a_room_with_stewards(catalogue)
    ada, ben = room.people
    about, by = uuid4(), uuid4()
    await report(room, ada, report_id=about, person_id=ben)
    await report(room, ben, report_id=by)
    await settle(room, one, by)
    for number, person in enumerate((ben, one)):
        erased = received(PersonErased(person_id=person), subject=str(person), sequence=str(9 + number), actor=None)
        await catalogue.handle(erased)
    [left] = await read(room, other)
    assert (left.report_id, left.by, left.settled_by, left.text) == (by, None, None, TEXT)
    assert (await report(room, ada, person_id=ben))["code"] == "person-erased"


async def waiting(catalogue: Catalogue, steward: UUID, **asked: Any) -> list[UUID]:
    """Return the rooms in which a report waits for a person, as they list their own rooms."""
    found = await catalogue.ask(ListOwnRooms.model_validate({"person_id": steward} | asked), steward)
    assert isinstance(found, OwnRooms), found
    return [each.room_id for each in found.concerns]


async def test_stewards_find_the_rooms_in_which_a_report_waits_for_them_among_their_own(catalogue: Catalogue) -> None:
    room, [one, other] = await a_room_with_stewards(catalogue)
    ada, _ = room.people
    identity = uuid4()
    assert await waiting(catalogue, one) == []
    await report(room, ada, report_id=identity, person_id=other)
    assert await waiting(catalogue, one) == await waiting(catalogue, one, office="steward") == [room.room_id]
    assert await waiting(catalogue, one, office="host") == []
    for unconcerned in (other, room.host, ada):
        assert await waiting(catalogue, unconcerned) == []
    await settle(room, one, identity)
    assert await waiting(catalogue, one) == []
