"""Gauges of seats in use and people waiting, over all rooms: never a label per room."""

from typing import Any

from prometheus_client import Gauge
from sqlalchemy import func, select

from practio_chassis.context import MessageContext
from practio_chassis.handling.periodic import gauges
from practio_membership.tables import RoomRow

SEATS = Gauge("practio_seats", "Seats of all rooms in use: taken, or held by an offer", ["state"])
WAITING = Gauge("practio_waiting", "People who wait in all rooms: for a seat, or for a decision", ["what"])


async def count_once(context: MessageContext[Any]) -> None:
    """Count now."""
    counted = {
        RoomRow.taken: SEATS.labels("taken"),
        RoomRow.held: SEATS.labels("held"),
        RoomRow.waiting: WAITING.labels("seat"),
        RoomRow.pending: WAITING.labels("decision"),
    }
    sums = select(*(func.sum(each) for each in counted))
    for gauge, number in zip(counted.values(), (await context.session.execute(sums)).one(), strict=True):
        gauge.set(number or 0)


GAUGES = gauges("membership", count_once)
