"""What membership does with each message that it takes: load, decide, keep, say."""

from practio_membership.handlers.conclude import tell_how_full
from practio_membership.handlers.facts import person_erased, room_changed
from practio_membership.handlers.own import fill_seats, lapse_offer, lapse_request
from practio_membership.handlers.wishes import (
    accept_offer,
    approve_request,
    decline_offer,
    decline_request,
    request_to_join,
    withdraw,
)

__all__ = [
    "accept_offer",
    "approve_request",
    "decline_offer",
    "decline_request",
    "fill_seats",
    "lapse_offer",
    "lapse_request",
    "person_erased",
    "request_to_join",
    "room_changed",
    "tell_how_full",
    "withdraw",
]
