"""Translations: write the sentences of each service's templates to its catalogues (``make languages``)."""

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
"""The languages besides English, the source."""


@dataclass(frozen=True, slots=True)
class Domain:
    """The translatable texts of one service: its ``babel.cfg`` names the templates, and the domain if it differs."""

    name: str
    service: Path

    @property
    def locales(self) -> Path:
        """Return the folder of the catalogues."""
        return self.service / f"practio_{self.service.name}" / "locales"

    @property
    def template(self) -> Path:
        """Return the file of all sentences to translate."""
        return self.locales / f"{self.name}.pot"

    def catalogue(self, language: str) -> Path:
        """Return the file of the translations to ``language``."""
        return self.locales / language / "LC_MESSAGES" / f"{self.name}.po"


def domains() -> list[Domain]:
    """Return the texts of every service that has a ``babel.cfg``."""
    return [_domain(settings) for settings in sorted(SERVICES.glob("*/babel.cfg"))]


def _domain(settings: Path) -> Domain:
    parser = RawConfigParser()
    parser.read(settings, encoding="utf-8")
    named = (parser[section]["domain"] for section in parser.sections() if "domain" in parser[section])
    return Domain(next(named, settings.parent.name), settings.parent)


def sentences_of(domain: Domain) -> Catalog:
    """Return all sentences in the templates of ``domain``."""
    with (domain.service / "babel.cfg").open(encoding="utf-8") as settings:
        methods, options = parse_mapping_cfg(settings)  # type: ignore[no-untyped-call]
    sentences = Catalog(charset="utf-8")
    for _file, _line, message, _comments, context in extract_from_dir(domain.service, methods, options):
        sentences.add(message, context=context)
    return sentences


def translated(domain: Domain, language: str) -> Catalog:
    """Return the present translations of ``domain``; empty if there is no file yet."""
    path = domain.catalogue(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file)


def updated(catalogue: Catalog, sentences: Catalog) -> Catalog:
    """Return ``catalogue`` with exactly ``sentences``: new ones untranslated, the others as they are."""
    catalogue.update(sentences, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def is_translated(message: Message) -> bool:
    """Return whether ``message`` is translated in all its forms, and not marked fuzzy."""
    return all(forms(message.string)) and not message.fuzzy


def forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the forms of a sentence: one, or, if it counts, as many as its language has."""
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def as_file(catalogue: Catalog, language: str | None = None) -> bytes:
    """Return the file of ``catalogue``, without date, machine or person: the same texts make the same file."""
    body = BytesIO()
    write_po(body, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)
    return _header(language).encode() + body.getvalue().rstrip(b"\n") + b"\n"


def _header(language: str | None) -> str:
    lines = ["Content-Type: text/plain; charset=utf-8"]
    if language:
        lines += [f"Language: {language}", f"Plural-Forms: {get_plural(language).plural_forms}"]
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines) + "\n"


def main() -> None:
    """Write every template and catalogue, and print what is left to translate."""
    for domain in domains():
        sentences = sentences_of(domain)
        _write(domain.template, as_file(sentences))
        for language in LANGUAGES:
            catalogue = updated(translated(domain, language), sentences)
            _write(domain.catalogue(language), as_file(catalogue, language))
            left = sum(1 for message in catalogue if message.id and not is_translated(message))
            print(f"languages: {domain.name}, {language}: {len(catalogue)} sentences, {left} to translate")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


if __name__ == "__main__":
    main()
