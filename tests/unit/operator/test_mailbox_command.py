"""`practio mailbox` beside a broker that is made up: what it sends, what it marks as seen, and what it counts."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from tests.support.clients.replies import a_calendar_reply
from typer.testing import CliRunner

from practio_contracts.client import Client, UnreachableError
from practio_contracts.message import Command
from practio_contracts.notifications import (
    CALENDAR_REPLY,
    NotificationsCommandAccepted,
    NotificationsCommandRefused,
    RefusalCode,
    ReportReply,
)
from practio_contracts.rooms import AnswerSession
from practio_operator.mailbox.sent_answers import SentAnswers
from practio_operator.main import command_line

REPLY, SESSION, PERSON, ROOM = (uuid4() for _ in range(4))


@dataclass
class Services:
    """Services that match every answer with one person, unless there is a ``refusal`` of a report or of an answer."""

    refusals: dict[type[Command], str] = field(default_factory=dict)
    sent: list[tuple[Command, UUID | str, UUID]] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None  # what happens while a command is answered
    correlations: list[str | None] = field(default_factory=list)

    async def send(self, message: Command, *, actor: UUID | str, id: UUID, correlation: str | None) -> Any:  # noqa: A002
        """Answer as the client does; it calls the id ``id``."""
        self.sent.append((message, actor, id))
        self.meanwhile()
        self.correlations.append(correlation)
        about = {"command_id": str(id), "command_type": message.type_name()}
        if code := self.refusals.get(type(message)):
            return NotificationsCommandRefused.model_validate(
                about | {"code": code, "detail": "why", "next_step": "none", "errors": []}
            )
        ids = {"person_id": str(PERSON), "room_id": str(ROOM), "session_id": str(SESSION)}
        return NotificationsCommandAccepted.model_validate(
            about | {"changed": True, "state": ids | {"email": "ada@example.org"}}
        )


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Services:
    found = Services()

    @asynccontextmanager
    async def connect(_url: str, *, source: str) -> AsyncIterator[Services]:
        assert source
        yield found

    monkeypatch.setattr(Client, "connect", connect)
    monkeypatch.setenv("PRACTIO_PUBLISHER_URL", "amqp://mailbox:secret@broker/practio")
    return found


@pytest.fixture
def delivered(tmp_path: Path) -> Callable[..., Path]:
    """Return what delivers answers to a new Maildir."""
    for part in ("new", "cur", "tmp"):
        (tmp_path / part).mkdir()

    def deliver(*partstats: str) -> Path:
        for number, partstat in enumerate(partstats):
            organiser = f"answers+{REPLY}@example.org"
            mail = a_calendar_reply(
                "google", organiser=organiser, uid=SESSION, sequence=1, partstat=partstat, comment="The train is late"
            )
            (tmp_path / "new" / f"{number}.host").write_bytes(mail)
        return tmp_path

    return deliver


def read(folder: Path, *, exits: int = 0) -> dict[str, int]:
    """Read the mailbox once; return the counts."""
    result = CliRunner().invoke(command_line("mailbox"), ["mailbox", "--folder", str(folder), "--json"])
    assert result.exit_code == exits, result.output
    counts: dict[str, int] = json.loads(result.output)["counts"]
    return counts


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return what looks once with --watch, and once more after each thing that happens; it returns the output."""

    def watching(folder: Path, *happenings: Callable[[], object]) -> str:
        remaining = iter(happenings)

        async def until_the_next_look(_seconds: float) -> None:
            happens = next(remaining, None)
            if happens is None:
                raise asyncio.CancelledError
            happens()

        monkeypatch.setattr(asyncio, "sleep", until_the_next_look)
        result = CliRunner().invoke(command_line("mailbox"), ["mailbox", "--folder", str(folder), "--watch"])
        assert result.exit_code == 0, result.output
        return result.output

    return watching


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return how often each file was read, by its name."""
    counts: Counter[str] = Counter()
    read_bytes = Path.read_bytes

    def counting(file: Path) -> bytes:
        counts[file.name] += 1
        return read_bytes(file)

    monkeypatch.setattr(Path, "read_bytes", counting)
    return counts


def seen(folder: Path) -> int:
    return len(list((folder / "cur").glob("*:2,S")))


def test_an_answer_is_sent_as_the_person_whose_it_is(services: Services, delivered: Callable[..., Path]) -> None:
    folder = delivered("DECLINED")
    assert read(folder) == {"answered": 1}
    [(report, by, _), (answer, actor, _)] = services.sent
    assert isinstance(report, ReportReply)
    assert (report.reply_id, by) == (REPLY, "system")
    assert isinstance(answer, AnswerSession)
    assert (answer.room_id, answer.session_id, answer.person_id, answer.coming) == (ROOM, SESSION, PERSON, "no")
    assert (answer.note, actor, seen(folder)) == ("The train is late", PERSON, 1)


def test_an_answer_says_that_a_calendar_gave_it(services: Services, delivered: Callable[..., Path]) -> None:
    """Notifications would take its time for that of an answer on a page, and refuse others of calendars before it."""
    services.refusals[AnswerSession] = "room-unknown"
    read(delivered("DECLINED"), exits=1)
    [_, _, identity] = services.sent[0]
    assert services.correlations == [None, *[f"{CALENDAR_REPLY}{identity}"] * 2]


def test_the_same_answer_twice_is_counted_and_has_the_same_ids(
    services: Services, delivered: Callable[..., Path]
) -> None:
    assert read(delivered("ACCEPTED", "ACCEPTED")) == {"answered": 1, "answered before": 1}
    first, second = services.sent[:2], services.sent[2:]
    assert [identity for *_, identity in first] == [identity for *_, identity in second]


def test_of_the_answers_only_the_newest_are_remembered() -> None:
    first, second, third = (uuid4() for _ in range(3))
    sent = SentAnswers(most=2)
    assert [sent.add(each) for each in (first, second, first, third, first)] == [True, True, False, True, True]


@pytest.mark.parametrize("code", ["reply-unknown", "other-session", "other-address", "outdated"])
def test_an_answer_that_does_not_agree_is_counted_by_the_reason_and_dealt_with(
    services: Services, delivered: Callable[..., Path], code: str
) -> None:
    services.refusals[ReportReply] = RefusalCode(code)
    folder = delivered("ACCEPTED")
    assert read(folder) == {f"not counted, {code}": 1}
    assert seen(folder) == 1
    assert all(isinstance(message, ReportReply) for message, *_ in services.sent)


@pytest.mark.parametrize("code", ["session-over", "not-allowed", "person-erased"])
def test_an_answer_that_rooms_refuses_is_dealt_with(
    services: Services, delivered: Callable[..., Path], code: str
) -> None:
    services.refusals[AnswerSession] = code
    folder = delivered("ACCEPTED")
    assert read(folder) == {f"not counted, {code}": 1}
    assert seen(folder) == 1


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (ReportReply, "not-allowed"),
        (ReportReply, "failed"),
        (ReportReply, "unidentified"),
        (AnswerSession, "failed"),
        (AnswerSession, "unidentified"),
        (AnswerSession, "room-unknown"),
    ],
)
def test_an_answer_that_an_operator_or_time_helps_stays_unseen(
    services: Services, delivered: Callable[..., Path], refused: type[Command], code: str
) -> None:
    services.refusals[refused] = code
    folder = delivered("ACCEPTED")
    assert read(folder, exits=1) == {"refused": 1}
    assert seen(folder) == 0
    services.refusals.clear()
    assert read(folder) == {"answered": 1}


def test_a_refused_command_is_sent_once_more_with_an_id_of_the_minute(
    services: Services, delivered: Callable[..., Path]
) -> None:
    """A refusal is stored with its id: the first one would be the answer for ever."""
    services.refusals[ReportReply] = "not-allowed"
    folder = delivered("ACCEPTED")
    read(folder, exits=1)
    [first, second] = [identity for *_, identity in services.sent]
    now = datetime.now(UTC)
    minutes = [(now - timedelta(minutes=ago)).isoformat(timespec="minutes") for ago in (0, 1)]
    assert second in {uuid5(first, minute) for minute in minutes}


def test_a_dry_run_sends_nothing_and_marks_nothing(services: Services, delivered: Callable[..., Path]) -> None:
    folder = delivered("ACCEPTED")
    result = CliRunner().invoke(command_line("mailbox"), ["mailbox", "--folder", str(folder), "--json", "--dry-run"])
    assert json.loads(result.output)["counts"] == {"ready": 1}
    assert (services.sent, seen(folder)) == ([], 0)


def test_the_earlier_name_of_the_command_leaves_answers_alone(
    services: Services, delivered: Callable[..., Path]
) -> None:
    folder = delivered("ACCEPTED")
    result = CliRunner().invoke(command_line("bounces"), ["bounces", "--folder", str(folder), "--json"])
    assert json.loads(result.output)["counts"] == {"no report of a letter of ours": 1}
    assert (services.sent, seen(folder)) == ([], 0)


def nothing() -> None:
    """Happens between two looks."""


def test_watching_reads_a_mail_with_nothing_for_us_once(
    services: Services, delivered: Callable[..., Path], watch: Callable[..., str], reads: Counter[str]
) -> None:
    folder = delivered()
    (folder / "new" / "other.host").write_bytes(b"Subject: Hello\n\nHow are you?")
    output = watch(folder, nothing, lambda: delivered("ACCEPTED"), nothing)
    assert reads == {"other.host": 1, "0.host": 1}
    assert output.splitlines()[-1] == "1 answered"
    assert [file.name for file in (folder / "new").iterdir()] == ["other.host"]


def test_watching_forgets_the_names_of_mails_that_are_no_longer_there(
    services: Services, delivered: Callable[..., Path], watch: Callable[..., str]
) -> None:
    folder = delivered()
    other = folder / "new" / "0.host"
    other.write_bytes(b"Subject: Hello\n\nHow are you?")
    output = watch(folder, other.unlink, lambda: delivered("ACCEPTED"))
    assert output.splitlines()[-1] == "1 answered"


def test_watching_goes_on_when_mailbox_or_broker_is_away(
    services: Services, delivered: Callable[..., Path], watch: Callable[..., str]
) -> None:
    folder = delivered("ACCEPTED")
    cur = folder / "cur"

    def broker_away() -> None:
        cur.mkdir()
        services.meanwhile = fail

    def fail() -> None:
        raise UnreachableError("The broker is away")

    def broker_back() -> None:
        services.meanwhile = nothing

    cur.rmdir()
    output = watch(folder, broker_away, broker_back)
    assert "is not a Maildir" in output
    assert "The broker is away; looking again." in output
    assert "1 answered" in output.splitlines()
    assert seen(folder) == 1


def test_watching_goes_on_when_another_program_renames_a_mail_before_it_is_read(
    services: Services, delivered: Callable[..., Path], watch: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, read_bytes = delivered("ACCEPTED"), Path.read_bytes

    def too_late(file: Path) -> bytes:
        if file.parent.name == "new":
            file.rename(folder / "cur" / f"{file.name}:2,")
        return read_bytes(file)

    monkeypatch.setattr(Path, "read_bytes", too_late)
    assert watch(folder, nothing).splitlines()[-1] == "1 answered"
    assert seen(folder) == 1


def test_watching_goes_on_when_another_program_renames_a_mail_before_it_is_marked(
    services: Services, delivered: Callable[..., Path], watch: Callable[..., str]
) -> None:
    folder = delivered("ACCEPTED")
    mail = folder / "new" / "0.host"
    services.meanwhile = lambda: mail.exists() and mail.rename(folder / "cur" / "0.host:2,")
    assert watch(folder, nothing).splitlines()[-1] == "1 answered, 1 answered before"
    assert seen(folder) == 1
