"""Imports against services that refuse, and a broker that goes away: what is sent, in whose name, how it goes on."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from tests.unit.operator.test_import_files import A_ROOM, rooms

from practio_contracts.answers import Answer, CommandAccepted, CommandRefused
from practio_contracts.client import Client, UnreachableError
from practio_contracts.envelope import SYSTEM
from practio_contracts.message import Command, Query
from practio_contracts.rooms import CancelSession, CreateRoom, ScheduleSession, Scope
from practio_operator.imports.columns import members_by_address
from practio_operator.imports.csv_file import CsvFile, read_csv_file
from practio_operator.imports.introducing import introduce_members, with_stand_ins
from practio_operator.imports.invitations import invite_members, try_invitations
from practio_operator.imports.names import imported_rooms
from practio_operator.imports.progress import ImportProgress
from practio_operator.imports.publishing import LineOutcome, LineRefusal, Made
from practio_operator.imports.room_columns import room_id_of
from practio_operator.imports.rooms import import_rooms

HOST, ROOM = uuid4(), UUID(int=7)
CREATE, REVISE, SCHEDULE, CANCEL, PUBLISH = (
    f"rooms.{each}.v1" for each in ("create-room", "revise-room", "schedule-session", "cancel-session", "publish-room")
)
INTRODUCE, INVITE = "notifications.introduce.v1", "membership.invite.v1"


class FakeClient:
    """Accepts what is not among ``refusals``, and records it; the broker goes away after ``leaves_after`` commands."""

    def __init__(self, refusals: dict[str, str] | None = None, *, leaves_after: int = 1_000) -> None:
        self.refusals = refusals or {}
        self.leaves_after = leaves_after
        self.sent: list[tuple[str, UUID | str, UUID]] = []
        self.result: dict[str, Any] | None = None
        self.made: dict[UUID, str] = {}
        self.cancelled: set[UUID] = set()

    async def send(self, command: Command, *, actor: UUID | str, id: UUID) -> CommandAccepted | CommandRefused:  # noqa: A002
        if len(self.sent) >= self.leaves_after:
            raise UnreachableError("the broker is away")
        self.sent.append((command.routing_key, actor, id))
        about = {"command_id": str(id), "command_type": command.type_name()}
        if code := self.refusals.get(command.routing_key):
            return CommandRefused.model_validate(about | {"code": code, "detail": "no", "next_step": "none"})
        if self._is_taken(command):
            return CommandRefused.model_validate(about | {"code": "id-taken", "detail": "no", "next_step": "none"})
        if isinstance(command, CancelSession) and command.session_id not in self.made:
            unknown = {"code": "session-unknown", "detail": "no", "next_step": "none"}
            return CommandRefused.model_validate(about | unknown)
        if isinstance(command, ScheduleSession | CancelSession):
            status = "cancelled" if command.session_id in self.cancelled else "scheduled"
            return CommandAccepted.model_validate(about | {"changed": True, "state": {"status": status}})
        person = getattr(command, "email", "") == A_ROOM["host"] and HOST
        state = {"person_id": str(person or uuid4()), "status": "invited"}
        return CommandAccepted.model_validate(about | {"changed": True, "state": state})

    def _is_taken(self, command: Command) -> bool:
        """Return whether the id of a room or a session is that of another, as the service compares their contents."""
        match command:
            case CreateRoom(room_id=made) | ScheduleSession(session_id=made):
                return self.made.setdefault(made, command.model_dump_json()) != command.model_dump_json()
            case CancelSession(session_id=made, scope=Scope.FOLLOWING):
                self.cancelled.add(made)
        return False

    @property
    def planned(self) -> list[str]:
        """Return when the sessions begin that are not called off."""
        kept = [each for made, each in self.made.items() if made not in self.cancelled]
        return [json.loads(each)["starts_at"][:10] for each in kept if "starts_at" in each]

    async def ask(self, query: Query, *, actor: UUID | str) -> Answer:
        return Answer.model_validate({"query_id": str(uuid4()), "query_type": query.type_name(), "result": self.result})

    @property
    def steps(self) -> list[tuple[str, UUID | str]]:
        return [(step, actor) for step, actor, _ in self.sent]


def a_room(status: str) -> dict[str, Any]:
    room = {"room_id": str(ROOM), "version": 1, "status": status, "title": "A", "host_id": str(HOST)}
    return {"room": room | {"roles": [{"name": "coach"}]}}


async def run(client: FakeClient, csv_file: CsvFile[Any], path: Path, **people: Any) -> dict[int, LineOutcome]:
    found: dict[int, LineOutcome] = {}
    progress = ImportProgress.read_beside(path)
    progress.open(broker="b", digest=csv_file.digest)
    await import_rooms(cast(Client, client), csv_file, progress, found.__setitem__, people=people)
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rooms.csv"


async def test_a_room_is_published_in_the_name_of_its_host_who_is_introduced_once(file: Path) -> None:
    client, csv_file = (
        FakeClient(),
        rooms(file, {}, {"title": "Another", "first_session": "", "minutes": "", "repeats": ""}),
    )
    found = await run(client, csv_file, file)
    assert client.steps == [
        (INTRODUCE, SYSTEM),
        *((step, HOST) for step in (CREATE, SCHEDULE, PUBLISH)),
        *((step, HOST) for step in (CREATE, PUBLISH)),
    ]
    ids = [room_id_of(csv_file.digest, each.message) for each in csv_file.lines]
    assert found == {n: Made("published", each, f"room {each}") for n, each in enumerate(ids, 2)}


async def test_a_host_who_is_known_from_a_file_of_people_is_not_introduced(file: Path) -> None:
    client = FakeClient()
    await run(client, rooms(file, {}), file, **{A_ROOM["host"]: ROOM})
    assert client.steps == [(step, ROOM) for step in (CREATE, SCHEDULE, PUBLISH)]


async def test_a_refused_line_says_that_its_room_is_a_draft_which_takes_the_corrected_line(file: Path) -> None:
    client = FakeClient({SCHEDULE: "bad-recurrence"})
    client.result = a_room("draft")
    refusal = (await run(client, rooms(file, {"repeats": "FREQ=NEVER"}), file))[2]
    assert isinstance(refusal, LineRefusal)
    assert (refusal.code, "correct the line" in refusal.detail) == ("bad-recurrence", True)
    client = FakeClient({CREATE: "id-taken"})
    client.result = a_room("draft")
    outcome = (await run(client, rooms(file, {}), file))[2]
    assert isinstance(outcome, Made)
    assert [step for step, _ in client.steps] == [INTRODUCE, CREATE, REVISE, SCHEDULE, PUBLISH]


async def test_a_draft_whose_dates_were_corrected_is_published_with_the_dates_of_the_line(file: Path) -> None:
    client = FakeClient({PUBLISH: "incomplete"})
    client.result = a_room("draft")
    for day in ("2027-01-14", "2027-01-21", "2027-01-14", "2027-01-28"):
        client.sent.clear()
        refusal = (await run(client, rooms(file, {"first_session": f"{day} 18:00"}), file))[2]
        assert isinstance(refusal, LineRefusal)
        assert (refusal.code, client.planned) == ("incomplete", [day])
    again = [SCHEDULE, CANCEL] * 3 + [SCHEDULE]
    assert [step for step, _ in client.steps] == [INTRODUCE, CREATE, *again, PUBLISH]
    client.refusals = {}
    assert isinstance((await run(client, rooms(file, {"first_session": "2027-01-28 18:00"}), file))[2], Made)


async def test_a_draft_whose_dates_were_taken_out_is_published_without(file: Path) -> None:
    client = FakeClient({PUBLISH: "incomplete"})
    client.result = a_room("draft")
    await run(client, rooms(file, {}), file)
    client.refusals = {}
    client.sent.clear()
    without = {"first_session": "", "minutes": "", "repeats": "", "capacity": "12"}
    assert isinstance((await run(client, rooms(file, without), file))[2], Made)
    assert [step for step, _ in client.steps] == [INTRODUCE, CREATE, REVISE, CANCEL, CANCEL, PUBLISH]
    assert client.planned == []


@pytest.mark.parametrize("step", [CREATE, SCHEDULE])
async def test_a_published_room_is_never_changed_by_its_line(file: Path, step: str) -> None:
    await run(FakeClient(), rooms(file, {}), file)
    client = FakeClient({step: "id-taken"})
    client.result = a_room("published")
    outcome = (await run(client, rooms(file, {"purpose": "Another"}), file))[2]
    assert isinstance(outcome, LineRefusal)
    assert (outcome.code, REVISE in dict(client.steps)) == ("id-taken", False)
    assert "is published: change it on its pages" in outcome.detail


@pytest.mark.parametrize("step", [CREATE, SCHEDULE])
async def test_a_room_whose_last_answer_was_lost_is_recorded_although_its_line_was_changed_meanwhile(
    file: Path, step: str
) -> None:
    first = rooms(file, {})
    with pytest.raises(UnreachableError):
        await run(FakeClient(leaves_after=3), first, file)
    client = FakeClient({step: "id-taken"})
    client.result = a_room("published")
    changed = rooms(file, {"purpose": "Another"})
    outcome = (await run(client, changed, file))[2]
    room_id = room_id_of(first.digest, first.lines[0].message)
    assert isinstance(outcome, Made)
    assert (outcome.outcome, outcome.id, REVISE in dict(client.steps)) == ("published before", room_id, False)
    assert imported_rooms(file) == {first.lines[0].message.title.casefold(): room_id}


async def test_a_line_without_an_answer_is_sent_again_as_the_same_message_though_another_line_changed(
    file: Path,
) -> None:
    first, second = FakeClient(leaves_after=3), FakeClient()
    with pytest.raises(UnreachableError):
        await run(first, rooms(file, {}, {"title": "Another"}), file)
    await run(second, rooms(file, {}, {"title": "Yet another"}), file)
    assert [step for step, _ in first.steps] == [INTRODUCE, CREATE, SCHEDULE]
    assert second.sent[:3] == first.sent


async def test_if_the_broker_goes_away_the_next_run_sends_the_same_ids_and_no_line_twice(file: Path) -> None:
    csv_file = rooms(file, {}, {"title": "Another"})
    first, second = FakeClient(leaves_after=6), FakeClient()
    with pytest.raises(UnreachableError):
        await run(first, csv_file, file)
    found = await run(second, csv_file, file)
    assert list(found) == [3]
    again = {each for _, _, each in first.sent} & {each for _, _, each in second.sent}
    assert len(again) == 2  # the second room's draft and dates: their answers are those of the first time
    assert [step for step, _ in second.steps] == [INTRODUCE, CREATE, SCHEDULE, PUBLISH]


async def test_a_refused_host_refuses_the_lines_of_their_rooms_and_the_next_run_asks_again(file: Path) -> None:
    csv_file = rooms(file, {}, {"title": "Another"}, {"host": "ben@example.org"})
    client = FakeClient({INTRODUCE: "too-many"})
    found = await run(client, csv_file, file)
    assert {number: cast(LineRefusal, each).code for number, each in found.items()} == dict.fromkeys(
        (2, 3, 4), "too-many"
    )
    again = FakeClient({INTRODUCE: "too-many"})
    await run(again, csv_file, file)
    assert {each for _, _, each in client.sent}.isdisjoint(each for _, _, each in again.sent)


async def test_members_are_introduced_by_the_host_invited_by_the_system_and_known_people_only_invited(
    tmp_path: Path,
) -> None:
    path, known = tmp_path / "members.csv", uuid4()
    path.write_text("room,email,roles\nA,ada@example.org,coach\nA,ben@example.org,\n", encoding="utf-8")
    csv_file, progress = read_csv_file(path, members_by_address({"a": ROOM})), ImportProgress.read_beside(path)
    progress.open(broker="b", digest=csv_file.digest)
    client, found = FakeClient(), Counter[str]()
    client.result = a_room("published")

    def report(_number: int, outcome: LineOutcome) -> None:
        found[str(outcome)] += 1

    people = {"ben@example.org": known}
    left = await introduce_members(cast(Client, client), csv_file, progress, report, people=people)
    await invite_members(cast(Client, client), left, progress, report)
    assert client.steps == [(INTRODUCE, HOST), (INVITE, SYSTEM), (INVITE, SYSTEM)]
    assert (left.lines[1].message.person_id, found) == (known, Counter(invited=2))
    again = await introduce_members(cast(Client, client), csv_file, ImportProgress.read_beside(path), report, people={})
    assert again.lines == []


@pytest.mark.parametrize(
    ("room", "outcomes"),
    [
        (a_room("published"), ["invited", "role-unknown"]),
        (a_room("closed"), ["room-not-open", "room-not-open"]),
        (None, ["room-unknown", "room-unknown"]),
    ],
)
async def test_a_trial_of_invitations_sends_nothing_and_says_what_the_room_says(
    tmp_path: Path, room: dict[str, Any] | None, outcomes: list[str]
) -> None:
    path = tmp_path / "members.csv"
    path.write_text("room,email,roles\nA,ada@example.org,Coach\nA,ben@example.org,judge\n", encoding="utf-8")
    csv_file = read_csv_file(path, members_by_address({"a": ROOM}))
    requests = with_stand_ins(csv_file, {})
    client, found = FakeClient(), list[str]()
    client.result = room

    def report(_number: int, outcome: LineOutcome) -> None:
        found.append(outcome.code if isinstance(outcome, LineRefusal) else str(outcome))

    await try_invitations(cast(Client, client), requests, ImportProgress.read_beside(path), report)
    assert (client.sent, found) == ([], outcomes)
