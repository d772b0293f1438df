"""Over HTTP a system has the rights and gets the answers that it would have over AMQP."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest_asyncio
from tests.support.clients.actions import REQUEST, a_published_room, roster
from tests.support.clients.commands import Data, a_person, about, new_id
from tests.support.clients.outside import OutsideSystem
from tests.support.eventually import eventually
from tests.support.stack.gateways import a_gateway
from tests.support.stack.running import RunningStack

from practio_operator.execution.http import NO_AUTHORITIES
from practio_operator.provisioning.accounts import change_password

STRUCTURED = {"content-type": "application/cloudevents+json"}


@pytest_asyncio.fixture
async def intranet(stack: RunningStack, tmp_path: Path, narrow: str) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client with the account ``narrow``, which may request to join and withdraw."""
    parts = urlsplit(narrow)
    login = (parts.username or "", parts.password or "")
    async with (
        a_gateway(stack, tmp_path) as gateway,
        httpx.AsyncClient(
            base_url=gateway.url, auth=login, verify=NO_AUTHORITIES, trust_env=False, timeout=40
        ) as client,
    ):
        yield client
    log = gateway.process.log.read_text()
    assert "Traceback" not in log
    assert login[1] not in log


def headers_of(event: Data) -> dict[str, str]:
    """Return the headers of an event in binary mode."""
    return {f"ce-{name}": value for name, value in event.items() if name != "data"} | {
        "content-type": "application/json"
    }


async def test_a_person_joins_over_http_in_both_modes_and_the_same_id_counts_once(
    outside: OutsideSystem, intranet: httpx.AsyncClient
) -> None:
    room = await a_published_room(outside, policy="open")
    people = new_id(), new_id()
    first, second = (outside.envelope(REQUEST, about(room.room_id, each), actor=each) for each in people)

    structured = [await intranet.post("/commands", content=json.dumps(first), headers=STRUCTURED) for _ in range(2)]
    binary = await intranet.post("/commands", content=json.dumps(second["data"]), headers=headers_of(second))

    assert [each.status_code for each in (*structured, binary)] == [200, 200, 200]
    assert structured[0].json() == structured[1].json()
    assert structured[0].json()["state"]["status"] == binary.json()["state"]["status"] == "joined"
    assert (await roster(outside, room))["seats_taken"] == 2


async def test_a_command_is_refused_over_http_as_over_amqp(outside: OutsideSystem, intranet: httpx.AsyncClient) -> None:
    person = new_id()
    unknown = outside.envelope(REQUEST, about(new_id(), person), actor=person)
    refused = await intranet.post("/commands", content=json.dumps(unknown), headers=STRUCTURED)
    assert (refused.status_code, refused.json()["code"]) == (409, "room-unknown")
    assert int(refused.headers["retry-after"]) >= 1

    faulty = outside.envelope(REQUEST, {"room": new_id()}, actor=person)
    invalid = await intranet.post("/commands", content=json.dumps(faulty), headers=STRUCTURED)
    assert (invalid.status_code, invalid.json()["code"]) == (422, "invalid")
    assert {each["field"] for each in invalid.json()["errors"]} >= {"room_id", "room"}


async def test_the_broker_refuses_what_the_account_was_not_granted(
    outside: OutsideSystem, intranet: httpx.AsyncClient
) -> None:
    room = await a_published_room(outside, policy="open")
    ask = outside.envelope("rooms.get-room.v1", {"room_id": room.room_id}, actor=new_id())
    close = outside.envelope("rooms.close-room.v1", {"room_id": room.room_id}, actor=room.host)
    register = a_person()
    event = outside.envelope("people.person-registered.v1", register, subject=register["person_id"], sequence="1")
    for path, each in (("/queries", ask), ("/commands", close), ("/directory", event)):
        refused = await intranet.post(path, content=json.dumps(each), headers=STRUCTURED)
        assert (refused.status_code, refused.json()["code"]) == (403, "not-granted"), path

    as_system = outside.envelope(REQUEST, about(room.room_id, new_id()), actor="system")
    refused = await intranet.post("/commands", content=json.dumps(as_system), headers=STRUCTURED)
    assert (refused.status_code, refused.json()["code"]) == (409, "not-allowed")


async def test_a_directory_publishes_people_and_asks_over_http(
    stack: RunningStack, outside: OutsideSystem, intranet: httpx.AsyncClient
) -> None:
    parts = urlsplit(stack.outside_url)
    intranet.auth = httpx.BasicAuth(parts.username or "", parts.password or "")
    ada = a_person()
    event = outside.envelope("people.person-registered.v1", ada, subject=ada["person_id"], sequence="1")
    assert (await intranet.post("/directory", content=json.dumps(event), headers=STRUCTURED)).status_code == 202

    async def is_known() -> bool:
        query = {"person_id": ada["person_id"], "limit": 10}
        asked = outside.envelope("notifications.export-person.v1", query, actor="system")
        answer = await intranet.post("/queries", content=json.dumps(asked), headers=STRUCTURED)
        return answer.status_code == 200 and ada["email"] in answer.text

    await eventually(is_known)


async def test_a_password_counts_as_the_broker_has_it(
    stack: RunningStack, outside: OutsideSystem, intranet: httpx.AsyncClient, narrow: str
) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    body = json.dumps(outside.envelope(REQUEST, about(room.room_id, person), actor=person))
    account, password = urlsplit(narrow).username or "", urlsplit(narrow).password or ""
    wrong = await intranet.post("/commands", content=body, headers=STRUCTURED, auth=(account, "guess"))
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong-login")
    nobody = await intranet.post("/commands", content=body, headers=STRUCTURED, auth=("nobody-there", "guess"))
    assert nobody.json() == wrong.json()
    await change_password(stack.target, account, "another")
    assert (await intranet.post("/commands", content=body, headers=STRUCTURED)).status_code == 401
    fine = await intranet.post("/commands", content=body, headers=STRUCTURED, auth=(account, "another"))
    assert fine.status_code == 200
    await change_password(stack.target, account, password)


async def test_a_service_that_is_stopped_is_a_504_and_the_command_is_done_once(
    stack: RunningStack, outside: OutsideSystem, tmp_path: Path
) -> None:
    room = await a_published_room(outside, policy="open")
    person = new_id()
    body = json.dumps(outside.envelope(REQUEST, about(room.room_id, person), actor=person))
    parts = urlsplit(stack.outside_url)
    login = (parts.username or "", parts.password or "")
    async with (
        a_gateway(stack, tmp_path, PRACTIO_ANSWER_SECONDS="1") as gateway,
        httpx.AsyncClient(
            base_url=gateway.url, auth=login, verify=NO_AUTHORITIES, trust_env=False, timeout=40
        ) as client,
    ):
        stack.services["membership"].process.kill()
        late = await client.post("/commands", content=body, headers=STRUCTURED)
        assert (late.status_code, late.json()["code"]) == (504, "no-answer")
        await stack.services["membership"].start()

        async def is_done() -> bool:
            return (await client.post("/commands", content=body, headers=STRUCTURED)).status_code == 200

        await eventually(is_done, within=30)
        await asyncio.gather(*(is_done() for _ in range(5)))
    assert (await roster(outside, room))["seats_taken"] == 1
