"""Templates as Python, compiled once for the environments of all languages (extra ``i18n``)."""

from functools import cache
from gettext import NullTranslations
from types import CodeType

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from markupsafe import Markup


class CompiledOnce(BytecodeCache):
    """Shares compiled templates, in memory, among environments that differ in their translations alone."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code of this template, unless its text has changed."""
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of this template."""
        if bucket.code is not None:
            self._compiled[bucket.key, bucket.checksum] = bucket.code


def install_translations(environment: Environment, translations: NullTranslations) -> None:
    """Let the templates of an environment be written with these translations, as Jinja's "newstyle" does.

    Each sentence is looked up and made markup once, not each time it is written: a page has fifty of them.
    """
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    is_markup = bool(environment.autoescape)

    @cache
    def translated(sentence: str) -> str:
        found = translations.gettext(sentence)
        return Markup(found) if is_markup else found

    @cache
    def without_values(sentence: str) -> str:
        return translated(sentence) % {}

    def gettext(sentence: str, /, **values: object) -> str:
        return translated(sentence) % values if values else without_values(sentence)

    environment.globals["gettext"] = gettext
