"""The names of the people on a page, as far as they are available."""

import asyncio
from collections.abc import Iterable
from uuid import UUID

from practio_contracts.notifications import NamePeople, Names
from practio_pages.gateway import UnavailableError
from practio_pages.site import Site

MOST = 500
_PATIENCE_SECONDS = 2.0


async def names_of(site: Site, room_id: UUID, person_ids: Iterable[UUID], *, actor: UUID) -> dict[UUID, str]:
    """Return names of a room's people by id, at most ``MOST``; a person that ``actor`` may not see by name is left out.

    A page without names is better than no page: if no answer arrives in time, the result is empty.
    """
    ids = list(dict.fromkeys(person_ids))[:MOST]
    if not ids:
        return {}
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            result = await site.gateway.ask(NamePeople(room_id=room_id, person_ids=ids), Names, actor=actor)
    except (UnavailableError, TimeoutError):
        return {}
    return {each.person_id: each.display_name for each in result.people} if isinstance(result, Names) else {}
