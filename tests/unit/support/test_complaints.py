"""Complaints in a log: all entries above info except slowness, and lines that are no log entry."""

import json
from pathlib import Path

from tests.support.oracles.complaints import complaints


def written(folder: Path, *lines: str | dict[str, str]) -> Path:
    log = folder / "rooms.log"
    log.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines))
    return log


def test_entries_above_info_are_counted_without_their_ids(tmp_path: Path) -> None:
    wrong = {
        "service": "rooms",
        "level": "warning",
        "event": "message turned away",
        "routing_key": "membership.joined.v1",
    }
    twice = [wrong | {"message_id": identity} for identity in ("one", "another")]
    log = written(tmp_path, {"service": "rooms", "level": "info", "event": "ready"}, *twice)
    assert complaints([log]) == {"rooms, message turned away, membership.joined.v1": 2}


def test_a_line_that_is_no_log_entry_is_a_complaint_of_its_service(tmp_path: Path) -> None:
    assert complaints([written(tmp_path, "Traceback (most recent call last):")]) == {
        "rooms: Traceback (most recent call last):": 1
    }


def test_a_slow_machine_is_no_complaint(tmp_path: Path) -> None:
    slow = {"service": "rooms", "level": "warning", "event": "database does not answer", "error": "TimeoutError"}
    assert not complaints([written(tmp_path, slow)])


def test_a_service_that_has_not_run_yet_complains_of_nothing(tmp_path: Path) -> None:
    assert not complaints([tmp_path / "none.log"])
