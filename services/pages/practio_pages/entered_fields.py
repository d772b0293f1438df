"""What a person entered in the fields of a form: shown to be copied where no page has these fields any more. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_FIELDS = re.compile(
    r"title|domain|purpose|for_whom|format|language|mode|place|meeting_url|time_zone|capacity|roles|policy|questions"
    r"|waitlist|guidelines_text|promotion|offer_window_hours|after_lapse|waitlist_limit|request_expires_after_days"
    r"|reapply_after_days|sponsor_kind|sponsor_name|date|time|minutes|repeat|weekday|weeks|until|topic|scope"
    r"|answer\..+|role\.\d+|role(-.+)?|message|guidelines|decide-.+|reason(-.+)?|one|kind|text|session|shown|to|keep-.+"
    r"|count|person(-.+)?|office|seen_by|outcome|useful|comment|coming|note|case-.+|came-.+|guests|over_capacity"
    r"|priority|buddy_id|bar|addresses|last_day|requests_digest|activity|reminders|quiet_from|quiet_to|no_quiet_hours"
    r"|muted|email|name",
    re.DOTALL,
)
"""The names of the fields that people see; ``entered-labels.jinja`` has their labels."""

_SHOWN = ("room", "all")
"""Who sees a note; the hidden fields of preferences have the same name, and other values."""


@dataclass(frozen=True, slots=True)
class EnteredField:
    """What was entered in one field; a choice is a code."""

    name: str
    text: str


def entered_in(fields: Mapping[str, str] | Sequence[tuple[str, str]]) -> list[EnteredField]:
    """Return what a person entered in a form, in its order: hidden fields and empty ones are left out.

    The button that decides on one person is the decision on them.
    """
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    return [_of(name, text) for name, text in pairs if text.strip() and _is_visible(name, text)]


def _is_visible(name: str, text: str) -> bool:
    return _FIELDS.fullmatch(name) is not None and (name != "shown" or text in _SHOWN)


def _of(name: str, text: str) -> EnteredField:
    decision, _, person = text.partition("-")
    return EnteredField(f"decide-{person}", decision) if name == "one" else EnteredField(name, text)
