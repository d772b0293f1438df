"""Who may ask a query at all, and the time as of which it is answered."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from tests.support.stack.example_service import ExampleService, received

from practio_chassis.handling.system_accounts import NOT_A_SYSTEM
from practio_chassis.inbound.query_start import QueryStart
from practio_chassis.people.erasures import PERSON_ERASED
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.rooms import GetRoom

GRANTED = "directory"


async def start(desk: ExampleService, actor: UUID | str, account: str) -> tuple[datetime, Refusal | None]:
    asked = received(GetRoom(room_id=uuid4()), actor=actor, account=account)
    async with desk.sessions() as session:
        return await QueryStart("rooms", desk.chassis_tables).time_and_refusal(session, asked)


@pytest.mark.parametrize(
    ("account", "refusal"),
    [("intranet", NOT_A_SYSTEM), (GRANTED, None), ("practio-rooms", None), ("practio-membership", NOT_A_SYSTEM)],
)
async def test_only_the_service_itself_and_who_was_granted_it_asks_as_the_system(
    desk: ExampleService, account: str, refusal: Refusal | None
) -> None:
    async with desk.sessions() as session:
        await session.execute(desk.chassis_tables.system_account.insert().values(account=GRANTED))
        await session.commit()
    assert (await start(desk, SYSTEM, account))[1] == refusal


async def test_an_erased_person_asks_nothing(desk: ExampleService) -> None:
    erased = uuid4()
    async with desk.sessions() as session:
        await session.execute(desk.chassis_tables.forgotten.insert().values(person_id=erased))
        await session.commit()
    assert (await start(desk, erased, "intranet"))[1] == PERSON_ERASED
    assert (await start(desk, uuid4(), "intranet"))[1] is None


async def test_a_query_is_answered_as_of_the_databases_time(desk: ExampleService) -> None:
    now, _ = await start(desk, uuid4(), "intranet")
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
