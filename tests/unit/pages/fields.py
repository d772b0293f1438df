"""The fields of a form as its HTML has them, what a person enters in each, and what a page shows of it later."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from tests.support.html import Element
from tests.unit.pages.sites import Seen

_TYPED = {"date": "2900-03-05", "time": "18:45", "number": "7", "email": "ada@example.org"}
_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{8}([0-9a-f]{4})")

FOR_PROGRAMS = "leave-empty"
"""The field that only programs fill in."""


@dataclass(frozen=True, slots=True)
class FilledField:
    """A field that a person sees, with what is entered in it: the value that is sent, and how the page calls both."""

    name: str
    value: str
    label: str
    words: str

    def is_shown_as(self, label: str, words: str) -> bool:
        """Return whether a page that says ``label`` and ``words`` shows this field; people may be shown by a sign."""
        signs = {each.upper() for each in _ID.findall(f"{self.name} {self.value}")}
        has_sign = bool(signs) and any(f"({sign})" in f"{label} {words}" for sign in signs)
        is_listed = bool(_ID.fullmatch(self.value)) and words == "Chosen from the list"
        is_called = _fits(label, self.label) or self.name.startswith("answer.") or has_sign
        return bool(label) and is_called and (_fits(words, self.words) or has_sign or is_listed)


def _fits(shown: str, given: str) -> bool:
    """Return whether words are those of a form, or the beginning of them."""
    shown, given = (" ".join(each.casefold().replace(":", "").split()) for each in (shown, given))
    return bool(shown) and (shown in given or given in shown)


def visible_fields(form: Element, entered: Mapping[str, str]) -> list[FilledField]:
    """Return the fields that a person sees in a form, each filled in: with what is ``entered``, or anything else."""
    fields = [each for each in form.select("input[name], select[name], textarea[name]") if each.get("type") != "hidden"]
    named = groupby((each for each in fields if each["name"] != FOR_PROGRAMS), key=lambda each: str(each["name"]))
    return [_filled(form, name, list(group), entered.get(name)) for name, group in named]


def _filled(form: Element, name: str, group: Sequence[Element], entered: str | None) -> FilledField:
    first = group[0]
    match first.name, first.get("type"):
        case "select", _:
            options = {str(each["value"]): _words(each) for each in first.select("option[value]") if each["value"]}
            value = entered if entered in options else list(options)[-1]
            return FilledField(name, value, _label(form, first), options[value])
        case _, "radio":
            choices = {str(each["value"]): _label(form, each) for each in group if each["value"]}
            value = entered if entered in choices else list(choices)[-1]
            return FilledField(name, value, _legend(first), choices[value])
        case _, "checkbox":
            label = f"{_legend(first)} {_label(form, first)}"
            return FilledField(name, str(first["value"]), label, f"yes {label}")
        case kind, type_:
            usual = f"A <{name}>" if kind == "textarea" else _TYPED.get(str(type_), str(first.get("value") or "7"))
            value = (entered or "").strip() or usual
            return FilledField(name, value, f"{_legend(first)} {_label(form, first)}", value)


def _label(form: Element, field: Element) -> str:
    tied = form.select_one(f'label[for="{field["id"]}"]') if field.get("id") else None
    around = tied or field.parent("label")
    assert around is not None, field
    return _words(around)


def _legend(field: Element) -> str:
    fieldset = field.parent("fieldset")
    return _words(fieldset.select("legend")[0]) if fieldset else ""


def _words(tag: Element) -> str:
    return tag.words


def shown_again(seen: Seen) -> list[tuple[str, str]]:
    """Return what a page shows of a form for which it has no fields: labels and what was entered."""
    rows = seen.html.select("[aria-labelledby=written] dl > div")
    return [(_words(each.select("dt")[0]), each.select("dd")[0].get_text()) for each in rows]
