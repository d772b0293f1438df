"""Handlers: one function per message, which loads, decides, saves and publishes."""

from practio_membership.handlers.apply import (
    publish_occupancy,
)
from practio_membership.handlers.bulk import (
    decide_requests,
)
from practio_membership.handlers.commands import (
    accept_invitation,
    accept_offer,
    approve_request,
    change_role,
    decline_invitation,
    decline_offer,
    decline_request,
    invite,
    lift_bar,
    offer_seat,
    prioritise,
    remove,
    request_to_join,
    revoke_invitation,
    revoke_offer,
    withdraw,
)
from practio_membership.handlers.events import (
    person_erased,
    room_changed,
)
from practio_membership.handlers.internal import (
    continue_ending,
    fill_seats,
    lapse_invitation,
    lapse_offer,
    lapse_request,
    remind_of_request,
)
from practio_membership.handlers.replay import (
    replay_memberships,
)

__all__ = [
    "accept_invitation",
    "accept_offer",
    "approve_request",
    "change_role",
    "continue_ending",
    "decide_requests",
    "decline_invitation",
    "decline_offer",
    "decline_request",
    "fill_seats",
    "invite",
    "lapse_invitation",
    "lapse_offer",
    "lapse_request",
    "lift_bar",
    "offer_seat",
    "person_erased",
    "prioritise",
    "publish_occupancy",
    "remind_of_request",
    "remove",
    "replay_memberships",
    "request_to_join",
    "revoke_invitation",
    "revoke_offer",
    "room_changed",
    "withdraw",
]
