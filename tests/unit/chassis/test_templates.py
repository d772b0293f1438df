"""Templates are compiled once for all languages, and again if their text changes."""

from gettext import NullTranslations
from typing import Any

import jinja2
import pytest
from jinja2 import DictLoader, Environment
from tests.support.every_case import every_case

from practio_chassis.rendering.templates import CompiledOnce, install_translations


class Translated(NullTranslations):
    """Translates every sentence to one."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence

    def gettext(self, message: str) -> str:
        return self.sentence


def an_environment(compiled: CompiledOnce, sentence: str, text: str = "{{ _('Hello') }}") -> Environment:
    loader = DictLoader({"letter": text})
    environment = Environment(loader=loader, extensions=["jinja2.ext.i18n"], autoescape=True, bytecode_cache=compiled)
    install_translations(environment, Translated(sentence))
    return environment


@pytest.fixture
def compiled_texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of texts that Jinja compiles from now on."""
    found: list[str] = []
    compiling = jinja2.Environment.compile

    def noted(self: Environment, source: str, *args: Any, **kwargs: Any) -> Any:
        found.append(source)
        return compiling(self, source, *args, **kwargs)

    monkeypatch.setattr(jinja2.Environment, "compile", noted)
    return found


def test_a_template_is_compiled_once_and_reads_in_each_language(compiled_texts: list[str]) -> None:
    compiled = CompiledOnce()
    read = [an_environment(compiled, words).get_template("letter").render() for words in ("Hallo", "Hola")]
    assert (read, len(compiled_texts)) == (["Hallo", "Hola"], 1)


def test_a_template_whose_text_has_changed_is_compiled_again(compiled_texts: list[str]) -> None:
    compiled = CompiledOnce()
    read = [an_environment(compiled, "", text).get_template("letter").render() for text in ("one", "two")]
    assert (read, compiled_texts) == (["one", "two"], ["one", "two"])


@every_case("is_markup", [True, False])
@every_case(
    "text",
    [
        "{% trans %}All of it{% endtrans %}",
        "{% trans %}100 % of <b>it</b> & more{% endtrans %}",
        "{% trans sentence=name %}Hello {{ sentence }}, 100 %{% endtrans %}",
        "{% for each in (name, 'B') %}{% trans each=each %}Hello <i>{{ each }}</i>{% endtrans %}{% endfor %}",
        "{% trans count=2 %}{{ count }} <seat>{% pluralize %}{{ count }} <seats>{% endtrans %}",
        "{{ _('Hello') ~ '<' ~ _('Hello') }}",
    ],
)
def test_a_sentence_is_written_as_jinja_writes_it(text: str, is_markup: bool) -> None:
    def written(*, by_jinja: bool) -> str:
        environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=is_markup)
        if by_jinja:
            environment.install_gettext_translations(NullTranslations(), newstyle=True)  # type: ignore[attr-defined]
        else:
            install_translations(environment, NullTranslations())
        template = environment.from_string(text)
        return "".join(template.render(name=name) for name in ("<Ada> & %s", "Ben", "<Ada> & %s"))

    assert written(by_jinja=False) == written(by_jinja=True)
