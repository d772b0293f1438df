"""Rows that this release cannot read: left out, and counted while they are met."""

import time

import pytest
from prometheus_client import REGISTRY

from practio_chassis.database import reading
from practio_chassis.database.reading import count_unread, readable


@pytest.fixture(autouse=True)
def nothing_met(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as a process does: other tests in this one have met unreadable rows as well."""
    monkeypatch.setattr(reading, "_unread", reading._Unread())


def counted(table: str) -> float:
    count_unread()
    return REGISTRY.get_sample_value("practio_set_aside_rows", {"table": table}) or 0.0


def test_rows_that_cannot_be_read_are_left_out_and_counted_once_until_they_are_met_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    unread: set[str] = set()
    for _ in range(2):
        assert readable({"a": "1", "b": "one", "c": "3"}, int, unread, table="example") == {"a": 1, "c": 3}
    assert unread == {"b"}
    assert counted("example") == 1
    now = 1201.0
    assert counted("example") == 0


def test_no_more_rows_are_counted_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_MOST_COUNTED", 2)
    readable(dict.fromkeys(range(5), "one"), int, set(), table="many")
    assert counted("many") == 2
