"""The table of what people do on pages is what pages send: no message more, none less."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from tests.unit.pages.every_page import (
    EVERY_FORM,
    EVERY_PAGE,
    ROOM_OF_ROOMS,
    STOPPING,
    WAY,
    a_full_visit,
    pressed,
    visited,
)
from tests.unit.pages.sites import Visit

from practio_contracts.catalogue import CATALOGUE, COMMANDS, QUERIES, exchange_of
from practio_contracts.membership import GetMembership, MembershipResult
from practio_contracts.message import Message
from practio_contracts.pages import SENT_BY_PAGES, USES
from practio_contracts.people import PersonRegistered
from practio_pages.page_metrics import page_at

Sent = defaultdict[type[Message], set[str]]


def test_every_command_and_query_has_a_page_or_the_reason_why_none_sends_it() -> None:
    of_people = {each for each in CATALOGUE.values() if exchange_of(each) in (COMMANDS, QUERIES)}
    assert set(USES) == of_people | {PersonRegistered}
    assert [key.routing_key for key, use in USES.items() if bool(use.pages) is bool(use.reason)] == []


async def test_each_page_sends_exactly_the_messages_that_the_table_names() -> None:
    sent: Sent = defaultdict(set)
    for page in EVERY_PAGE.values():
        visit, _ = await visited(page)
        assert visit.gateway.sent == [], "a program that follows every link of a letter changes something"
        note(sent, visit, page.opened_by(visit))
    for page in (WAY, ROOM_OF_ROOMS):
        visit = a_full_visit()
        visit.gateway.answers[GetMembership] = MembershipResult(membership=None, moves=[])
        await visit.get(page.opened_by(visit))
        note(sent, visit, page.opened_by(visit))
    for form in (*EVERY_FORM.values(), STOPPING):
        visit, _ = await pressed(form)
        note(sent, visit, form.page.opened_by(visit))
    assert named(sent) == named({message: use.pages for message, use in USES.items() if use.pages})
    assert sorted(SENT_BY_PAGES) == sorted(message.routing_key for message in sent)


def note(sent: Sent, visit: Visit, path: str) -> None:
    messages = [*(query for query, _ in visit.gateway.queries), *(each.command for each in visit.gateway.sent)]
    for message in messages:
        sent[type(message)].add(page_at(path.partition("?")[0]))


def named(sent: Mapping[type[Message], Iterable[str]]) -> dict[str, list[str]]:
    return {message.routing_key: sorted(pages) for message, pages in sent.items()}
