"""Settings from the environment, directly or in a file."""

from pathlib import Path

import pytest

from practio_chassis.environment.env import FileSettingError, read_setting

NAME, FILE = "PRACTIO_BROKER_URL", "PRACTIO_BROKER_URL_FILE"


def test_a_value_may_be_in_a_file_with_a_final_line_end(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("amqp://a:b@broker/practio\n")
    assert read_setting(NAME, {FILE: str(tmp_path / "url")}) == "amqp://a:b@broker/practio"


def test_an_empty_value_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("from the file")
    assert read_setting(NAME, {NAME: "", FILE: str(tmp_path / "url")}) == "from the file"
    assert read_setting(NAME, {NAME: "by itself", FILE: ""}) == "by itself"
    assert read_setting(NAME, {}) == ""


def test_a_value_and_a_file_for_one_setting_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileSettingError, match="PRACTIO_BROKER_URL and PRACTIO_BROKER_URL_FILE are both set"):
        read_setting(NAME, {NAME: "one", FILE: str(tmp_path / "url")})


@pytest.mark.parametrize("content", [b"own\r\n", b"\xef\xbb\xbfown", b" own \n\n"])
def test_blanks_and_line_ends_around_a_value_are_ignored(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret").write_bytes(content)
    assert read_setting(NAME, {FILE: str(tmp_path / "secret")}) == "own"
    assert read_setting(NAME, {NAME: "own \r"}) == "own"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot be read: No such file"),
        (b"", "nothing in it"),
        (b" \n", "nothing in it"),
        (b"\xff", "no text"),
        (b"one\ntwo\n", "more in it than one line"),
        (b"one\0", "more in it than one line"),
    ],
)
def test_a_file_without_a_value_is_named(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    path = tmp_path / "url"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileSettingError, match=f"PRACTIO_BROKER_URL_FILE names a file .*{complaint}.*{path}"):
        read_setting(NAME, {FILE: str(path)})
