"""Letters in words: subject, text and HTML of one letter, from one template."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from jinja2 import Template

from practio_chassis.i18n import Localizer
from practio_contracts.membership import MembershipEvent
from practio_contracts.rooms import (
    Announced,
    PersonThanked,
    Room,
    RoomQuiet,
    Session,
    SessionOver,
    SessionStatus,
    SponsorReported,
)
from practio_notifications.letters.abridging import MOST_SHOWN, abridged
from practio_notifications.letters.dates import session_with_id
from practio_notifications.letters.kinds import Category, LetterKind
from practio_notifications.letters.recipients import Cause, author_of
from practio_notifications.letters.relevance import Contact, Person, Situation
from practio_notifications.letters.session_plans import PlanOfDate
from practio_notifications.rendering.calendar import link_of, place_of
from practio_notifications.rendering.environments import Look, template_of
from practio_notifications.rendering.links import PageLinks
from practio_notifications.rendering.styling import UserText, styled
from practio_notifications.rendering.wording import CATALOGUES, one_line

_MOST_DATES = 10


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter in words; ``language`` is the BCP 47 tag of both forms."""

    language: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What the template of a letter is given, and the language that its reader is spoken to.

    ``pages`` are the reader's, if there are any: the letter links to them for every action.
    """

    kind: LetterKind
    words: dict[str, Any]
    spoken: Localizer
    pages: PageLinks | None


def draft(
    kind: LetterKind,
    event: Cause,
    reader: Contact,
    situation: Situation,
    sessions: Sequence[Session] = (),
    pages: PageLinks | None = None,
    *,
    added: Sequence[Session] = (),
) -> Draft:
    """Return a letter that is still to be written. The room, or the sponsor, must be known.

    ``added`` are dates that series were given later, and whose calendar entries the letter brings.
    """
    if isinstance(event, SponsorReported):
        return _report(kind, event, reader, situation, pages)
    room = situation.room
    assert room is not None  # relevance.skip_reason lets no other pass
    spoken = CATALOGUES.localizer((reader.locale, room.language), reader.time_zone)
    words = _words(event, reader, situation, room, spoken) | _dates(sessions, room)
    words["goes_on"] = bool(added)
    words["further"] = _dates([each for each in added if each not in sessions], room)
    return Draft(kind, words, spoken, pages)


def render_link(kind: LetterKind, reader: Contact, room: Room | None, pages: PageLinks) -> Rendered:
    """Write a letter with a link that was asked for: to the reader's way in a room, or to all rooms."""
    wanted = (reader.locale, room.language) if room else (reader.locale,)
    spoken = CATALOGUES.localizer(wanted, reader.time_zone)
    return rendered(Draft(kind, _greeting(reader, room, spoken), spoken, pages))


def _report(
    kind: LetterKind, event: SponsorReported, reader: Contact, situation: Situation, pages: PageLinks | None
) -> Draft:
    """Return a letter to a sponsor's delegate, with the numbers of a month and the way to the whole report."""
    assert situation.sponsor is not None  # relevance.skip_reason lets no other pass
    spoken = CATALOGUES.localizer((reader.locale,), reader.time_zone)
    words = _greeting(reader, None, spoken) | {
        "sponsor": UserText(one_line(situation.sponsor.name)),
        "month": spoken.month(date.fromisoformat(f"{event.month}-01")),
        "numbers": event.numbers,
        "report": pages.sponsor(event.sponsor_id, event.month) if pages else None,
    }
    return Draft(kind, words, spoken, pages)


def render_digest(
    digest: LetterKind,
    items: Sequence[tuple[LetterKind, Cause, Situation]],
    pages: PageLinks | None = None,
    *,
    most: int = MOST_SHOWN,
    besides: Mapping[Hashable, int] | None = None,
) -> Rendered:
    """Return a digest of ``items``, grouped by room; it shows the first ``most`` and counts the others.

    ``besides`` are the numbers of further items by room (``abridging.Counted``). The first room decides its language
    after the reader.
    """
    _, _, first = items[0]
    assert isinstance(first.reader, Contact)  # relevance.skip_reason lets no other pass
    spoken = CATALOGUES.localizer((first.reader.locale, _room(first).language), first.reader.time_zone)
    word = partial(_item_words, reader=first.reader, spoken=spoken)
    parts = abridged(items, lambda item: _room(item[2]).room_id, most=most, besides=besides)
    rooms = [
        {
            "first": word(part.first),
            "shown": [word(item) for item in part.shown],
            "besides": part.besides,
            "has_news": any(_is_news(item) for item in part.shown),
        }
        for part in parts.rooms
    ]
    words = word(items[0]) | {
        "rooms": rooms,
        "count": len(items) + sum((besides or {}).values()),
        "elsewhere": parts.elsewhere,
        "has_news": any(_is_news(item) for item in items),
        "has_words": not all(_is_news(item) for item in items),
    }
    return rendered(Draft(digest, words, spoken, pages))


def _is_news(item: tuple[LetterKind, Cause, Situation]) -> bool:
    """Return whether an item of a digest is one for the host, not a word to everybody."""
    return not isinstance(item[1], Announced | PersonThanked)


def _item_words(item: tuple[LetterKind, Cause, Situation], *, reader: Contact, spoken: Localizer) -> dict[str, Any]:
    kind, event, situation = item
    return _words(event, reader, situation, _room(situation), spoken) | {"kind": kind.name}


def _room(situation: Situation) -> Room:
    assert situation.room is not None  # relevance.skip_reason lets no other pass
    return situation.room


