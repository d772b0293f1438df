"""The dead letters of an account: events that no try could deliver, with the reason."""

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, HeadersType
from yarl import URL

from practio_chassis.broker.queue_names import dead_queue, outside_queue
from practio_contracts.catalogue import DEAD

REASON, DETAIL, TRIES = "practio-reason", "practio-detail", "practio-tries"


def account_in(broker_url: str) -> str:
    """Return the account of a URL."""
    return URL(broker_url).user or ""


def queue_of(broker_url: str) -> str:
    """Return the queue of the account of a URL."""
    return outside_queue(account_in(broker_url))


async def bury(
    channel: AbstractChannel, message: AbstractIncomingMessage, *, account: str, reason: str, detail: str, tries: int
) -> None:
    """Move an event to the dead letters of its account: confirmed there, then acknowledged here."""
    key = dead_queue(outside_queue(account))
    headers: HeadersType = {REASON: reason, DETAIL: detail[:500], TRIES: tries}
    dead = Message(
        message.body,
        headers=headers,
        content_type=message.content_type,
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=message.message_id,
        user_id=account,
    )
    exchange = await channel.get_exchange(DEAD, ensure=False)
    await exchange.publish(dead, key)
    await message.ack()
