"""Faults of a translation, as far as a machine can find them."""

import re
from collections.abc import Iterator

from babel.messages.catalog import Message
from babel.messages.plurals import get_plural
from deploy.languages import forms

NO_BREAK = "\u00a0"
_THIN = "\u202f"
_QUOTES = {
    "de": ("„", "“"),
    "es": ("«", "»"),
    "fr": (f"«{NO_BREAK}", f"{NO_BREAK}»"),
    "it": ("«", "»"),
}
_ANY_QUOTE = re.compile("[\"'“”„‟‘‚«»‹›]")
_PLACE = re.compile(r"%\((\w+)\)s")
_UNSPACED = re.compile(f"[^{NO_BREAK}{_THIN}][:;!?](?!\\d)")


def faults(message: Message, language: str) -> Iterator[str]:
    """Yield the faults of the translation of ``message`` to ``language``, a sentence each."""
    source, translated = forms(message.id), forms(message.string)
    if message.fuzzy:
        yield "is fuzzy"
    if not all(translated):
        yield "is not translated"
    expected = get_plural(language).num_plurals if len(source) > 1 else 1
    if len(translated) != expected:
        yield f"has {len(translated)} forms in place of {expected}"
    for number, form in enumerate(translated):
        source_form = source[min(number, len(source) - 1)]
        yield from _placeholder_faults(form, source_form, source[-1])
        yield from _typography_faults(form, source_form, language)


def _placeholder_faults(form: str, source_form: str, counted: str) -> Iterator[str]:
    """Yield faults of placeholders: the translation must have all of the source, except perhaps a count."""
    places = set(_PLACE.findall(form))
    if missing := set(_PLACE.findall(source_form)) - places:
        yield f"leaves out {sorted(missing)}"
    if unknown := places - set(_PLACE.findall(counted)):
        yield f"makes up {sorted(unknown)}"
    if "%" in _PLACE.sub("", form).replace("%%", ""):
        yield "has a per cent sign that stands for nothing"


def _typography_faults(form: str, source_form: str, language: str) -> Iterator[str]:
    if form != form.strip() or "\n" in form or "  " in form:
        yield "has blanks that nobody reads"
    opening, closing = _QUOTES[language]
    quoted = source_form.count("“")
    if (form.count(opening), form.count(closing)) != (quoted, quoted):
        yield f"quotes otherwise than {opening}…{closing}, or not as often as the source"
    if _ANY_QUOTE.search(form.replace(opening, "").replace(closing, "")):
        yield "has quotes, or an apostrophe, of another language or of a typewriter"
    if language == "fr" and _UNSPACED.search(form):
        yield "lacks the no-break space before : ; ! or ?"
