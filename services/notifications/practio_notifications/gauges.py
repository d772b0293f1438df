"""How many letters are on their way, and how many addresses are not written to."""

from typing import Any

from prometheus_client import Gauge

from practio_chassis.context import MessageContext
from practio_chassis.handling.periodic import gauges
from practio_chassis.telemetry.metrics import SET_ASIDE
from practio_contracts.notifications import LetterStatus
from practio_notifications.delivery.due_letters import NOT_READ
from practio_notifications.store.gauges import letters_to_leave, suppressed_addresses

LETTERS_DUE = Gauge("practio_letters_due", "Letters that are to leave, now or later", ["status"])
SUPPRESSED = Gauge("practio_suppressed_addresses", "Addresses that are not written to")

_OPEN = (LetterStatus.QUEUED, LetterStatus.HELD, LetterStatus.SENDING, LetterStatus.RETRYING)


async def count_once(context: MessageContext[Any]) -> None:
    """Count now."""
    found = await letters_to_leave(context.session, kept_by=NOT_READ)
    for status in _OPEN:
        LETTERS_DUE.labels(status).set(found.by_status.get(status, 0))
    SET_ASIDE.labels("letter").set(found.kept)
    SUPPRESSED.set(await suppressed_addresses(context.session))


GAUGES = gauges("notifications", count_once)
