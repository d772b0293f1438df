"""People who were in a room, requested or were invited, and may be invited again, if the reader may see their names."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from starlette.datastructures import URL

from practio_contracts.answers import Refusal
from practio_contracts.links import Link
from practio_contracts.membership import Explain, Explanation, GetMembership, Membership, MembershipResult, Status
from practio_pages.pages.people_names import names_of
from practio_pages.pages.roster_parts import RosterPart, load_parts
from practio_pages.site import Site

FORMER = (Status.WITHDRAWN, Status.REMOVED, Status.DECLINED, Status.LAPSED)
"""How memberships end that may begin again; the names are also those of the query parameters of their pages."""

_A_PAGE = 10
"""The number of people of each status on a page: an older membership takes a query for each of them."""


@dataclass(frozen=True, slots=True)
class FormerPeople:
    """Former people by their memberships, with their names, and the pages of those who are listed."""

    memberships: Sequence[Membership] = ()
    names: Mapping[UUID, str] = field(default_factory=dict)
    parts: Mapping[str, RosterPart] = field(default_factory=dict)

    @property
    def turns(self) -> bool:
        """Return whether there are other pages of them."""
        return any(part.first is not None or part.next for part in self.parts.values())


async def former_people(site: Site, link: Link, url: URL, more: Iterable[UUID] = ()) -> FormerPeople:
    """Return the former people on the page at ``url``, those of ``more`` first; nobody while they are not known.

    Each person's newest membership counts, and a person who is barred is left out: the roster says so, or a query for
    each does. Raise HTTPException if there is no such page.
    """
    assert link.room_id is not None
    found = await load_parts(site, link, url, {each.value: each for each in FORMER}, most=_A_PAGE)
    parts = {} if isinstance(found, Refusal) else found[1]
    entries = [entry for part in parts.values() for entry in part.entries if entry.may_come_back is not False]
    known = {each.membership.person_id: each.membership for each in entries if each.may_come_back}
    ids = list(dict.fromkeys([*more, *(each.membership.person_id for each in entries)]))
    unknown = [each for each in ids if each not in known]
    asked, names = await asyncio.gather(
        asyncio.gather(*(_if_over(site, link, each) for each in unknown)),
        names_of(site, link.room_id, ids, actor=link.person_id),
    )
    newest = known | dict(zip(unknown, asked, strict=True))
    people = [each for person_id in ids if (each := newest[person_id]) and person_id in names]
    return FormerPeople(people, names, parts)


async def _if_over(site: Site, link: Link, person_id: UUID) -> Membership | None:
    """Return a person's newest membership if it has ended and may begin again."""
    assert link.room_id is not None
    query = GetMembership(room_id=link.room_id, person_id=person_id)
    result = await site.gateway.ask(query, MembershipResult, actor=link.person_id)
    newest = None if isinstance(result, Refusal) else result.membership
    if newest is None or newest.status not in FORMER:
        return None
    if newest.status is Status.REMOVED and await _is_barred(site, link, person_id):
        return None
    return newest


async def _is_barred(site: Site, link: Link, person_id: UUID) -> bool:
    assert link.room_id is not None
    explained = await site.gateway.ask(
        Explain(room_id=link.room_id, person_id=person_id), Explanation, actor=link.person_id
    )
    return isinstance(explained, Explanation) and any(each.code == "barred" for each in explained.reasons)
