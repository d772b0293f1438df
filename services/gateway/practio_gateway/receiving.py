"""A request with a message: who sends it, whether it may be passed on, and its answer."""

import asyncio
from datetime import UTC, datetime

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from practio_chassis.telemetry.log import logger
from practio_contracts.envelope import MOST_BYTES
from practio_gateway.binding import BrokerMessage, arrival_of
from practio_gateway.connections import AccountConnections
from practio_gateway.entering import Entrance
from practio_gateway.faults import TOO_LARGE, TOO_SLOW, HttpFault
from practio_gateway.login import Login, login_of
from practio_gateway.rates import RequestMeter
from practio_gateway.responses import answer_response, fault_response, taken_response
from practio_gateway.sending import send

BODY_SECONDS = 20.0
"""How long a message may take to arrive."""

_log = logger(__name__)


class Receiver:
    """Passes messages on to the broker, each as the account that sends it."""

    def __init__(
        self,
        connections: AccountConnections,
        meter: RequestMeter,
        *,
        answer_seconds: float,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._connections, self._meter = connections, meter
        self._entrance = Entrance(connections, meter)
        self._answer_seconds, self._body_seconds = answer_seconds, body_seconds

    async def take(self, request: Request) -> Response:
        """Return the response to a request with a message."""
        outcome = await self._outcome(request)
        return fault_response(outcome) if isinstance(outcome, HttpFault) else outcome

    async def _outcome(self, request: Request) -> Response | HttpFault:
        client = request.client.host if request.client else ""
        if fault := self._meter.count_client(client):
            return fault
        login = login_of(request.headers.get("authorization"))
        if isinstance(login, HttpFault):
            return login
        if fault := await self._entrance.fault(login, client):
            return fault
        with self._meter.room_for(login.account) as fault:
            return fault or await self._passed_on(request, login)

    async def _passed_on(self, request: Request, login: Login) -> Response | HttpFault:
        body = await _body_of(request, within=self._body_seconds)
        if isinstance(body, HttpFault):
            return body
        if fault := self._meter.count_account(login.account):
            return fault
        arrival = arrival_of(request.url.path, request.headers, body)
        if isinstance(arrival, HttpFault):
            return arrival
        return await self._answer(login, arrival)

    async def _answer(self, login: Login, arrival: BrokerMessage) -> Response | HttpFault:
        answer = await send(self._connections, login, arrival, within=self._answer_seconds)
        outcome: Response | HttpFault
        match answer:
            case HttpFault():
                outcome, status = answer, answer.status
            case None:
                outcome, status = taken_response(), 202
            case bytes():
                outcome = answer_response(answer, now=datetime.now(UTC))
                status = outcome.status_code
        _log.info("message passed on", account=login.account, message=arrival.routing_key, status=status)
        return outcome


async def _body_of(request: Request, *, within: float) -> bytes | HttpFault:
    """Return the body; a fault if it is larger than a message may be, or does not arrive."""
    if int(request.headers.get("content-length", "0") or 0) > MOST_BYTES:
        return TOO_LARGE
    body = bytearray()
    try:
        async with asyncio.timeout(within):
            async for part in request.stream():
                body += part
                if len(body) > MOST_BYTES:
                    return TOO_LARGE
    except (TimeoutError, ClientDisconnect):
        return TOO_SLOW
    return bytes(body)
