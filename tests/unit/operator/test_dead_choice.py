"""Which dead letters an operator means, how old they are, and which events a watcher asked for."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from aio_pika.abc import AbstractIncomingMessage

from practio_chassis.inbound.admission import HEADER_REASON, HEADER_ROUTING_KEY
from practio_operator.dead_letters.choice import Wanted, age_of
from practio_operator.dead_letters.queues import DeadLetter
from practio_operator.watching import speaks_of

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Found:
    """As much of a delivered message as a dead letter is read from."""

    def __init__(self, identity: str, routing_key: str, reason: str) -> None:
        self.message_id = identity
        self.headers: dict[str, Any] = {HEADER_ROUTING_KEY: routing_key, HEADER_REASON: reason}


def a_letter(identity: str, routing_key: str, reason: str, queue: str = "membership.commands") -> DeadLetter:
    return DeadLetter(queue, cast(AbstractIncomingMessage, Found(identity, routing_key, reason)))


LETTERS = [
    a_letter("a", "membership.withdraw.v1", "gave-up"),
    a_letter("b", "membership.invite.v1", "unreadable"),
    a_letter("c", "people.person-registered.v1", "gave-up", "notifications.events"),
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), "abc"),
        (Wanted(ids=frozenset({"b", "z"})), "b"),
        (Wanted(queue="membership.commands"), "ab"),
        (Wanted(message="membership.*"), "ab"),
        (Wanted(reason="gave-up"), "ac"),
        (Wanted(reason="gave-up", message="membership.*"), "a"),
        (Wanted(ids=frozenset({"a"}), reason="unreadable"), ""),
    ],
)
def test_all_that_was_chosen_by_must_fit(wanted: Wanted, found: str) -> None:
    assert "".join(letter.id for letter in wanted.among(LETTERS)) == found


@pytest.mark.parametrize(
    ("since", "age"),
    [
        ("2026-03-02T11:59:58+00:00", "2 s"),
        ("2026-03-02T11:20:00Z", "40 min"),
        ("2026-03-02T09:59:00+00:00", "2 h"),
        ("2026-02-27T12:00:00+00:00", "3 d"),
        ("2026-03-02T12:00:09+00:00", "0 s"),
        ("", ""),
        ("2026-03-02T12:00:00", ""),
    ],
)
def test_an_age_is_told_in_its_largest_unit(since: str, age: str) -> None:
    assert age_of(since, now=NOW) == age


def test_an_event_is_about_whatever_ids_it_holds_at_any_depth() -> None:
    event = {"subject": "m", "data": {"membership": {"room_id": "r", "person_id": "p"}, "to": ["x", {"y": "z"}]}}
    for ids in ([], ["m"], ["r"], ["r", "p"], ["z", "x"]):
        assert speaks_of(event, ids)
    assert not speaks_of(event, ["r", "q"])
