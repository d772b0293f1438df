"""How things are put to a reader: in which language, at what time of theirs, and on one safe line."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_name
from babel.support import Translations

LOCALES = Path(__file__).parent.parent / "locales"
_SOURCE = "en"
_PLAIN_ENGLISH = Locale("en", "150")  # English as it is written outside the English-speaking countries
_DOMAIN = "letters"
_JOINERS = "\u200c\u200d"
_LONGEST_LINE = 200


def one_line(text: str) -> str:
    """Give ``text`` on one line, without control or direction marks, cut at 200 characters.

    What a person typed may stand in a sentence, or a header, only like this; joiners stay, since scripts and emoji
    are written with them. A typed ``=?`` is parted, lest a mail program decode it (RFC 2047).
    """
    kept = "".join(_kept(character) for character in text)
    line = " ".join(kept.split()).replace("=?", "= ?")
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1].rstrip()}…"


def _kept(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cf" if character not in _JOINERS:
            return ""
        case _:
            return character


@cache
def languages() -> frozenset[str]:
    """Give the languages that letters are written in: English, the source, and those with a catalogue."""
    return frozenset({_SOURCE, *(path.parent.parent.name for path in LOCALES.glob(f"*/LC_MESSAGES/{_DOMAIN}.mo"))})


@cache
def translations(language: str) -> NullTranslations:
    """Give the catalogue of a language; English needs none."""
    return Translations.load(LOCALES, [language], _DOMAIN)


@dataclass(frozen=True, slots=True)
class Tongue:
    """The language of a letter, and how its reader writes dates, in which zone."""

    language: str
    locale: Locale
    zone: ZoneInfo

    def when(self, instant: datetime) -> str:
        """Give a day and time in the reader's zone, with the zone named."""
        local = instant.astimezone(self.zone)
        time = format_time(local, "short", tzinfo=self.zone, locale=self.locale)
        name = get_timezone_name(local, "long", locale=self.locale)
        return f"{self.day(instant)}, {time} ({name}, {self.zone.key})"

    def day(self, instant: datetime) -> str:
        """Give a day in the reader's zone."""
        return format_date(instant.astimezone(self.zone), "full", locale=self.locale)


def tongue(reader_locale: str, room_language: str, time_zone: str) -> Tongue:
    """Choose a letter's language: the reader's, else the room's, else English (notifications.md, Languages)."""
    wanted = (_locale(reader_locale), _locale(room_language))
    chosen = next((each for each in wanted if each and each.language in languages()), _PLAIN_ENGLISH)
    if chosen.language == _SOURCE and chosen.territory is None:
        chosen = _PLAIN_ENGLISH
    return Tongue(chosen.language, chosen, ZoneInfo(time_zone))


@cache
def _locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        language = tag.partition("-")[0]
        return _locale(language) if language != tag else None
