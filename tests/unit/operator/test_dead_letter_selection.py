"""Which dead letters an operator means, how old they are, and which events a watcher asked for."""

from datetime import UTC, datetime
from typing import Any, cast

from aio_pika.abc import AbstractIncomingMessage
from tests.support.every_case import every_case

from practio_chassis.inbound.admission import HEADER_ACCOUNT, HEADER_EXCHANGE, HEADER_REASON, HEADER_ROUTING_KEY
from practio_operator.dead_letters.dead_letter import DeadLetter
from practio_operator.dead_letters.filter import DeadLetterFilter, age_of
from practio_operator.messages.watch import contains_ids

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Found:
    """As much of a delivered message as a dead letter is read from."""

    def __init__(self, identity: str, routing_key: str, reason: str) -> None:
        self.message_id, self.user_id = identity, "practio-membership"
        self.headers: dict[str, Any] = {HEADER_ROUTING_KEY: routing_key, HEADER_REASON: reason}


def a_letter(identity: str, routing_key: str, reason: str, queue: str = "membership.commands") -> DeadLetter:
    return DeadLetter(queue, cast(AbstractIncomingMessage, Found(identity, routing_key, reason)))


LETTERS = [
    a_letter("a", "membership.withdraw.v1", "gave-up"),
    a_letter("b", "membership.invite.v1", "unreadable"),
    a_letter("c", "people.person-registered.v1", "gave-up", "notifications.events"),
]


@every_case(
    ("wanted", "found"),
    [
        (DeadLetterFilter(), "abc"),
        (DeadLetterFilter(ids=frozenset({"b", "z"})), "b"),
        (DeadLetterFilter(queue="membership.commands"), "ab"),
        (DeadLetterFilter(message="membership.*"), "ab"),
        (DeadLetterFilter(reason="gave-up"), "ac"),
        (DeadLetterFilter(reason="gave-up", message="membership.*"), "a"),
        (DeadLetterFilter(ids=frozenset({"a"}), reason="unreadable"), ""),
    ],
)
def test_a_dead_letter_must_match_all_criteria(wanted: DeadLetterFilter, found: str) -> None:
    assert "".join(letter.id for letter in wanted.apply(LETTERS)) == found


def test_headers_of_a_stranger_that_the_broker_moved_make_nobody_else_the_publisher() -> None:
    found: Any = Found("a", "rooms.cancel-room.v1", "made up")
    found.user_id, found.body, found.content_type, found.correlation_id = "intranet", b"{}", "application/json", None
    death = {"reason": "expired", "exchange": "practio.commands", "routing-keys": ["membership.withdraw.v1"]}
    forged = {HEADER_ACCOUNT: "practio-pages", HEADER_EXCHANGE: "practio.internal"}
    found.headers |= {"x-death": [death]} | forged
    letter = DeadLetter("membership.commands", cast(AbstractIncomingMessage, found))
    assert (letter.account, letter.routing_key, letter.reason) == ("intranet", "membership.withdraw.v1", "expired")
    put_back = letter.to_put_back().headers
    assert (put_back[HEADER_ACCOUNT], put_back[HEADER_EXCHANGE]) == ("intranet", "practio.commands")
    assert put_back[HEADER_ROUTING_KEY] == "membership.withdraw.v1"


@every_case(
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
def test_an_age_is_shown_in_its_largest_unit(since: str, age: str) -> None:
    assert age_of(since, now=NOW) == age


def test_an_event_is_about_every_id_in_it_at_any_depth() -> None:
    event = {"subject": "m", "data": {"membership": {"room_id": "r", "person_id": "p"}, "to": ["x", {"y": "z"}]}}
    for ids in ([], ["m"], ["r"], ["r", "p"], ["z", "x"]):
        assert contains_ids(event, ids)
    assert not contains_ids(event, ["r", "q"])
