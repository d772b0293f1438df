"""Translations: what the templates of each service say, taken into its catalogues (``make languages``)."""

from collections.abc import Sequence
from configparser import RawConfigParser
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po

SERVICES = Path(__file__).parent.parent / "services"
LANGUAGES = ("de", "es", "fr", "it")
"""What is spoken besides English, the source (notifications.md, Languages)."""


@dataclass(frozen=True, slots=True)
class Domain:
    """The words of one service: its ``babel.cfg`` says where they stand, and how they are called if not as it is."""

    name: str
    service: Path

    @property
    def locales(self) -> Path:
        """Give the folder of the catalogues."""
        return self.service / f"practio_{self.service.name}" / "locales"

    @property
    def template(self) -> Path:
        """Give where all that is to be translated stands."""
        return self.locales / f"{self.name}.pot"

    def catalogue(self, language: str) -> Path:
        """Give where the translations to ``language`` stand."""
        return self.locales / language / "LC_MESSAGES" / f"{self.name}.po"


def domains() -> list[Domain]:
    """Give the words of every service that has a ``babel.cfg``."""
    return [_domain(settings) for settings in sorted(SERVICES.glob("*/babel.cfg"))]


def _domain(settings: Path) -> Domain:
    parser = RawConfigParser()
    parser.read(settings, encoding="utf-8")
    named = (parser[section]["domain"] for section in parser.sections() if "domain" in parser[section])
    return Domain(next(named, settings.parent.name), settings.parent)


def said(domain: Domain) -> Catalog:
    """Give all sentences that stand in the templates of ``domain``."""
    with (domain.service / "babel.cfg").open(encoding="utf-8") as settings:
        methods, options = parse_mapping_cfg(settings)  # type: ignore[no-untyped-call]
    sentences = Catalog(charset="utf-8")
    for _file, _line, message, _comments, context in extract_from_dir(domain.service, methods, options):
        sentences.add(message, context=context)
    return sentences


def translated(domain: Domain, language: str) -> Catalog:
    """Give the translations of ``domain`` as they stand; none where there is no file yet."""
    path = domain.catalogue(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as written:
        return read_po(written)


def taken_in(catalogue: Catalog, sentences: Catalog) -> Catalog:
    """Let ``catalogue`` hold exactly ``sentences``: new ones without words, others with those that they have."""
    catalogue.update(sentences, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def is_translated(message: Message) -> bool:
    """Say whether somebody has put ``message`` in words, all its forms, and left no doubt."""
    return all(forms(message.string)) and not message.fuzzy


def forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """Give each form of a sentence: one, or, where it counts, as many as its language has."""
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def as_written(catalogue: Catalog, language: str | None = None) -> bytes:
    """Give the file of ``catalogue``, which tells of no date, machine or person: the same words, the same file."""
    body = BytesIO()
    write_po(body, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)
    return _header(language).encode() + body.getvalue().rstrip(b"\n") + b"\n"


def _header(language: str | None) -> str:
    lines = ["Content-Type: text/plain; charset=utf-8"]
    if language:
        lines += [f"Language: {language}", f"Plural-Forms: {get_plural(language).plural_forms}"]
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines) + "\n"


def main() -> None:
    """Write every template and catalogue again, and say what is left to translate."""
    for domain in domains():
        sentences = said(domain)
        _write(domain.template, as_written(sentences))
        for language in LANGUAGES:
            catalogue = taken_in(translated(domain, language), sentences)
            _write(domain.catalogue(language), as_written(catalogue, language))
            left = sum(1 for message in catalogue if message.id and not is_translated(message))
            print(f"languages: {domain.name}, {language}: {len(catalogue)} sentences, {left} to translate")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


if __name__ == "__main__":
    main()
