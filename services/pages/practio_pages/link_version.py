"""Links that ended before their time: the version in a link is no longer that of its person's links."""

from practio_contracts.answers import Refusal
from practio_contracts.links import Link, LinkError, Purpose
from practio_contracts.notifications import GetPreferences, PreferencesFound
from practio_pages.gateway import Gateway, UnavailableError


class EndedLinkError(LinkError):
    """A token that was good until the person's address changed, or the person ended all their links, or this one."""


async def check_version(gateway: Gateway, link: Link) -> PreferencesFound:
    """Return the answer by which a link is checked; raise EndedLinkError, UnavailableError, PersonErasedError.

    Notifications of a release that ends no links answers without a version: the link works.
    """
    query = GetPreferences(person_id=link.person_id)
    answer = await gateway.ask(query, PreferencesFound, actor=link.person_id)
    if isinstance(answer, Refusal):
        raise UnavailableError(f"{query.routing_key} was refused: {answer.code}")
    own = answer.calendar_version if link.purpose is Purpose.CALENDAR else 0
    if answer.link_version is not None and answer.link_version + own != link.version:
        raise EndedLinkError("the links of this person have ended")
    return answer
