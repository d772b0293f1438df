"""The topology, applied to a broker through RabbitMQ's management interface (3.10 to 4.x)."""

import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx

from practio_chassis.broker.objects import Binding, Topology
from practio_chassis.broker.topology import DEFAULT_EXCHANGE
from practio_operator.console.errors import OperatorError
from practio_operator.execution.http import NO_AUTHORITIES
from practio_operator.provisioning.definitions import Definitions, definitions, permissions
from practio_operator.provisioning.settings import AUTHORITY
from practio_operator.provisioning.target import ProvisionTarget

TIMEOUT_SECONDS = 60.0
"""A busy cluster takes a while to elect the leaders of new quorum queues."""

_NO_QUEUE = "practio.size-check"
_TOO_LARGE = "larger than configured max size"
"""A part of RabbitMQ's sentence about a message above ``max_message_size``, from 3.10 to 4."""

_EVERYTHING = {"configure": ".*", "write": ".*", "read": ".*"}


class Management:
    """RabbitMQ's management interface, for an administrator and one vhost."""

    def __init__(self, client: httpx.AsyncClient, *, place: str, administrator: str, vhost: str) -> None:
        self._client = client
        self._place = place
        self._administrator = administrator
        self.vhost = vhost

    async def get(self, *path: str) -> Any:
        """Return the object at a path. Raise OperatorError if it is missing, or if the broker is down or refuses."""
        return self._read(await self._call("GET", path))

    async def has(self, *path: str) -> bool:
        """Return whether there is an object at a path. Raise OperatorError if the broker is down or refuses."""
        return (await self._call("GET", path, or_missing=True)).is_success

    async def put(self, *path: str, body: Any) -> None:
        """Put an object at a path. Raise OperatorError if the broker is down or refuses."""
        await self._call("PUT", path, body)

    async def delete(self, *path: str) -> None:
        """Delete the object at a path, if any. Raise OperatorError if the broker is down or refuses."""
        await self._call("DELETE", path, or_missing=True)

    async def load(self, wanted: Definitions) -> None:
        """Create all missing definitions. Raise OperatorError if the broker is down or refuses."""
        await self._call("POST", ["definitions"], wanted)

    async def takes_message_of(self, size: int) -> bool:
        """Return whether the broker takes a message of ``size`` bytes, which reaches no queue.

        Raise OperatorError if the broker is down or refuses for another reason.
        """
        message = {"properties": {}, "routing_key": _NO_QUEUE, "payload": "x" * size, "payload_encoding": "string"}
        path = ("exchanges", self.vhost, DEFAULT_EXCHANGE, "publish")
        answer = await self._request("POST", path, message)
        if answer.status_code == httpx.codes.BAD_REQUEST and _TOO_LARGE in answer.text:
            return False
        self._checked(answer)
        return True

    async def ensure_vhost(self) -> None:
        """Create a missing vhost, and give the administrator access. Raise OperatorError as the others do."""
        if not await self.has("vhosts", self.vhost, "permissions"):  # the vhost alone comes with statistics, or a 500
            await self.put("vhosts", self.vhost, body={})
        await self.put("permissions", self.vhost, self._administrator, body=_EVERYTHING)

    async def _call(
        self, method: str, path: Sequence[str], body: Any = None, *, or_missing: bool = False
    ) -> httpx.Response:
        answer = await self._request(method, path, body)
        if or_missing and answer.status_code == httpx.codes.NOT_FOUND:
            return answer
        return self._checked(answer)

    async def _request(self, method: str, path: Sequence[str], body: Any) -> httpx.Response:
        url = "/".join(["/api", *(quote(step, safe="") for step in path)])
        try:
            return await self._client.request(method, url, json=body)
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise OperatorError(f"The broker's management at {self._place} does not answer: {reason}.") from None

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        raise OperatorError(self._failure(answer))

    def _failure(self, answer: httpx.Response) -> str:
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            return (
                f"The broker at {self._place} refuses the account {self._administrator}: "
                "check its password, and that it has the tag administrator."
            )
        request = f"{answer.request.method} {answer.request.url.raw_path.decode()}"
        return f"The broker at {self._place} answered {answer.status_code} to {request}: {answer.text[:300]}"

    def _read(self, answer: httpx.Response) -> Any:
        try:
            return answer.json()
        except ValueError:
            raise OperatorError(
                f"The server at {self._place} is not RabbitMQ's management interface: check the URL."
            ) from None


@asynccontextmanager
async def management(target: ProvisionTarget) -> AsyncIterator[Management]:
    """Yield the management interface of a target's broker."""
    url = httpx.URL(target.management_url)
    place = str(url.copy_with(userinfo=b"", query=None)).rstrip("/")
    async with httpx.AsyncClient(
        base_url=place, auth=target.administrator, verify=_authorities(url), timeout=TIMEOUT_SECONDS, trust_env=False
    ) as client:
        yield Management(client, place=place, administrator=target.administrator[0], vhost=target.vhost)


def _authorities(url: httpx.URL) -> ssl.SSLContext:
    """Return a context that trusts the URL's ``cafile``, or without one the system's authorities; it verifies names."""
    path = url.params.get(AUTHORITY)
    if url.scheme == "http" and not path:
        return NO_AUTHORITIES
    try:
        return ssl.create_default_context(cafile=path)
    except OSError as error:
        raise OperatorError(
            f"The certificate authority {path} of the broker's management cannot be read: {error}."
        ) from None


async def apply_topology(broker: Management, topology: Topology, *, passwords: Mapping[str, str]) -> None:
    """Create what is missing, set the permissions of accounts, and delete extra bindings of these queues.

    Raise OperatorError if an exchange or queue of this name has other arguments: RabbitMQ cannot change them.
    """
    await broker.ensure_vhost()
    wanted = definitions(topology, vhost=broker.vhost, passwords=passwords)
    _refuse_other_forms(await broker.get("definitions", broker.vhost), wanted)
    await broker.load(wanted)
    await broker.load(permissions(topology.accounts, vhost=broker.vhost))
    await _delete_extra_bindings(broker, topology)


def _refuse_other_forms(held: Definitions, wanted: Definitions) -> None:
    for kind in ("exchanges", "queues"):
        forms = {each["name"]: _form(each) for each in held[kind]}
        for each in wanted[kind]:
            if forms.get(each["name"], _form(each)) != _form(each):
                raise OperatorError(
                    f"The broker has {each['name']} with other arguments, which cannot be changed: "
                    "empty it, delete it, and run `practio provision` again."
                )


def _form(each: Mapping[str, Any]) -> tuple[Any, ...]:
    return each.get("type"), each["durable"], each["auto_delete"], each["arguments"]


async def _delete_extra_bindings(broker: Management, topology: Topology) -> None:
    queues = {queue.name for queue in topology.queues}
    wanted = set(topology.bindings)
    for each in await broker.get("bindings", broker.vhost):
        exchange, queue = each["source"], each["destination"]
        if exchange and queue in queues and Binding(exchange, queue, each["routing_key"]) not in wanted:
            await broker.delete("bindings", broker.vhost, "e", exchange, "q", queue, each["properties_key"])
