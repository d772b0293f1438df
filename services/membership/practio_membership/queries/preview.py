"""What would become of requests to a room, before anybody makes them."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from practio_chassis.context import ReceivedMessage
from practio_chassis.database.tables import chassis_tables_of
from practio_chassis.handling.erasing import erased_among
from practio_chassis.handling.paging import fitting
from practio_chassis.people.erasures import PERSON_ERASED
from practio_contracts.answers import Refusal
from practio_contracts.envelope import SYSTEM
from practio_contracts.membership import (
    PreviewedOutcome,
    PreviewedPlaces,
    PreviewedRequests,
    PreviewRequests,
    RefusalCode,
    Status,
)
from practio_membership.domain.decision_context import DecisionContext
from practio_membership.domain.membership_state import MembershipState
from practio_membership.domain.preview import places_between, preview_requests, with_places
from practio_membership.domain.room import RoomState, open_places
from practio_membership.queries.access import as_of, room_visible_to
from practio_membership.store import waitlist
from practio_membership.store.loading import latest_of
from practio_membership.tables import metadata

_CHASSIS = chassis_tables_of(metadata)


async def preview_of_requests(
    query: ReceivedMessage[PreviewRequests], session: AsyncSession, now: datetime
) -> PreviewedRequests | Refusal:
    """Return to the room's offices and the system what would become of requests, of as many as an answer holds."""
    asked = query.message
    known = await room_visible_to(session, asked.room_id, query.actor, now)
    if isinstance(known, Refusal):
        return known
    earlier = asked.after or PreviewedPlaces()
    people = {each.person_id for each in asked.requests}
    state, members = await _members(session, with_places(known, earlier), people, now)
    places = open_places(state) if state.waiting else ()
    contested = await waitlist.contested(session, asked.room_id, places) if places else frozenset()
    context = DecisionContext(state, asked.requests[0].person_id, None, SYSTEM, now, contested)
    refused = dict.fromkeys(await erased_among(session, _CHASSIS, people), PERSON_ERASED)
    found, after = preview_requests(context, asked.requests, members, refused=refused)
    outcomes = [_outcome(each.person_id, result) for each, result in zip(asked.requests, found, strict=True)]
    page = list(fitting(outcomes))
    if len(page) < len(outcomes):
        _, after = preview_requests(context, asked.requests[: len(page)], members, refused=refused)
    return PreviewedRequests(outcomes=page, places=places_between(known, after))


async def _members(
    session: AsyncSession, state: RoomState, people: set[UUID], now: datetime
) -> tuple[RoomState, Mapping[UUID, MembershipState]]:
    """Return the room and the latest memberships of these people as they are now."""
    room_id = state.room.room_id
    members = {}
    for member in await latest_of(session, [(room_id, person_id) for person_id in sorted(people)]):
        state, members[member.snapshot.person_id] = as_of(state, member, now)
    return state, members


def _outcome(person_id: UUID, found: Status | Refusal) -> PreviewedOutcome:
    if isinstance(found, Refusal):
        code = RefusalCode(found.code)
        return PreviewedOutcome(
            person_id=person_id, accepted=False, status=None, code=code, detail=found.detail, errors=[*found.errors]
        )
    return PreviewedOutcome(person_id=person_id, accepted=True, status=found)
