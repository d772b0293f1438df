"""The timelines of memberships that a batch writes: once, however often handlers read tables in between."""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

from practio_contracts.membership import Membership, Requested, Status
from practio_rooms.store.membership_timeline import TimelineBatch


class Session:
    """A session of the database that keeps the parameters of its statements."""

    def __init__(self) -> None:
        self.written: list[Any] = []

    async def execute(self, _statement: object, parameters: object) -> None:
        self.written.append(parameters)


def a_request() -> Requested:
    return Requested(
        membership=Membership(
            membership_id=uuid4(),
            room_id=uuid4(),
            person_id=uuid4(),
            status=Status.REQUESTED,
            since=datetime.now(UTC),
            by="system",
            version=1,
        )
    )


async def test_a_step_is_written_once() -> None:
    session, batch = Session(), TimelineBatch()
    batch.record(a_request())
    for _ in range(2):
        await batch.write(cast(Any, session))
    assert len(session.written) == 1
    batch.record(a_request())
    await batch.write(cast(Any, session))
    assert len(session.written) == 2
