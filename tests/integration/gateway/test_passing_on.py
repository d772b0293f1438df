"""Messages over HTTP reach the broker as the account that sends them, and its answers come back."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from tests.integration.contracts.vhost import ACCOUNT, PASSWORD, ContractVhost, an_echo
from tests.integration.gateway.gateways import a_gateway
from tests.support.eventually import eventually
from tests.unit.gateway.messages import a_registration, a_request, binary

from practio_gateway.connections import AccountConnections
from practio_gateway.login import Login


async def test_a_command_gets_its_answer_in_both_modes(vhost: ContractVhost) -> None:
    async with an_echo(vhost) as echo, a_gateway(vhost.outside_url) as caller:
        event = a_request()
        headers, body = binary(event)
        structured = await caller.post("/commands", event)
        as_headers = await caller.http.post("/commands", content=body, headers=headers, auth=(ACCOUNT, PASSWORD))
        assert [structured.status_code, as_headers.status_code] == [200, 200]
        assert structured.json() == as_headers.json()
        assert structured.json()["state"]["message"] == "Grüße"
        assert structured.headers["ce-type"] == "practio.membership.command-accepted.v1"
        assert [each.user_id for each in echo.received] == [ACCOUNT, ACCOUNT]
        assert echo.received[0].body == json.dumps(event).encode()


async def test_a_query_and_a_refusal_are_answered(vhost: ContractVhost) -> None:
    async with an_echo(vhost), a_gateway(vhost.outside_url) as caller:
        room = {"room_id": a_request()["data"]["room_id"]}
        found = await caller.post("/queries", a_request(type="practio.rooms.get-room.v1", data=room))
        assert (found.status_code, found.json()["result"]) == (200, room)
        event = a_request()
        refused = await caller.post("/commands", event | {"data": event["data"] | {"message": "refuse me"}})
        assert (refused.status_code, refused.json()["code"]) == (409, "room-not-open")


async def test_a_query_expires_once_the_gateway_stops_waiting_and_a_command_never_does(vhost: ContractVhost) -> None:
    async with an_echo(vhost) as echo, a_gateway(vhost.outside_url, answer_seconds=17.5) as caller:
        room = {"room_id": a_request()["data"]["room_id"]}
        await caller.post("/queries", a_request(type="practio.rooms.get-room.v1", data=room))
        await caller.post("/commands", a_request())
    assert [each.properties.expiration for each in echo.received] == ["17500", None]


async def test_an_event_of_people_is_confirmed(vhost: ContractVhost) -> None:
    async with an_echo(vhost) as echo, a_gateway(vhost.outside_url) as caller:
        event = a_registration()
        assert (await caller.post("/directory", event)).status_code == 202
        await eventually(lambda: [str(each) for each in echo.ids] == [event["id"]])


async def test_the_broker_refuses_what_was_not_granted_and_the_account_goes_on(vhost: ContractVhost) -> None:
    async with an_echo(vhost) as echo, a_gateway(vhost.outside_url) as caller:
        refused = await caller.post("/commands", a_request(type="practio.rooms.publish-room.v1"))
        assert (refused.status_code, refused.json()["code"]) == (403, "not-granted")
        assert "rooms.publish-room.v1" in refused.json()["detail"]
        assert (await caller.post("/commands", a_request())).status_code == 200
        assert len(echo.received) == 1


async def test_many_requests_beside_a_refused_one_all_get_their_answer(vhost: ContractVhost) -> None:
    async with an_echo(vhost) as echo, a_gateway(vhost.outside_url) as caller:
        events = [a_request() for _ in range(40)]
        forbidden = [a_request(type="practio.rooms.publish-room.v1") for _ in range(3)]
        answers = await asyncio.gather(*(caller.post("/commands", each) for each in (*events, *forbidden)))
        assert [each.status_code for each in answers] == [200] * 40 + [403] * 3
        assert {each.json()["command_id"] for each in answers[:40]} == {each["id"] for each in events}
        assert echo.ids.keys() == {each for each in echo.ids if str(each) in {event["id"] for event in events}}


async def test_a_wrong_password_is_refused_and_too_many_are_not_tried(vhost: ContractVhost) -> None:
    async with an_echo(vhost), a_gateway(vhost.outside_url) as caller:
        wrong = [await caller.post("/commands", a_request(), login=(ACCOUNT, f"guess-{n}")) for n in range(4)]
        assert [each.status_code for each in wrong] == [401, 401, 401, 429]
        assert wrong[0].headers["www-authenticate"].startswith("Basic")
        assert int(wrong[3].headers["retry-after"]) > 0
        assert (await caller.post("/commands", a_request())).status_code == 429
        assert len(caller.connections) == 0


async def test_an_account_that_is_connected_goes_on_beside_wrong_passwords(vhost: ContractVhost) -> None:
    async with an_echo(vhost), a_gateway(vhost.outside_url, failures="1 per minute") as caller:
        assert (await caller.post("/commands", a_request())).status_code == 200
        for status in (401, 429):
            wrong = await caller.post("/commands", a_request(), login=(ACCOUNT, "guess"))
            assert wrong.status_code == status
        assert (await caller.post("/commands", a_request())).status_code == 200


async def test_a_service_that_does_not_answer_in_time_is_a_504_and_the_same_id_gets_the_answer(
    vhost: ContractVhost,
) -> None:
    async with an_echo(vhost, silent=1), a_gateway(vhost.outside_url, answer_seconds=1) as caller:
        event = a_request()
        late = await caller.post("/commands", event)
        assert late.status_code == 504
        assert "the same id" in late.json()["detail"]
        assert (await caller.post("/commands", event)).json()["command_id"] == event["id"]


async def test_without_a_broker_nothing_is_sent_and_the_caller_is_to_come_back() -> None:
    async with a_gateway("amqp://unused@127.0.0.1:1/practio") as caller:
        away = await caller.post("/commands", a_request())
        assert (away.status_code, away.json()["code"], away.headers["retry-after"]) == (503, "broker-away", "5")
        assert (await caller.http.get("/readyz")).status_code == 503
        assert (await caller.http.get("/livez")).status_code == 200


async def test_an_account_has_one_connection_however_much_it_sends(vhost: ContractVhost) -> None:
    async with an_echo(vhost), a_gateway(vhost.outside_url) as caller:
        answers = await asyncio.gather(*(caller.post("/commands", a_request()) for _ in range(100)))
        assert {each.status_code for each in answers} == {200}
        assert len(caller.connections) == 1


async def test_as_many_accounts_as_allowed_are_connected_and_idle_ones_make_room(vhost: ContractVhost) -> None:
    async with an_echo(vhost, silent=1), a_gateway(vhost.outside_url, most=1, answer_seconds=3) as caller:
        waiting = asyncio.create_task(caller.post("/commands", a_request()))
        await eventually(lambda: len(caller.connections) == 1)
        other = await caller.post("/commands", a_request(), login=("learning", "unused"))
        assert (other.status_code, other.json()["code"]) == (503, "too-many-accounts")
        assert (await waiting).status_code == 504
        assert (await caller.post("/commands", a_request(), login=("learning", "unused"))).status_code == 401
        assert len(caller.connections) == 0


async def test_a_connection_that_is_idle_or_old_is_closed(vhost: ContractVhost) -> None:
    clock = [0.0]
    address = vhost.outside_url.replace(f"{ACCOUNT}:{PASSWORD}@", "")
    connections = AccountConnections(address, most=5, idle=60, age=300, now=lambda: clock[0])
    async with an_echo(vhost), a_gateway(vhost.outside_url, connections=connections) as caller:
        for clock[0] in (0.0, 59.0, 100.0):
            await connections.close_idle()
            assert (await caller.post("/commands", a_request())).status_code == 200
            assert len(connections) == 1
        clock[0] = 161.0
        await connections.close_idle()
        assert len(connections) == 0


async def test_an_old_connection_is_not_used_again_so_that_an_old_password_ends(vhost: ContractVhost) -> None:
    clock = [0.0]
    address = vhost.outside_url.replace(f"{ACCOUNT}:{PASSWORD}@", "")
    connections = AccountConnections(address, most=5, now=lambda: clock[0])
    async with an_echo(vhost), a_gateway(vhost.outside_url, connections=connections) as caller:
        assert (await caller.post("/commands", a_request())).status_code == 200
        async with connections.connection_of(Login(ACCOUNT, PASSWORD)) as young:
            clock[0] = 299.0
        async with connections.connection_of(Login(ACCOUNT, PASSWORD)) as same:
            clock[0] = 301.0
        async with connections.connection_of(Login(ACCOUNT, PASSWORD)) as another:
            assert (same is young, another is young, len(connections)) == (True, False, 1)
        assert (await caller.post("/commands", a_request())).status_code == 200
        assert len(connections) == 1


@pytest.mark.parametrize("declared", [True, False])
async def test_a_message_that_is_too_large_is_not_read_to_its_end(vhost: ContractVhost, declared: bool) -> None:
    read = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 999:
            read += 1
            yield b" " * 64 * 1024

    async with a_gateway(vhost.outside_url) as caller:
        headers = {"content-type": "application/cloudevents+json"}
        if declared:
            headers["content-length"] = str(999 * 64 * 1024)
        request = caller.http.build_request("POST", "/commands", content=parts(), headers=headers)
        response = await caller.http.send(request, auth=httpx.BasicAuth(ACCOUNT, PASSWORD))
        assert (response.status_code, response.json()["code"]) == (413, "too-large")
        assert read <= (0 if declared else 5)


async def test_other_methods_and_addresses_say_what_is_there(vhost: ContractVhost) -> None:
    async with a_gateway(vhost.outside_url) as caller:
        assert (await caller.http.get("/commands")).status_code == 405
        nowhere = await caller.http.post("/command")
        assert (nowhere.status_code, "/commands" in nowhere.json()["detail"]) == (404, True)
        assert (await caller.http.post("/commands")).status_code == 401


async def test_the_gateway_is_counted(vhost: ContractVhost) -> None:
    async with an_echo(vhost), a_gateway(vhost.outside_url) as caller:
        await caller.post("/commands", a_request())
        found = (await caller.http.get("/metrics")).text
        assert 'practio_gateway_requests_total{kind="commands",status="2xx"}' in found
        assert "practio_gateway_connections 1.0" in found
