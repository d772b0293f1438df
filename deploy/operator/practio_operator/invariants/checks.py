"""The checks, in the order of the report."""

from practio_operator.invariants.history_checks import (
    CARE,
    HISTORY,
    LOST_COMMANDS,
    OVERDUE,
    PLACES_GIVEN_UP,
    ROOMS_OVER,
    SESSIONS,
    TIMERS,
)
from practio_operator.invariants.membership_checks import BUDDIES, LIVE_ONCE, OFFICES, QUEUE_NUMBERS, STATES
from practio_operator.invariants.projection_checks import KNOWN_ROOMS, OCCUPANCY
from practio_operator.invariants.seat_checks import CAPACITY, COUNTS, LOST_SEATS

CHECKS = (
    COUNTS,
    CAPACITY,
    LOST_SEATS,
    LIVE_ONCE,
    QUEUE_NUMBERS,
    OFFICES,
    STATES,
    BUDDIES,
    HISTORY,
    TIMERS,
    OVERDUE,
    PLACES_GIVEN_UP,
    ROOMS_OVER,
    SESSIONS,
    CARE,
    LOST_COMMANDS,
    KNOWN_ROOMS,
    OCCUPANCY,
)
