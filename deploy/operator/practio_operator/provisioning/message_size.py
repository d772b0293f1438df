"""Whether the broker's limit on the size of messages is the one that the services are built for.

RabbitMQ's management interface does not show ``max_message_size``, so a message of each size is tried. Only the node
that answers is tried: the nodes of a cluster each read their own file.
"""

from practio_chassis.broker.policies import MAX_MESSAGE_BYTES
from practio_operator.provisioning.broker import Management


async def message_size_faults(broker: Management) -> list[str]:
    """Return a sentence if the broker's limit is another one. Raise OperatorError if it is down or refuses."""
    mend = f"set max_message_size = {MAX_MESSAGE_BYTES} in its rabbitmq.conf and restart it"
    if await broker.takes_message_of(MAX_MESSAGE_BYTES + 1):
        return [
            f"The broker takes messages of more than {MAX_MESSAGE_BYTES} bytes, which can exhaust the memory of a "
            f"service: {mend}"
        ]
    if not await broker.takes_message_of(MAX_MESSAGE_BYTES):
        return [
            f"The broker refuses messages of {MAX_MESSAGE_BYTES} bytes, so that long events would never leave their "
            f"service: {mend}"
        ]
    return []
