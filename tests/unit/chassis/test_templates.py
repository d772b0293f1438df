"""Templates are compiled once for all languages, and again if their text changes."""

from gettext import NullTranslations
from typing import Any

import jinja2
import pytest
from jinja2 import DictLoader, Environment

from practio_chassis.rendering.templates import CompiledOnce


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
    environment.install_gettext_translations(Translated(sentence), newstyle=True)  # type: ignore[attr-defined]
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
