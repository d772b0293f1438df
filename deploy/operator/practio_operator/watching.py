"""Facts as they pass, on a queue that is there only as long as somebody watches."""

import json

from aio_pika.abc import AbstractIncomingMessage

from practio_contracts.catalogue import EVENTS
from practio_operator.console import console
from practio_operator.reach import administered, connection


async def watch_facts(pattern: str, *, as_json: bool) -> None:
    """Print the facts whose routing key fits ``pattern`` until cancelled or cut.

    Raises OperatorError where the broker cannot be reached.
    """
    async with connection(administered().broker_url) as open_connection:
        channel = await open_connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(EVENTS, pattern)
        await queue.consume(_print_json if as_json else _print_line, no_ack=True)
        await open_connection.closed()


async def _print_line(message: AbstractIncomingMessage) -> None:
    fact = json.loads(message.body)
    part = next((value for value in fact["data"].values() if isinstance(value, dict)), fact["data"])
    state = part.get("status") or part.get("code") or part.get("kind") or ""
    console.print(f"[dim]{fact['time'][11:23]}[/dim] {message.routing_key}  {fact.get('subject', '')}  {state}")


async def _print_json(message: AbstractIncomingMessage) -> None:
    console.print(message.body.decode(), markup=False)
