"""What membership does with each message that it takes: load, decide, keep, say."""

from practio_membership.handlers.apply import (
    tell_how_full,
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
    fill_seats,
    go_on_ending,
    lapse_invitation,
    lapse_offer,
    lapse_request,
    remind_of_request,
)
from practio_membership.handlers.replay import (
    say_memberships_again,
)

__all__ = [
    "accept_invitation",
    "accept_offer",
    "approve_request",
    "change_role",
    "decide_requests",
    "decline_invitation",
    "decline_offer",
    "decline_request",
    "fill_seats",
    "go_on_ending",
    "invite",
    "lapse_invitation",
    "lapse_offer",
    "lapse_request",
    "lift_bar",
    "offer_seat",
    "person_erased",
    "prioritise",
    "remind_of_request",
    "remove",
    "request_to_join",
    "revoke_invitation",
    "revoke_offer",
    "room_changed",
    "say_memberships_again",
    "tell_how_full",
    "withdraw",
]
