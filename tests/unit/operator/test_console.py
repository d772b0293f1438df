"""Output for people: whole lines, and nothing that controls their terminal."""

import pytest
from rich.text import Text

from practio_operator.console.errors import sentence
from practio_operator.console.output import console, printable, progress_on_stderr, show_table

ID = "0f6a2c1e-8a54-4d0b-9f5a-7c1f2d3e4a5b"


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")


def test_a_row_is_one_whole_line_however_narrow_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("id", "detail"), [(ID, "a sentence " * 20), ("short", "")])
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "detail"]
    assert first.split(maxsplit=1) == [ID, ("a sentence " * 20).strip()]
    assert second == "short"


def test_columns_are_aligned_with_their_headers_and_a_cell_may_have_several_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_table(("a", "b", "c"), [("1\n2", "室", Text("x")), ("3", "", "y")])
    assert capsys.readouterr().out.splitlines() == ["a  b   c", "1  室  x", "2", "3      y"]


def test_foreign_text_is_no_markup_and_does_not_control_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("detail",), [("[/red] [bold]x\x1b]0;title\x07",)])
    assert capsys.readouterr().out.splitlines()[1] == "[/red] [bold]x\N{REPLACEMENT CHARACTER}]0;title\ufffd"


def test_words_of_all_languages_are_harmless() -> None:
    assert printable("Ängste, 日本, “ja”\nΣ") == "Ängste, 日本, “ja”\nΣ"


def test_progress_goes_to_stderr_if_a_program_reads_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_on_stderr(True):
        console.print("on the way")
    with progress_on_stderr(False):
        console.print("the end")
    assert capsys.readouterr() == ("the end\n", "on the way\n")


def test_the_message_of_a_server_ends_with_one_full_stop() -> None:
    assert f"{sentence(OSError('Login was refused. See the log.'))}." == "Login was refused. See the log."
    assert f"{sentence(TimeoutError())}." == "TimeoutError."
