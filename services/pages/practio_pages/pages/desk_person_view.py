"""One person of a room as its desk knows them: their membership, why it stands as it does, and its history."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from practio_contracts.answers import Refusal
from practio_contracts.links import Link
from practio_contracts.membership import (
    Change,
    Explain,
    Explanation,
    GetHistory,
    GetMembership,
    History,
    Membership,
    MembershipResult,
    Reason,
    Status,
)
from practio_pages.pages.former_people import FORMER
from practio_pages.pages.people_names import names_of
from practio_pages.pages.person_steps import PersonStep
from practio_pages.site import Site


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as the desk shows them; ``names`` has theirs if it is at hand, and those of their buddies.

    A step about them needs no history, and few need the explanation.
    """

    person_id: UUID
    result: MembershipResult
    explanation: Explanation | None
    names: Mapping[UUID, str]
    changes: Sequence[Change] = ()

    @property
    def membership(self) -> Membership | None:
        """Return the latest membership, live or ended."""
        return self.result.membership

    @property
    def ahead(self) -> int | None:
        """Return how many people are ahead of a person who waits."""
        return self.result.ahead

    @property
    def buddy_id(self) -> UUID | None:
        """Return the buddy of the person."""
        return self.result.buddy_id

    @property
    def buddy_of(self) -> Sequence[UUID]:
        """Return whose buddy the person is."""
        return self.result.buddy_of

    @property
    def buddies(self) -> list[UUID]:
        """Return the people whom the page names besides."""
        return [each for each in (self.buddy_id, *self.buddy_of) if each]

    @property
    def reasons(self) -> Sequence[Reason]:
        """Return why the person stands where they do, as far as it was asked for."""
        return self.explanation.reasons if self.explanation else ()

    @property
    def status(self) -> Status | None:
        """Return the status of the membership, if there is one."""
        return self.membership.status if self.membership else None

    @property
    def may_come_back(self) -> bool:
        """Return whether the membership has ended and the person is not barred."""
        return self.status in FORMER and all(each.code != "barred" for each in self.reasons)

    @property
    def priority(self) -> str:
        """Return the priority of a person on the waitlist, as it stands in a form."""
        found = (each.priority for each in self.reasons if each.priority is not None)
        return str(next(found, ""))

    def now(self, step: PersonStep) -> str:
        """Return what a step replaces, as it stands in a form."""
        match step.replaces:
            case "priority":
                return self.priority
            case "role":
                return (self.membership and self.membership.role) or ""
            case "buddy_id":
                return str(self.buddy_id or "")
        return ""


async def person_with_history(site: Site, link: Link, person_id: UUID) -> PersonView | Refusal:
    """Return a person with their history and all names on their page."""
    assert link.room_id is not None
    reader, room_id = link.person_id, link.room_id
    result, explanation, history, names = await asyncio.gather(
        site.gateway.ask(GetMembership(room_id=room_id, person_id=person_id), MembershipResult, actor=reader),
        site.gateway.ask(Explain(room_id=room_id, person_id=person_id), Explanation, actor=reader),
        site.gateway.ask(GetHistory(room_id=room_id, person_id=person_id), History, actor=reader),
        names_of(site, room_id, [person_id], actor=reader),
    )
    match result, explanation, history:
        case MembershipResult(), Explanation(), History():
            view = PersonView(person_id, result, explanation, names, history.changes)
            return replace(view, names=names | await names_of(site, room_id, view.buddies, actor=reader))
    return next(each for each in (result, explanation, history) if isinstance(each, Refusal))


async def person_standing(site: Site, link: Link, step: PersonStep, person_id: UUID) -> PersonView | Refusal:
    """Return a person as a step needs to know them, without history and names."""
    assert link.room_id is not None
    about = {"room_id": link.room_id, "person_id": person_id}
    result, explanation = await asyncio.gather(
        site.gateway.ask(GetMembership(**about), MembershipResult, actor=link.person_id),
        site.gateway.ask(Explain(**about), Explanation, actor=link.person_id)
        if step.replaces == "priority"
        else not_asked(),
    )
    for each in (result, explanation):
        if isinstance(each, Refusal):
            return each
    assert isinstance(result, MembershipResult)
    return PersonView(person_id, result, explanation if isinstance(explanation, Explanation) else None, {})


async def not_asked() -> None:
    """Return None, in the place of a query that is not asked."""
