"""What a template reads of the values that it is given: letters that are equal in these have the same words."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import nodes
from jinja2.meta import find_referenced_templates
from jinja2.visitor import NodeVisitor

from practio_notifications.rendering.environments import Look, parsed

TemplateInputs = Mapping[str, frozenset[str] | None]
"""The names that are read; of an event and a membership the fields, None if they are read as a whole."""

_IN_PARTS = ("event", "membership")


@dataclass(frozen=True)
class _OfTemplate:
    """What one template reads: names with their fields, names read as a whole, and the templates that it includes."""

    fields: Mapping[str, Set[str]]
    whole: Set[str]
    included: Set[str]


@cache
def inputs_of(kind: str) -> TemplateInputs:
    """Return what the template of a kind reads, with all that it includes, and the layouts around it."""
    fields: dict[str, set[str]] = defaultdict(set)
    whole: set[str] = set()
    for each in _with_all_included({f"{kind}.jinja", *(f"layout.{look}.jinja" for look in Look)}):
        whole |= each.whole
        for name, read in each.fields.items():
            fields[name] |= read
    return {name: frozenset(read) if name in _IN_PARTS and name not in whole else None for name, read in fields.items()}


def _with_all_included(names: set[str]) -> Iterator[_OfTemplate]:
    """Yield templates and those that they include; a layout that is a value is none of these."""
    waiting, found = list(names), set(names)
    while waiting:
        yield (each := _of_template(waiting.pop()))
        waiting += each.included - found
        found |= each.included


@cache
def _of_template(name: str) -> _OfTemplate:
    """Return what a template reads: most kinds include the same templates, and to parse them takes long."""
    tree = parsed(name)
    seen = _Seen()
    seen.visit(tree)
    return _OfTemplate(seen.fields, seen.whole, {each for each in find_referenced_templates(tree) if each})


class _Seen(NodeVisitor):
    """The names in a template, each with the fields that are read of it, and those that are read as a whole."""

    def __init__(self) -> None:
        self.fields: dict[str, set[str]] = defaultdict(set)
        self.whole: set[str] = set()

    def visit_Getattr(self, node: nodes.Getattr, *_: Any, **__: Any) -> None:  # noqa: N802 - Jinja calls it by name
        """Note a field of a name."""
        if isinstance(node.node, nodes.Name):
            self.fields[node.node.name].add(node.attr)
        else:
            self.generic_visit(node)

    def visit_Name(self, node: nodes.Name, *_: Any, **__: Any) -> None:  # noqa: N802 - Jinja calls it by name
        """Note a name that is read as a whole."""
        self.whole.add(node.name)
        self.fields[node.name]
