"""How `practio status` combines the reports of parts and broker, and which of them it asks."""

from pathlib import Path

import pytest
from tests.support.every_case import every_case

from practio_chassis.broker.queue_names import shard_queue
from practio_operator.dead_letters.queues import QUEUES
from practio_operator.status.state import READY, ServiceState, State, lag_in, refused_in, set_aside_in, state_in
from practio_operator.targets.addresses import service_urls


def queue(name: str, *, messages: int = 0, consumers: int = 0) -> dict[str, object]:
    return {"name": name, "messages": messages, "consumers": consumers}


def test_a_stack_is_ready_if_every_part_is() -> None:
    ready, waiting = ServiceState(READY, "http://a"), ServiceState("does not answer", "http://b")
    assert State({"rooms": ready}, []).all_ready
    assert not State({"rooms": ready, "pages": waiting}, []).all_ready


def test_without_reachable_parts_the_consumers_of_the_queues_decide() -> None:
    assert State({}, [queue(name, consumers=1) for name in QUEUES]).all_ready
    assert not State({}, [queue(name, consumers=int(name != QUEUES[0])) for name in QUEUES]).all_ready


def test_every_shard_needs_a_consumer_too() -> None:
    queues = [queue(name, consumers=1) for name in (*QUEUES, shard_queue("membership", 0))]
    assert State({}, queues).all_ready
    assert not State({}, [*queues, queue(shard_queue("membership", 1))]).all_ready


def test_only_dead_letters_of_services_are_counted() -> None:
    queues = [queue("rooms.events.dead", messages=2), queue("membership.commands.dead", messages=1)]
    assert State({}, [*queues, queue("practio.unrouted", messages=5), queue("rooms.events", messages=7)]).dead == 3


def test_queries_that_nobody_waits_for_are_no_dead_letters() -> None:
    state = State({}, [queue("rooms.queries.dead", messages=1_000), queue("rooms.commands.dead", messages=1)])
    assert (state.dead, state.dead_queries) == (1, 1_000)
    assert (state.as_json()["dead_letters"], state.as_json()["dead_queries"]) == (1, 1_000)


def test_the_lag_is_the_greatest_of_all_queues() -> None:
    measured = (
        '# TYPE practio_lag_seconds gauge\npractio_lag_seconds{queue="a"} 0.5\npractio_lag_seconds{queue="b"} 2.0\n'
    )
    assert lag_in(measured) == 2.0
    assert lag_in("# TYPE practio_outbox_rows gauge\npractio_outbox_rows 3.0\n") is None


def test_messages_that_the_broker_refuses_are_counted_apart_from_rows_that_a_release_cannot_read() -> None:
    rows = [("timer", 2), ("letter", 3), ("outbox", 4)]
    measured = "".join(f'practio_set_aside_rows{{table="{table}"}} {number}.0\n' for table, number in rows)
    measured = f"# TYPE practio_set_aside_rows gauge\n{measured}"
    assert (set_aside_in(measured), refused_in(measured)) == (5, 4)


@every_case(
    ("reported", "state"),
    [
        ({"database": False, "broker": False}, "not ready: database and broker"),
        ({"blocked": True, "stalled": ["events"]}, "not ready: the broker's memory or disk and no progress of events"),
        (
            {"blocked": True, "faults": {"alarm": "RabbitMQ lets nobody publish: low on disk"}},
            "not ready: RabbitMQ lets nobody publish: low on disk",
        ),
        (
            {"faults": {"mail relay": "the mail server refuses all letters (smtp-535)"}},
            "not ready: the mail server refuses all letters (smtp-535)",
        ),
        ({}, "not ready: the outbox is late"),
    ],
)
def test_a_part_that_is_not_ready_says_why(reported: dict[str, object], state: str) -> None:
    assert state_in(reported, ready=False) == state
    assert state_in(reported, ready=True) == READY


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in ("BROKER_URL", "DATABASE_URL", *(f"{part}_HTTP" for part in ("ROOMS", "PAGES"))):
        monkeypatch.delenv(f"PRACTIO_{name}", raising=False)
    monkeypatch.setenv("PRACTIO_HOME", str(tmp_path))
    return monkeypatch


def test_remote_servers_are_never_mixed_with_the_local_stack(empty: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "env").write_text("PRACTIO_ROOMS_HTTP=http://127.0.0.1:1\n")
    empty.setenv("PRACTIO_BROKER_URL", "amqp://a:b@broker")
    assert service_urls() == {}
    empty.setenv("PRACTIO_ROOMS_HTTP", "http://rooms:8080/")
    assert service_urls() == {"rooms": "http://rooms:8080"}
