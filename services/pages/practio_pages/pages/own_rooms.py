"""The rooms that a person runs or is in, by office."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import URL

from practio_chassis.i18n import Localizer
from practio_contracts.links import Link, Purpose
from practio_contracts.rooms import ListOwnRooms, OwnOffice, OwnRoom, OwnRooms, RoomStatus
from practio_pages.site import Site, in_zone_of

LIVE = (RoomStatus.DRAFT, RoomStatus.PUBLISHED, RoomStatus.CLOSED)
"""The statuses of rooms that have not ended."""

_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class OwnRoomEntry:
    """A room in the list; ``path`` leads to the person's page in it, or to the desk of a draft.

    ``desk`` leads its offices to where they run it, and ``requests_path`` to its requests while they decide on them.
    """

    own: OwnRoom
    path: str
    desk: str | None
    requests_path: str | None
    next_session: str | None


@dataclass(frozen=True, slots=True)
class OfficePart:
    """A page of the rooms with one office; ``first`` and ``next`` are the queries that lead to other pages."""

    entries: Sequence[OwnRoomEntry]
    first: str | None
    next: str | None


def own_rooms_queries(link: Link, parameters: Mapping[str, str], *, ended: bool) -> dict[OwnOffice, ListOwnRooms]:
    """Return a query for each office; raise ValidationError if a cursor has no form of one.

    The cursor of an office's page is the query parameter with its name.
    """
    status = None if ended else list(LIVE)
    return {
        office: ListOwnRooms.model_validate(
            {
                "person_id": link.person_id,
                "office": office,
                "status": status,
                "limit": _A_PAGE,
                "after": parameters.get(office) or None,
            }
        )
        for office in OwnOffice
    }


def office_part(
    site: Site, query: ListOwnRooms, found: OwnRooms, link: Link, localizer: Localizer, url: URL
) -> OfficePart:
    """Return the rooms with one office as the page at ``url`` shows them."""
    return OfficePart(
        [_entry(site, own, link, localizer) for own in found.rooms],
        first=url.remove_query_params(str(query.office)).query if query.after else None,
        next=url.include_query_params(**{str(query.office): found.after}).query if found.after else None,
    )


def _entry(site: Site, own: OwnRoom, link: Link, localizer: Localizer) -> OwnRoomEntry:
    room = own.room
    has_office = own.office is not OwnOffice.PARTICIPANT
    decides = has_office and room.status in LIVE
    local = in_zone_of(localizer, link, zone=room.time_zone)
    return OwnRoomEntry(
        own,
        path=site.path_from(
            link, Purpose.DESK if room.status is RoomStatus.DRAFT else Purpose.WAY, room_id=room.room_id
        ),
        desk=site.path_from(link, Purpose.DESK, room_id=room.room_id) if has_office else None,
        requests_path=site.path_from(link, Purpose.QUEUE, room_id=room.room_id) if decides else None,
        next_session=local.when(own.next_session_at) if own.next_session_at else None,
    )
