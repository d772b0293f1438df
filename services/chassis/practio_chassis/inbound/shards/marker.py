"""The marker: a message without content that ends what one forwarder has put into a shard in one epoch.

On the queue of commands it only wakes the forwarder: it may be that no command comes for a long time.
"""

from collections.abc import Mapping
from typing import Any

from aio_pika.abc import AbstractIncomingMessage

from practio_chassis.outbound.redirects import Redirect
from practio_contracts.catalogue import account_of

_HEADER = "practio-epoch"
_NO_EPOCH = 0


def marker(queue: str, epoch: int) -> Redirect:
    """Return where a marker is published, and with which headers."""
    return Redirect("", queue, {_HEADER: epoch})


def wake(queue: str) -> Redirect:
    """Return where a message is published that wakes the forwarder, and with which headers."""
    return marker(queue, _NO_EPOCH)


def epoch_of(raw: AbstractIncomingMessage, *, service: str) -> int | None:
    """Return the epoch that a message marks the end of; None for all other messages.

    Only the service itself marks: a forwarded message has lost what its publisher wrote under our names.
    """
    headers: Mapping[str, Any] = raw.headers
    epoch = headers.get(_HEADER)
    is_ours = raw.user_id == account_of(service) and not raw.exchange
    return epoch if is_ours and isinstance(epoch, int) else None
