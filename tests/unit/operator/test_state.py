"""What `practio status` makes of what parts and broker say, and whom it asks."""

from pathlib import Path

import pytest

from practio_operator.dead_letters.queues import QUEUES
from practio_operator.stack.state import READY, Part, State, lag_in
from practio_operator.targets import service_urls


def queue(name: str, *, messages: int = 0, consumers: int = 0) -> dict[str, object]:
    return {"name": name, "messages": messages, "consumers": consumers}


def test_it_is_ready_where_every_part_says_so() -> None:
    ready, waiting = Part(READY, "http://a"), Part("does not answer", "http://b")
    assert State({"rooms": ready}, []).all_ready
    assert not State({"rooms": ready, "pages": waiting}, []).all_ready


def test_where_no_part_can_be_asked_it_goes_by_who_takes_from_the_queues() -> None:
    assert State({}, [queue(name, consumers=1) for name in QUEUES]).all_ready
    assert not State({}, [queue(name, consumers=int(name != QUEUES[0])) for name in QUEUES]).all_ready


def test_it_counts_the_dead_letters_of_services_alone() -> None:
    queues = [queue("rooms.events.dead", messages=2), queue("membership.commands.dead", messages=1)]
    assert State({}, [*queues, queue("practio.unrouted", messages=5), queue("rooms.events", messages=7)]).dead == 3


def test_the_lag_is_the_greatest_of_all_queues() -> None:
    measured = (
        '# TYPE practio_lag_seconds gauge\npractio_lag_seconds{queue="a"} 0.5\npractio_lag_seconds{queue="b"} 2.0\n'
    )
    assert lag_in(measured) == 2.0
    assert lag_in("# TYPE practio_outbox_rows gauge\npractio_outbox_rows 3.0\n") is None


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in ("BROKER_URL", "DATABASE_URL", *(f"{part}_HTTP" for part in ("ROOMS", "PAGES"))):
        monkeypatch.delenv(f"PRACTIO_{name}", raising=False)
    monkeypatch.setenv("PRACTIO_HOME", str(tmp_path))
    return monkeypatch


def test_servers_elsewhere_are_never_looked_at_beside_the_services_of_the_stack_here(
    empty: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "env").write_text("PRACTIO_ROOMS_HTTP=http://127.0.0.1:1\n")
    empty.setenv("PRACTIO_BROKER_URL", "amqp://a:b@broker")
    assert service_urls() == {}
    empty.setenv("PRACTIO_ROOMS_HTTP", "http://rooms:8080/")
    assert service_urls() == {"rooms": "http://rooms:8080"}
