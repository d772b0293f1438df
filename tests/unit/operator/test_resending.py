"""Which letters are sent again, and what an operator must choose."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.support.every_case import every_case
from typer.testing import CliRunner

from practio_contracts.notifications import About, Letter, LetterStatus
from practio_operator.console.errors import OperatorError
from practio_operator.main import command_line
from practio_operator.resending.filter import LetterFilter, counted, digests_first


def a_letter(kind: str = "joined", reason: str | None = "smtp-550-5.7.1", day: int = 2) -> Letter:
    return Letter(
        letter_id=uuid4(),
        kind=kind,
        person_id=uuid4(),
        about=About(),
        status=LetterStatus.FAILED,
        tries=1,
        reason=reason,
        created_at=datetime(2026, 3, day, tzinfo=UTC),
        sent_at=None,
    )


LETTERS = [
    a_letter(day=4),
    a_letter("seat-offered", "smtp-530-5.7.0", day=3),
    a_letter("requests-digest", "smtp-550-5.7.1", day=2),
    a_letter("joined", None, day=1),
]


@every_case(
    ("wanted", "found"),
    [
        ({}, [0, 1, 2, 3]),
        ({"reason": "smtp-550-5.7.*"}, [0, 2]),
        ({"reason": "smtp-5*", "kind": "joined"}, [0]),
        ({"kind": "seat-*"}, [1]),
        ({"since": datetime(2026, 3, 2, tzinfo=UTC), "until": datetime(2026, 3, 4, tzinfo=UTC)}, [1, 2]),
        ({"reason": "bounced-*"}, []),
    ],
)
def test_all_parts_of_a_filter_must_match(wanted: dict[str, Any], found: list[int]) -> None:
    assert [letter for letter in LETTERS if LetterFilter(**wanted).fits(letter)] == [LETTERS[each] for each in found]


def test_older_pages_are_not_read() -> None:
    wanted = LetterFilter(since=datetime(2026, 3, 3, tzinfo=UTC))
    assert [wanted.is_over(letter) for letter in LETTERS] == [False, False, True, True]


def test_letters_are_counted_by_kind_and_reason_most_first() -> None:
    assert counted([*LETTERS, a_letter()])[0] == ("joined", "smtp-550-5.7.1", 2)
    assert sum(number for _, _, number in counted(LETTERS)) == 4


def test_digests_go_first_since_they_take_their_letters_along() -> None:
    assert digests_first(LETTERS) == ([LETTERS[2]], [LETTERS[0], LETTERS[1], LETTERS[3]])


@every_case(
    ("arguments", "sentence"),
    [
        ([], "Choose letters by a filter"),
        (["--all", "--kind", "joined"], "Choose letters by a filter"),
        (["--status", "sent", "--all"], "cannot be sent again"),
    ],
)
def test_a_choice_that_is_none_is_one_sentence(arguments: list[str], sentence: str) -> None:
    result = CliRunner().invoke(command_line("letters"), ["letters", "resend", *arguments])
    assert isinstance(result.exception, OperatorError)
    assert sentence in str(result.exception)
