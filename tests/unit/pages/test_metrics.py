"""Metrics and logs of pages: the number of requests, and the outcomes of commands."""

from typing import Any, cast
from uuid import UUID

from prometheus_client import REGISTRY
from structlog.testing import capture_logs
from tests.support.every_case import every_case
from tests.unit.pages.builders import ADA, ROOM, a_way
from tests.unit.pages.sites import a_visit

from practio_contracts.answers import CommandAccepted, CommandRefused
from practio_contracts.client import Client
from practio_contracts.links import Link, Purpose
from practio_contracts.membership import MembershipCommandAccepted, MembershipCommandRefused, Withdraw
from practio_pages.gateway import Gateway

COMMAND = Withdraw(room_id=ROOM, person_id=ADA)
ANSWER = {"command_id": "c", "command_type": COMMAND.type_name()}


class AnsweringClient:
    """A broker client that gives every command the same answer."""

    def __init__(self, answer: CommandAccepted | CommandRefused) -> None:
        self.answer = answer

    async def send(self, _command: Withdraw, **_how: Any) -> CommandAccepted | CommandRefused:
        return self.answer


class ConnectedGateway(Gateway):
    """A gateway that is connected to ``client``."""

    def __init__(self, client: AnsweringClient) -> None:
        super().__init__("amqp://pages:unused@nowhere/practio")
        self.client = client

    def _connected(self) -> Client:
        return cast(Client, self.client)


@every_case(
    ("answer", "code"),
    [
        (MembershipCommandAccepted(**ANSWER, changed=True, state={}), "accepted"),
        (MembershipCommandRefused(**ANSWER, code="not-a-member", detail="Ada is not in it"), "not-a-member"),
    ],
)
async def test_the_outcome_of_a_command_is_logged_with_command_and_code_only(
    answer: CommandAccepted | CommandRefused, code: str
) -> None:
    with capture_logs() as lines:
        await ConnectedGateway(AnsweringClient(answer)).send(COMMAND, actor=ADA, id=UUID(int=8))
    assert lines == [
        {
            "event": "command sent",
            "log_level": "info",
            "command": "membership.withdraw.v1",
            "id": str(UUID(int=8)),
            "code": code,
        }
    ]


def counted(page: str, status: str) -> float:
    labels = {"page": page, "status": status}
    return REGISTRY.get_sample_value("practio_pages_requests_total", labels) or 0.0


async def test_requests_are_counted_by_page_and_class_of_answer() -> None:
    visit = a_visit()
    seen = ("way", "5xx"), ("stop", "4xx"), ("other", "4xx"), ("stop", "2xx")
    before = [counted(*each) for each in seen]
    await visit.get(visit.path(a_way()))
    await visit.get("/stop/forged")
    await visit.get("/a-name-that-somebody-thought-of")
    await visit.get(visit.path(Link(Purpose.STOP, ADA, category="digest")))
    assert [counted(*each) - was for each, was in zip(seen, before, strict=True)] == [1.0] * 4


async def test_metrics_are_served_at_the_address_that_prometheus_scrapes() -> None:
    visit = a_visit()
    seen = await visit.get("/metrics")
    assert seen.status == 200
    assert seen.answer.headers["content-type"].startswith("text/plain; version=")
    assert "# TYPE practio_pages_requests_total counter" in seen.answer.text
