"""Why a person has no seat in a room and can do nothing about it now: membership's reasons, for themselves."""

import asyncio
from collections.abc import Sequence

from practio_contracts.links import Link
from practio_contracts.membership import (
    LIVE,
    AcceptInvitation,
    Explain,
    Explanation,
    MembershipResult,
    Reason,
    RequestToJoin,
    Status,
)
from practio_pages.gateway import UnavailableError
from practio_pages.site import Site

_WITHIN_SECONDS = 1.5  # reasons are optional: the page does not wait for them as long as for the rest

_SHOWN = frozenset(
    {
        "holds-office",
        "set-aside",
        "waitlist-off",
        "seat-freeing",
        "room-full",
        "role-full",
        "seats-without-role",
        "room-not-open",
        "barred",
        "reapply-later",
        "invitation-required",
        "waitlist-closed",
        "waitlist-full",
    }
)
"""The reasons that a page adds: their status, and how many people are ahead of them, are shown anyway."""


async def own_reasons(site: Site, link: Link, found: MembershipResult) -> Sequence[Reason]:
    """Return why the person of ``link`` does not get on in the room of ``link``, the rule that decides first.

    None if they can do something about it themselves, if they have a seat, and if no answer arrives in time.
    """
    assert link.room_id is not None
    if not is_stuck(found):
        return ()
    query = Explain(room_id=link.room_id, person_id=link.person_id)
    try:
        async with asyncio.timeout(_WITHIN_SECONDS):
            explanation = await site.gateway.ask(query, Explanation, actor=link.person_id)
    except (UnavailableError, TimeoutError):
        return ()
    reasons = explanation.reasons if isinstance(explanation, Explanation) else ()
    return [each for each in reasons if each.code in _SHOWN]


def is_stuck(found: MembershipResult) -> bool:
    """Return whether the person has no seat, and nothing but waiting leads them to one."""
    status = found.membership.status if found.membership else None
    if status is Status.WAITLISTED:
        return True
    if status is Status.INVITED:
        return AcceptInvitation.routing_key not in found.moves
    return status not in LIVE and RequestToJoin.routing_key not in found.moves
