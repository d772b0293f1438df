"""Query handlers: a person's membership and its explanation, rosters, histories. They change nothing."""

from practio_membership.queries.history import get_history
from practio_membership.queries.membership import explain, get_membership
from practio_membership.queries.memberships import list_memberships
from practio_membership.queries.preview import preview_of_requests
from practio_membership.queries.roster import get_roster

__all__ = ["explain", "get_history", "get_membership", "get_roster", "list_memberships", "preview_of_requests"]
