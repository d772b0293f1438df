"""Handlers: one function per message, which loads, decides, saves and publishes."""

from practio_membership.handlers.commands.invitations import (
    accept_invitation,
    decline_invitation,
    invite,
    invite_from,
    revoke_invitation,
)
from practio_membership.handlers.commands.members import (
    assign_buddy,
    change_role,
    exchange_roles,
    lift_bar,
    remove,
    withdraw,
)
from practio_membership.handlers.commands.requests import (
    approve_request,
    decide_requests,
    decline_request,
    request_to_join,
)
from practio_membership.handlers.commands.waitlist import (
    accept_offer,
    decline_offer,
    offer_seat,
    prioritise,
    revoke_offer,
)
from practio_membership.handlers.events import person_erased, room_changed
from practio_membership.handlers.internal import (
    continue_ending,
    fill_seats,
    give_up_place,
    lapse_invitation,
    lapse_offer,
    lapse_request,
    remind_of_request,
)
from practio_membership.handlers.replay import replay_memberships
from practio_membership.handlers.steps import finish_batch

__all__ = [
    "accept_invitation",
    "accept_offer",
    "approve_request",
    "assign_buddy",
    "change_role",
    "continue_ending",
    "decide_requests",
    "decline_invitation",
    "decline_offer",
    "decline_request",
    "exchange_roles",
    "fill_seats",
    "finish_batch",
    "give_up_place",
    "invite",
    "invite_from",
    "lapse_invitation",
    "lapse_offer",
    "lapse_request",
    "lift_bar",
    "offer_seat",
    "person_erased",
    "prioritise",
    "remind_of_request",
    "remove",
    "replay_memberships",
    "request_to_join",
    "revoke_invitation",
    "revoke_offer",
    "room_changed",
    "withdraw",
]
