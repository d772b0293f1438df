"""Gauges of seats in use and people waiting, over all rooms: never a label per room."""

from typing import Any

from prometheus_client import Gauge

from practio_chassis.context import MessageContext
from practio_chassis.handling.periodic import gauges
from practio_membership.store.gauges import places_in_all_rooms

SEATS = Gauge("practio_seats", "Seats of all rooms in use: taken, or held by an offer", ["state"])
WAITING = Gauge("practio_waiting", "People who wait in all rooms: for a seat, or for a decision", ["what"])


async def count_once(context: MessageContext[Any]) -> None:
    """Count now."""
    places = await places_in_all_rooms(context.session)
    SEATS.labels("taken").set(places.taken)
    SEATS.labels("held").set(places.held)
    WAITING.labels("seat").set(places.waiting)
    WAITING.labels("decision").set(places.pending)


GAUGES = gauges("membership", count_once)
