"""No cache grows without bound: what is cached forever has few possible keys, and each such cache is listed."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support.every_case import every_case
from tests.support.kept import in_each_file, text_of
from tests.unit.vocabulary import ROOT

FOLDERS = ("contracts", "deploy", "services")

KEPT_FOR_GOOD = {
    "contracts/practio_contracts/fields.py: time_zones": "no arguments",
    "contracts/practio_contracts/message.py: echoed_fields": "the models of the catalogue",
    "contracts/practio_contracts/message.py: private_paths": "the models of the catalogue",
    "deploy/operator/practio_operator/main.py: _found": "the commands",
    "deploy/operator/practio_operator/stack/ports.py: _given": "the ports of a range",
    "services/chassis/practio_chassis/broker/event_readers.py: subscribed_events": "the services",
    "services/chassis/practio_chassis/i18n.py: _translations": "the catalogues of translations that are installed",
    "services/chassis/practio_chassis/rendering/templates.py: translated": "the sentences of templates",
    "services/chassis/practio_chassis/rendering/templates.py: without_values": "the sentences of templates",
    "services/chassis/practio_chassis/telemetry/health.py: release_of": "the names of our distributions",
    "services/chassis/practio_chassis/web/clients.py: _read": "the rates of the settings",
    "services/notifications/practio_notifications/rendering/template_inputs.py: _of_template": "templates of letters",
    "services/notifications/practio_notifications/rendering/template_inputs.py: inputs_of": "templates of letters",
    "services/notifications/practio_notifications/rendering/environments.py: environment_of": "languages and forms",
    "services/pages/practio_pages/rendering.py: _environment": "languages with a catalogue",
    "services/pages/practio_pages/pages/time_zones.py: zones": "no arguments",
}
"""Caches without a size, each with the reason why it has only so many keys."""

CONTAINERS = {"dict", "set", "list", "defaultdict", "OrderedDict", "Counter", "deque"}
ADDS = {"add", "append", "appendleft", "extend", "insert", "setdefault", "update"}

CACHE = re.compile(r"\b(?:lru_)?cache\b")
FUNCTION = re.compile(r"^(?:async )?def .*\n(?:(?:[ )].*)?\n)*", re.M)
BOUND = re.compile(rf"^(?: {{4}})?(\w+)(?:: [^=\n]+)? = (?:[{{\[]|(?:{'|'.join(CONTAINERS)})\b)", re.M)


def sources() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not {"versions", ".venv", ".previous"} & set(path.parts):
                yield path


def may_have_caches(text: str) -> bool:
    """Return whether a text may be unbounded: to read all as Python takes longer than most tests."""
    if "cache" in text and CACHE.search(text):
        return True
    bound = "|".join(set(BOUND.findall(FUNCTION.sub("", text))))
    return bool(bound) and re.search(rf"\b(?:{bound})(?:\.(?:{'|'.join(ADDS)})\(|\[|\s*[|+]=)", text) is not None


def unbounded(text: str) -> Iterator[str]:
    """Yield the functions that are cached without a size, and the containers of a module that its functions fill."""
    if not may_have_caches(text):
        return
    tree = ast.parse(text)
    nodes = list(ast.walk(tree))
    functions = [each for each in nodes if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    for function in functions:
        if any(_is_unbounded(decorator) for decorator in function.decorator_list):
            yield function.name
    calls = [each for each in nodes if isinstance(each, ast.Call)]
    yield from ("a call" for each in calls if _is_unbounded(each.func) and not isinstance(each.func, ast.Call))
    if names := set(_containers(tree.body, nodes)):
        yield from sorted({name for function in functions for name in _filled(function) if name in names})


def _is_unbounded(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if name == "cache":
        return True
    if name != "lru_cache" or not isinstance(decorator, ast.Call):
        return False
    sizes = [*decorator.args[:1], *(each.value for each in decorator.keywords if each.arg == "maxsize")]
    return any(isinstance(size, ast.Constant) and size.value is None for size in sizes)


def _containers(module: Sequence[ast.stmt], nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Yield the names that a module or a class binds to a container."""
    bodies = [module, *(each.body for each in nodes if isinstance(each, ast.ClassDef))]
    for statement in (statement for body in bodies for statement in body):
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        if _is_container(getattr(statement, "value", None)):
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def _is_container(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in CONTAINERS
    return isinstance(value, ast.Dict | ast.Set | ast.List | ast.DictComp | ast.SetComp | ast.ListComp)


def _filled(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Yield the names to which a function adds."""
    for each in ast.walk(function):
        if isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Store):
            yield _name(each.value)
        elif isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr in ADDS:
            yield _name(each.func.value)
        elif isinstance(each, ast.AugAssign) and isinstance(each.op, ast.BitOr | ast.Add):
            yield _name(each.target)


def _name(expression: ast.expr) -> str:
    return expression.attr if isinstance(expression, ast.Attribute) else getattr(expression, "id", "")


def test_every_cache_has_a_size_or_a_reason() -> None:
    found = in_each_file(caches_in, sources(), rules=[Path(__file__)])
    assert {f"{path.relative_to(ROOT)}: {name}" for path, names in found.items() for name in names} == set(
        KEPT_FOR_GOOD
    )


def caches_in(path: Path) -> Iterator[str]:
    """Yield what grows without bound in a module."""
    yield from unbounded(text_of(path))


@every_case(
    "text",
    [
        "@cache\ndef f(tag): ...",
        "@functools.cache\ndef f(tag): ...",
        "@lru_cache(maxsize=None)\ndef f(tag): ...",
        "@functools.lru_cache(None)\nasync def f(tag): ...",
        "f = cache(g)",
        "SEEN = {}\ndef f(tag):\n    SEEN[tag] = 1",
        "SEEN: set[str] = set()\ndef f(tag):\n    SEEN.add(tag)",
        "SEEN = defaultdict(list)\ndef f(tag):\n    SEEN.setdefault(tag, 1)",
        "class A:\n    seen = {}\n    def f(self, tag):\n        self.seen[tag] = 1",
        "SEEN = []\ndef f(tag):\n    global SEEN\n    SEEN += [tag]",
    ],
)
def test_an_unbounded_cache_is_found(text: str) -> None:
    assert list(unbounded(text))


@every_case(
    "text",
    [
        "@lru_cache\ndef f(tag): ...",
        "@lru_cache(maxsize=100)\ndef f(tag): ...",
        "@cached_property\ndef f(self): ...",
        "SEEN = {}\ndef f(tag):\n    return SEEN[tag]",
        "def f(tag):\n    seen = {}\n    seen[tag] = 1",
    ],
)
def test_a_bounded_cache_is_not_found(text: str) -> None:
    assert not list(unbounded(text))
