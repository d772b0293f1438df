"""Commands about the waitlist and offers: ordering it; making, accepting, declining and revoking offers."""

from practio_membership.domain import offers, waitlist
from practio_membership.handlers.steps import handler_of

prioritise = handler_of(waitlist.prioritise)
offer_seat = handler_of(offers.offer_seat)
accept_offer = handler_of(offers.accept_offer)
decline_offer = handler_of(offers.decline_offer)
revoke_offer = handler_of(offers.revoke_offer)
