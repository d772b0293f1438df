"""The texts of services are completely translated to every language."""

from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from deploy import languages
from deploy.languages import LANGUAGES, Domain, as_file, domains, sentences_of, translated, updated
from tests.support.every_case import every_case
from tests.support.kept import in_each_file
from tests.support.oracles import translations
from tests.support.oracles.translations import NO_BREAK, faults

DOMAINS = {domain.name: domain for domain in domains()}
EVERY_DOMAIN = pytest.mark.parametrize("domain", DOMAINS.values(), ids=DOMAINS)
CATALOGUES = {each.catalogue(language): (each, language) for each in DOMAINS.values() for language in LANGUAGES}
RULES = [Path(__file__), Path(languages.__file__), Path(translations.__file__)]
VERSIONS = [version("babel"), version("jinja2")]
"""On what the texts of catalogues depend, besides templates and catalogues."""


def test_letters_have_five_languages() -> None:
    assert "letters" in DOMAINS
    assert set(LANGUAGES) == {"de", "es", "fr", "it"}


def test_the_template_has_exactly_the_sentences_of_the_code() -> None:
    settings = [each.service / "babel.cfg" for each in DOMAINS.values()]
    templates = [path for each in DOMAINS.values() for path in sorted(each.service.rglob("*.jinja"))]
    rules = [*RULES, *settings, *templates]
    assert not in_all(outdated_template, (each.template for each in DOMAINS.values()), rules), "run `make languages`"


def outdated_template(path: Path) -> Iterator[str]:
    """Yield a domain whose file has other sentences than its code."""
    domain = DOMAINS[path.stem]
    if path.read_bytes() != as_file(sentences_of(domain)):
        yield domain.name


def in_all(look: Callable[[Path], Iterable[str]], files: Iterable[Path], rules: Iterable[Path] = RULES) -> list[str]:
    """Return what is found in all files."""
    found = in_each_file(look, files, rules=rules, versions=VERSIONS)
    return [each for of_file in found.values() for each in of_file]


@EVERY_DOMAIN
def test_a_domain_has_every_language_and_no_other(domain: Domain) -> None:
    spoken = [path.parent.parent.name for path in domain.locales.glob("*/LC_MESSAGES/*.po")]
    assert sorted(spoken) == sorted(LANGUAGES)


def test_a_catalogue_has_exactly_the_sentences_of_the_template() -> None:
    rules = [*RULES, *(each.template for each in DOMAINS.values())]
    assert not in_all(outdated_catalogue, CATALOGUES, rules), "run `make languages`"


def outdated_catalogue(path: Path) -> Iterator[str]:
    """Yield a catalogue that has other sentences than its template, or has them in another form."""
    domain, language = CATALOGUES[path]
    with domain.template.open("rb") as template:
        sentences = read_po(template)
    if path.read_bytes() != as_file(updated(translated(domain, language), sentences), language):
        yield f"{domain.name} in {language}"


def test_every_sentence_is_translated_completely() -> None:
    assert not in_all(faults_in, CATALOGUES)


def faults_in(path: Path) -> Iterator[str]:
    """Yield each fault of a catalogue's translations."""
    domain, language = CATALOGUES[path]
    for message in translated(domain, language):
        if message.id:
            yield from (f"{language}: {message.id!r} {fault}" for fault in faults(message, language))


@every_case(
    ("put", "fault"),
    [
        ("", "is not translated"),
        ("Ein Platz in „X“", "leaves out"),
        ("„%(title)s“ von %(host)s", "makes up"),
        ("„%(title)s“ 5 % frei", "per cent"),
        ("„%(title)s“ ", "blanks"),
        ("„%(title)s“,\nda", "blanks"),
        ("“%(title)s”", "quotes otherwise"),
        ("%(title)s", "quotes otherwise"),
        ("„%(title)s“ geht's", "typewriter"),
    ],
)
def test_a_faulty_translation_is_found(put: str, fault: str) -> None:
    assert fault in " ".join(faults(Message("A seat in “%(title)s”", put), "de"))


@every_case(
    ("put", "fault"),
    [
        (("Ein Platz",), "1 forms"),
        (("Ein Platz", ""), "is not translated"),
        (("Ein Platz", "Plätze"), "leaves out"),
    ],
)
def test_a_plural_sentence_has_all_forms_of_its_language(put: tuple[str, ...], fault: str) -> None:
    assert fault in " ".join(faults(Message(("One seat", "%(count)s seats"), put), "de"))


def test_a_plural_form_may_spell_out_one_like_its_source() -> None:
    source = ("One seat", "%(count)s seats")
    assert not list(faults(Message(source, ("Ein Platz", "%(count)s Plätze")), "de"))
    assert not list(faults(Message(source, ("%(count)s Platz", "%(count)s Plätze")), "de"))
    assert list(faults(Message(("%(count)s seat", "%(count)s seats"), ("Ein Platz", "%(count)s Plätze")), "de"))


def test_french_punctuation_follows_a_no_break_space() -> None:
    whole = f"«{NO_BREAK}%(title)s{NO_BREAK}»{NO_BREAK}: bienvenue\u202f!"
    assert not list(faults(Message("“%(title)s”: welcome!", whole), "fr"))
    assert list(faults(Message("“%(title)s”: welcome!", whole.replace(NO_BREAK, " ")), "fr"))
    assert list(faults(Message("Welcome!", "Bienvenue !"), "fr"))
    assert not list(faults(Message("At 21:30.", "À 21:30."), "fr"))


def test_a_fuzzy_translation_is_a_fault() -> None:
    assert "is fuzzy" in list(faults(Message("Host", "Leitung", flags=["fuzzy"]), "de"))


def test_obsolete_sentences_are_dropped_and_new_ones_are_untranslated() -> None:
    kept, sentences = Catalog(locale="de"), Catalog()
    kept.add("Host", "Leitung")
    kept.add("Guest", "Gast")
    sentences.add("Host")
    sentences.add("Hosts")
    after = updated(kept, sentences)
    assert {message.id: message.string or "" for message in after if message.id} == {"Host": "Leitung", "Hosts": ""}
    assert not after.obsolete


def test_a_catalogue_names_no_date_machine_or_person() -> None:
    catalogue = Catalog(locale="fr")
    catalogue.add("Host", "Hôte")
    lines = as_file(catalogue, "fr").decode().splitlines()
    assert [line for line in lines if line.startswith('"')] == [
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Language: fr\\n"',
        '"Plural-Forms: nplurals=2; plural=(n > 1);\\n"',
    ]