def rendered(draft: Draft) -> Rendered:
    """Return a draft in words."""
    kind, spoken = draft.kind, draft.spoken
    category = None if kind.category is Category.TRANSACTIONAL else kind.category
    words = draft.words | {"pages": draft.pages, "category": category}
    text, html = (template_of(kind.name, spoken.language, look) for look in Look)
    subject = one_line(_subject(text, words))
    return Rendered(
        language=str(spoken.locale.language),
        subject=subject,
        text=_trimmed(text.render(words)),
        html=styled(html.render(words, subject=subject)),
    )


def _words(event: Cause, reader: Contact, situation: Situation, room: Room, spoken: Localizer) -> dict[str, Any]:
    """Return the values for templates: names and titles on one line, and nobody's address."""
    membership = event.membership if isinstance(event, MembershipEvent) else None
    return _greeting(reader, room, spoken) | {
        "event": event,
        "membership": membership,
        "seated": situation.seated,
        "waiting": situation.waiting,
        "leads": situation.leads,
        "helps": situation.helps,
        "member_is_host": author_of(event) == room.host_id,
        "thanked_for": _typed(event.reason) if isinstance(event, PersonThanked) else None,
        "member": _name(situation.member) if situation.is_member_named else None,
        "host": _name(situation.host),
        "sponsor": _typed(room.sponsor.name) if room.sponsor.name else None,
        "seats_free": situation.occupancy.free if situation.occupancy else None,
        "lapses_at": _to_the_minute(
            _plus_days(membership.requested_at if membership else None, room.access.request_expires_after_days)
        ),
        "signs": [each.value for each in situation.signs] if isinstance(event, RoomQuiet) else [],
        "quiet_since": situation.quiet.since if situation.quiet else None,
        "answer": situation.answer,
        "plan": _plan(situation.plan),
        "coming_dates": _coming_dates(event, situation, room),
        "about": _about(event, situation, room),
        "may_ask_again_at": _plus_days(membership.since if membership else None, room.access.reapply_after_days),
    }


def _greeting(reader: Contact, room: Room | None, spoken: Localizer) -> dict[str, Any]:
    """Return the values that every letter has: its reader, its room, and the formats of time."""
    return {
        "language": spoken.language,
        "direction": spoken.locale.text_direction,
        "reader": UserText(one_line(reader.display_name)),
        "room": room,
        "title": UserText(one_line(room.title)) if room else None,
        "when": spoken.when,
        "day": spoken.day,
    }


def _dates(sessions: Sequence[Session], room: Room) -> dict[str, Any]:
    """Return the sessions that a letter lists: the first ten, and the number of the others."""
    items = [
        {
            "session_id": session.session_id,
            "starts_at": session.starts_at,
            "ends_at": session.ends_at,
            "minutes": (session.ends_at - session.starts_at) // timedelta(minutes=1),
            "topic": one_line(session.topic) if session.topic else None,
            "place": place_of(session, room) if session.status is SessionStatus.SCHEDULED else None,
            "link": link_of(session, room) if session.status is SessionStatus.SCHEDULED else None,
        }
        for session in sessions[:_MOST_DATES]
    ]
    return {"dates": items, "dates_besides": max(0, len(sessions) - _MOST_DATES)}


def _coming_dates(event: Cause, situation: Situation, room: Room) -> list[dict[str, Any]]:
    """Return the room's next session, for a letter about one that is over."""
    if not isinstance(event, SessionOver):
        return []
    coming = (each.session for each in situation.sessions if each.session.status is SessionStatus.SCHEDULED)
    later = sorted((each for each in coming if each.starts_at > event.ended_at), key=lambda each: each.starts_at)
    dates: list[dict[str, Any]] = _dates(later[:1], room)["dates"]
    return dates


def _about(event: Cause, situation: Situation, room: Room) -> dict[str, Any] | None:
    """Return the session that an announcement is about; None if it is about none, or that one is over or called off."""
    if not isinstance(event, Announced) or event.session_id is None:
        return None
    found = session_with_id(event.session_id, situation.sessions)
    planned = [each for each in found if each.status is SessionStatus.SCHEDULED]
    dates: list[dict[str, Any]] = _dates(planned, room)["dates"]
    return dates[0] if dates else None


def _plan(plan: PlanOfDate | None) -> dict[str, Any] | None:
    """Return what is planned for a session, in names that are shown; None if nothing is."""
    if plan is None or not (plan.case_by or plan.roles or plan.guests or plan.proposed):
        return None
    return {
        "case_by": [_shown(plan, each) for each in plan.case_by],
        "roles": [{"role": _typed(role), "name": _shown(plan, person_id)} for role, person_id in plan.roles],
        "proposed": [{"role": _typed(role), "name": _shown(plan, person_id)} for role, person_id in plan.proposed],
        "guests": [_typed(each) for each in plan.guests],
    }


def _shown(plan: PlanOfDate, person_id: UUID) -> str | None:
    name = plan.name_of(person_id)
    return _typed(name) if name else None


def _typed(text: str) -> str:
    return UserText(one_line(text))


def _name(person: Person) -> str | None:
    if not isinstance(person, Contact) or person.introduced:
        return None
    return UserText(one_line(person.display_name))


def _plus_days(instant: datetime | None, days: int | None) -> datetime | None:
    return instant + timedelta(days=days) if instant and days is not None else None


def _to_the_minute(instant: datetime | None) -> datetime | None:
    """Return an instant as letters show it at most, so that those of one minute are written alike."""
    return instant.replace(second=0, microsecond=0) if instant else None


def _subject(template: Template, words: dict[str, Any]) -> str:
    return "".join(template.blocks["subject"](template.new_context(words)))


def _trimmed(text: str) -> str:
    """Return plain text without trailing blanks and without two empty lines in a row."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(kept) + "\n"
