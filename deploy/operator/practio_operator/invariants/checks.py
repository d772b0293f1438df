"""The checks, in the order of the report."""

from practio_operator.invariants.agreement import KNOWN_ROOMS, OCCUPANCY
from practio_operator.invariants.history_checks import HISTORY, ROOMS_OVER, TIMERS
from practio_operator.invariants.people import LIVE_ONCE, OFFICES, QUEUE_NUMBERS, STATES
from practio_operator.invariants.seats import CAPACITY, COUNTS, LOST_SEATS

CHECKS = (
    COUNTS,
    CAPACITY,
    LOST_SEATS,
    LIVE_ONCE,
    QUEUE_NUMBERS,
    OFFICES,
    STATES,
    HISTORY,
    TIMERS,
    ROOMS_OVER,
    KNOWN_ROOMS,
    OCCUPANCY,
)
