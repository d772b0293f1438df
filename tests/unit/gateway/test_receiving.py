"""Who may hold slots at the gateway: nobody shuts an account out by writing its name."""

import asyncio
import json
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from starlette.requests import Request
from tests.support.eventually import eventually
from tests.unit.gateway.messages import STRUCTURED, a_registration

from practio_contracts.connection import RpcConnection
from practio_gateway.connections import AccountConnections, LoginRefusedError
from practio_gateway.login import Login
from practio_gateway.rates import MOST_TRIALS, RequestMeter
from practio_gateway.receiving import Receiver


class Broker(AccountConnections):
    """Connections that need no broker: the password is ``right``, and each waits for ``go_on`` when it is opened."""

    def __init__(self) -> None:
        super().__init__("amqp://unused", most=100)
        self.tried: Counter[str] = Counter()
        self.published = 0
        self.go_on = asyncio.Event()
        self._known: set[Login] = set()

    def knows(self, login: Login) -> bool:
        """Return whether this login was right once."""
        return login in self._known

    @asynccontextmanager
    async def connection_of(self, login: Login) -> AsyncIterator[RpcConnection]:
        """Yield what counts messages."""
        if not self.knows(login):
            self.tried[login.password] += 1
            await self.go_on.wait()
            if login.password != "right":
                raise LoginRefusedError
            self._known.add(login)
        yield cast(RpcConnection, self)

    async def publish(self, _message: Any, **_where: Any) -> None:
        """Count a message."""
        self.published += 1


def a_receiver(broker: Broker, *, at_once: int = 50) -> Receiver:
    meter = RequestMeter(
        client="9999 per minute", account="9999 per minute", failures="100 per minute", at_once=at_once
    )
    return Receiver(broker, meter, answer_seconds=60)


def a_post(password: str, client: str, *, arrives: asyncio.Event | None = None) -> Request:
    async def receive() -> dict[str, Any]:
        if arrives:
            await arrives.wait()
        return {"type": "http.request", "body": json.dumps(a_registration()).encode()}

    login = b"Basic " + b64encode(f"intranet:{password}".encode())
    headers = [(name.encode(), value.encode()) for name, value in STRUCTURED.items()]
    scope = {"type": "http", "method": "POST", "path": "/directory", "query_string": b"", "client": (client, 1)}
    return Request({**scope, "headers": [(b"authorization", login), *headers]}, receive)


async def test_anybody_who_writes_the_name_of_an_account_takes_none_of_its_slots() -> None:
    broker, never = Broker(), asyncio.Event()
    receiver = a_receiver(broker, at_once=2)
    others = [asyncio.create_task(receiver.take(a_post("wrong", "192.0.2.6", arrives=never))) for _ in range(9)]
    await eventually(lambda: broker.tried["wrong"] > 0 and sum(each.done() for each in others) == 7)
    own = asyncio.create_task(receiver.take(a_post("right", "192.0.2.7")))
    await eventually(lambda: broker.tried["right"] > 0 or own.done())
    broker.go_on.set()
    assert (await own).status_code == 202
    assert Counter(each.status_code for each in await asyncio.gather(*others)) == {401: 2, 429: 7}


async def test_a_login_is_judged_before_the_message_arrives() -> None:
    broker = Broker()
    broker.go_on.set()
    receiver, never = a_receiver(broker), asyncio.Event()
    assert (await receiver.take(a_post("wrong", "192.0.2.6", arrives=never))).status_code == 401


async def test_few_passwords_of_a_client_are_tried_at_once() -> None:
    broker = Broker()
    receiver = a_receiver(broker)
    guesses = [asyncio.create_task(receiver.take(a_post(f"guess-{n}", "192.0.2.6"))) for n in range(40)]
    await eventually(lambda: len(broker.tried) + sum(each.done() for each in guesses) == 40)
    assert broker.tried.total() == MOST_TRIALS
    broker.go_on.set()
    statuses = Counter(each.status_code for each in await asyncio.gather(*guesses))
    assert statuses == {401: MOST_TRIALS, 429: 40 - MOST_TRIALS}


async def test_requests_with_the_same_login_share_one_trial() -> None:
    broker = Broker()
    receiver = a_receiver(broker)
    posts = [asyncio.create_task(receiver.take(a_post("right", "192.0.2.7"))) for _ in range(40)]
    await eventually(lambda: broker.tried.total() > 0)
    broker.go_on.set()
    assert Counter(each.status_code for each in await asyncio.gather(*posts)) == {202: 40}
    assert (broker.tried.total(), broker.published) == (1, 40)
