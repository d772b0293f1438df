"""Letters in words: subject, text and HTML of one letter, from one template."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from practio_contracts.membership import MembershipFact, OccupancyChanged
from practio_contracts.rooms import Room
from practio_notifications.letters.kinds import Kind
from practio_notifications.letters.truth import Contact, Person, Situation
from practio_notifications.mailer.wording import Tongue, one_line, tongue, translations


class Look(StrEnum):
    """The two forms of every letter."""

    TEXT = "text"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter in words; ``language`` is the BCP 47 tag of both forms."""

    language: str
    subject: str
    text: str
    html: str


def render(kind: Kind, fact: MembershipFact, reader: Contact, situation: Situation) -> Rendered:
    """Write a letter of ``kind`` about ``fact`` for its reader. The situation's room must be known."""
    room = situation.room
    assert room is not None  # truth.skip_reason lets no other pass
    spoken = tongue(reader.locale, room.language, reader.time_zone)
    words = _words(fact, reader, situation, room, spoken)
    text, html = (_template(kind.name, spoken.language, look) for look in Look)
    return Rendered(
        language=str(spoken.locale.language),
        subject=one_line(_subject(text, words)),
        text=_tidied(text.render(words)),
        html=html.render(words),
    )


def _words(fact: MembershipFact, reader: Contact, situation: Situation, room: Room, spoken: Tongue) -> dict[str, Any]:
    """Give what templates may speak of: names and titles on one line, and no address of anybody."""
    membership = fact.membership
    return {
        "language": spoken.language,
        "fact": fact,
        "membership": membership,
        "room": room,
        "title": one_line(room.title),
        "reader": one_line(reader.display_name),
        "member": _name(situation.member),
        "host": _name(situation.host),
        "seats_free": _seats_free(situation.occupancy),
        "lapses_at": _plus_days(membership.requested_at, room.access.request_expires_after_days),
        "may_ask_again_at": _plus_days(membership.since, room.access.reapply_after_days),
        "when": spoken.when,
        "day": spoken.day,
    }


def _name(person: Person) -> str | None:
    return one_line(person.display_name) if isinstance(person, Contact) else None


def _seats_free(occupancy: OccupancyChanged | None) -> int | None:
    if occupancy is None:
        return None
    return max(0, occupancy.capacity - occupancy.seats_taken - occupancy.seats_held)


def _plus_days(instant: datetime | None, days: int | None) -> datetime | None:
    return instant + timedelta(days=days) if instant and days is not None else None


def _subject(template: Template, words: dict[str, Any]) -> str:
    return "".join(template.blocks["subject"](template.new_context(words)))


def _tidied(text: str) -> str:
    """Give plain text with no blank at a line's end and no two empty lines in a row."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(kept) + "\n"


def _template(name: str, language: str, look: Look) -> Template:
    return _environment(language, look).get_template(f"{name}.jinja")


@cache
def _environment(language: str, look: Look) -> Environment:
    """Make the templates' surroundings: HTML escapes whatever is put in, text has nothing to escape."""
    environment = Environment(
        loader=PackageLoader("practio_notifications"),
        extensions=["jinja2.ext.i18n"],
        autoescape=look is Look.HTML,
        undefined=StrictUndefined,
        lstrip_blocks=True,
    )
    install = partial(environment.install_gettext_translations, newstyle=True)  # type: ignore[attr-defined]
    install(translations(language))
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals["layout"] = f"layout.{look}.jinja"
    environment.globals["look"] = environment.get_template(f"look.{look}.jinja").module
    return environment
