"""Translations and date formats by a reader's language and time zone (extra ``i18n``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, cached_property, lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, localedata
from babel.dates import format_date, format_skeleton, format_time, get_timezone_name
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

_SOURCE = "en"
_LONGEST_TAG = 35  # characters: RFC 5646 (4.4.1) shows that every useful tag fits
_PLAIN_ENGLISH = Locale("en", "150")  # English as it is written outside the English-speaking countries


@dataclass(frozen=True)
class Catalogues:
    """The translations of one set of texts: ``<folder>/<language>/LC_MESSAGES/<domain>.po``, read directly."""

    folder: Path
    domain: str

    @cached_property
    def languages(self) -> frozenset[str]:
        """Return the available languages: English, the source, and those with a catalogue."""
        return frozenset({_SOURCE, *(path.parent.parent.name for path in self.folder.glob(f"*/*/{self.domain}.po"))})

    def translations(self, language: str) -> NullTranslations:
        """Return the catalogue of a language; English needs none."""
        return NullTranslations() if language == _SOURCE else _translations(self.path(language))

    def path(self, language: str) -> Path:
        """Return the path of a language's catalogue."""
        return self.folder / language / "LC_MESSAGES" / f"{self.domain}.po"

    def localizer(self, wanted: Sequence[str], time_zone: str) -> "Localizer":
        """Return a localizer for the first available one of the ``wanted`` languages (BCP 47), otherwise English."""
        locales = (_locale(tag) for tag in wanted)
        chosen = next((each for each in locales if each and each.language in self.languages), _PLAIN_ENGLISH)
        if chosen.language == _SOURCE and chosen.territory is None:
            chosen = _PLAIN_ENGLISH
        return Localizer(chosen.language, chosen, ZoneInfo(time_zone))


@cache
def _translations(path: Path) -> NullTranslations:
    compiled = BytesIO()
    with path.open("rb") as written:
        write_mo(compiled, read_po(written))
    compiled.seek(0)
    return Translations(compiled)


@dataclass(frozen=True, slots=True)
class Localizer:
    """A language, and the date formats and time zone of its reader."""

    language: str
    locale: Locale
    zone: ZoneInfo

    def when(self, instant: datetime) -> str:
        """Return a day and time in the reader's zone, with the zone named."""
        local = instant.astimezone(self.zone)
        name = _zone_name(self.zone, local.replace(second=0, microsecond=0, tzinfo=None), local.fold, self.locale)
        return f"{self.day(instant)}, {self.clock(instant)} ({name}, {self.zone.key})"

    def clock(self, instant: datetime) -> str:
        """Return a time of day in the reader's zone."""
        return _clock(instant.astimezone(self.zone).time().replace(second=0, microsecond=0, fold=0), self.locale)

    def day(self, instant: datetime) -> str:
        """Return a day in the reader's zone."""
        return _day(instant.astimezone(self.zone).date(), self.locale)

    def month(self, day: date) -> str:
        """Return the month of a day, with its year."""
        return format_skeleton("yMMMM", datetime.combine(day, time()), locale=self.locale)

    def name_of(self, language: str) -> str:
        """Return the name of a language (BCP 47), or its tag if the name is not known."""
        locale = _locale(language)
        return (locale and locale.get_display_name(self.locale)) or language

    def languages(self, *, also: str | None = None) -> Mapping[str, str]:
        """Return the names of the languages to choose from, and of ``also``, by their tags, sorted by name."""
        common = _names_of_languages(self.locale)
        return _sorted_by_name({**common, also: self.name_of(also)}) if also and also not in common else common


@lru_cache(maxsize=1_000)
def _day(day: date, locale: Locale) -> str:
    """Return a day as it is written: a page names the same few days on all its rows."""
    return format_date(day, "full", locale=locale)


@lru_cache(maxsize=1_000)
def _clock(at: time, locale: Locale) -> str:
    return format_time(at, "short", locale=locale)


@lru_cache(maxsize=1_000)
def _zone_name(zone: ZoneInfo, local: datetime, fold: int, locale: Locale) -> str:
    """Return what a zone is called at a local time; ``fold`` tells apart times that come twice (PEP 495)."""
    return get_timezone_name(local.replace(tzinfo=zone, fold=fold), "long", locale=locale)


def _locale(tag: str) -> Locale | None:
    """Return the locale of a language tag, or of its language alone; None if it has no form of a tag."""
    return _parsed(tag) if len(tag) <= _LONGEST_TAG else None


@lru_cache(maxsize=1_000)
def _parsed(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        language = tag.partition("-")[0]
        return _parsed(language) if language != tag else None


@lru_cache(maxsize=100)
def _names_of_languages(locale: Locale) -> Mapping[str, str]:
    """Return the names of the languages that the locale has names for, and CLDR data.

    Norwegian is there as Bokmål and Nynorsk.
    """
    short = (tag for tag in localedata.locale_identifiers() if len(tag) == len("xx") and tag != "no")
    return _sorted_by_name({tag: str(locale.languages[tag]) for tag in (*short, "fil") if tag in locale.languages})


def _sorted_by_name(names: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(sorted(names.items(), key=lambda each: _unaccented(each[1]))))


def _unaccented(name: str) -> str:
    """Return a name as it is sorted: an accent or a capital makes no difference."""
    return "".join(each for each in normalize("NFKD", name.casefold()) if not combining(each))
