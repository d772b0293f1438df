"""How many letters are on their way, and how many addresses are not written to."""

from typing import Any

from prometheus_client import Gauge
from sqlalchemy import func, select

from practio_chassis.context import MessageContext
from practio_chassis.handling.periodic import gauges
from practio_chassis.telemetry.metrics import SET_ASIDE
from practio_contracts.notifications import LetterStatus
from practio_notifications.delivery.cases import NOT_READ
from practio_notifications.tables import LetterRow, SuppressionRow

LETTERS_DUE = Gauge("practio_letters_due", "Letters that are to leave, now or later", ["status"])
SUPPRESSED = Gauge("practio_suppressed_addresses", "Addresses that are not written to")

_OPEN = (LetterStatus.QUEUED, LetterStatus.HELD, LetterStatus.SENDING, LetterStatus.RETRYING)


async def count_once(context: MessageContext[Any]) -> None:
    """Count now; the letters in a digest count as that one letter."""
    by_status = (
        select(LetterRow.status, func.count().label("number"))
        .where(LetterRow.due_at.is_not(None))
        .group_by(LetterRow.status)
    )
    found = {row.status: row.number for row in await context.session.execute(by_status)}
    for status in _OPEN:
        LETTERS_DUE.labels(status).set(found.get(status, 0))
    unread = select(func.count()).where(LetterRow.due_at.is_not(None), LetterRow.reason == NOT_READ)
    SET_ASIDE.labels("letter").set(await context.session.scalar(unread) or 0)
    SUPPRESSED.set(await context.session.scalar(select(func.count()).select_from(SuppressionRow)) or 0)


GAUGES = gauges("notifications", count_once)
