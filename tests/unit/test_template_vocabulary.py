"""Templates keep to the vocabulary: their file names, what they name in Jinja, and their comments.

What members read is no part of it: sentences are chosen for them, not for the code.
"""

from collections.abc import Iterator
from pathlib import Path

import jinja2
from jinja2 import Environment
from tests.support.every_case import every_case
from tests.support.kept import in_each_file, text_of
from tests.unit.old_words import GENERAL, NAMES, TEMPLATES
from tests.unit.vocabulary import ANY_PART, ROOT, RULES, allowed_in, old_phrases_in, old_phrases_in_name, retired_in

_JINJA = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
_WORDS = GENERAL.keys() | NAMES.keys()


def templates() -> list[Path]:
    """Return the templates of pages, letters and the gallery of letters."""
    return sorted((ROOT / "services").glob("*/practio_*/**/*.jinja"))


def retired_in_template(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the words of each name in Jinja, and of each comment, that has retired ones."""
    for line, kind, value in _JINJA.lex(text):
        found: set[str] = set()
        if kind == "name":
            found = retired_in(value, _WORDS) | old_phrases_in_name(value)
        elif kind == "comment":
            found = retired_in(value) | old_phrases_in(value)
        yield from ((line, word) for word in sorted(found))


def retired_in_name(folder: str, name: str) -> Iterator[str]:
    """Yield what to use instead of the name of a template in a service's ``folder``; nothing if it is a good one."""
    if words := retired_in(name, _WORDS) | old_phrases_in_name(name):
        yield ", ".join(sorted(words))
    if name in TEMPLATES.get(folder, {}):
        yield f"use {TEMPLATES[folder][name]}"


def test_names_and_comments_in_templates_use_no_retired_word() -> None:
    looked_at = in_each_file(retired_in_file, templates(), rules=RULES, versions=[jinja2.__version__])
    found = [each for of_file in looked_at.values() for each in of_file]
    assert not found, f"{len(found)} uses, see contracts/GLOSSARY.md:\n" + "\n".join(found)


def retired_in_file(path: Path) -> Iterator[str]:
    """Yield the retired words in a template, each with its line."""
    if ANY_PART.search(text_of(path).lower()):
        name = str(path.relative_to(ROOT))
        for line, word in retired_in_template(text_of(path)):
            if word not in allowed_in(name):
                yield f"{name}:{line}: {word}"


def test_file_names_of_templates_have_no_retired_word() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {each}"
        for path in templates()
        for each in retired_in_name("/".join(path.relative_to(ROOT).parts[:2]), path.name.partition(".")[0])
    ]
    assert not found, f"{len(found)} names, see contracts/GLOSSARY.md:\n" + "\n".join(found)


def test_pages_and_letters_have_templates() -> None:
    assert {path.relative_to(ROOT).parts[1] for path in templates()} >= {"pages", "notifications"}


@every_case(
    "text",
    [
        "{{ fact.days }}",
        "{{ change.fact }}",
        "{% macro said(sign) %}{% endmacro %}",
        "{% block story %}{% endblock %}",
        '{% import "words.jinja" as story %}',
        "{{ to(path, wish=1) }}",
        "{# What was told. #}",
        "{# People in line. #}",
        "{% trans days=fact.days %}{{ days }} days{% endtrans %}",
    ],
)
def test_a_retired_word_is_found_in_a_template(text: str) -> None:
    assert len(list(retired_in_template(text))) == 1


@every_case(
    "text",
    [
        "{% trans %}You said that you wish to come.{% endtrans %}",
        '<p id="told">{{ gettext("Nobody has heard of it.") }}</p>',
        '{# Who says so. #}{{ event.days }}{% if code == "place-in-line" %}{% endif %}',
    ],
)
def test_sentences_and_values_in_a_template_pass(text: str) -> None:
    assert not list(retired_in_template(text))


def test_a_file_name_of_before_is_found() -> None:
    assert list(retired_in_name("services/pages", "say-who")) == ["say", "use introduce-prompt"]
    assert list(retired_in_name("services/pages", "queue")) == ["use requests"]
    assert not list(retired_in_name("services/notifications", "queue"))
