"""What docstrings of the contracts promise exists: the exceptions that the client raises, the results of queries."""

import ast
import builtins
import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import practio_contracts
from practio_contracts.message import Part

HANDBOOK = Path(__file__).parents[2] / "contracts" / "README.md"

ERROR = re.compile(r"\b[A-Z]\w*Error\b")
RESULT = re.compile(r"result: ``(\w+)``")


@cache
def modules() -> list[ModuleType]:
    names = [each.name for each in pkgutil.walk_packages(practio_contracts.__path__, "practio_contracts.")]
    return [importlib.import_module(name) for name in names]


@cache
def parsed(module: ModuleType) -> list[ast.AST]:
    assert module.__file__ is not None
    return list(ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))))


def docstrings(module: ModuleType) -> Iterator[str]:
    """Yield every text of a module that stands alone as a statement, as one line."""
    for node in parsed(module):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield " ".join(node.value.value.split())


def used(module: ModuleType) -> set[str]:
    """Return the names that the code of a module uses, from modules that are imported when they are needed, too."""
    return {str(getattr(node, "id", getattr(node, "attr", ""))) for node in parsed(module)}


def parts() -> set[str]:
    """Return the names of all models of the contracts."""
    classes = [each for module in modules() for each in vars(module).values() if isinstance(each, type)]
    return {each.__name__ for each in classes if issubclass(each, Part)}


def test_every_exception_that_a_docstring_names_is_defined_or_used_there() -> None:
    missing = {
        f"{module.__name__}: {name}"
        for module in modules()
        for text in docstrings(module)
        for name in set(ERROR.findall(text)) - used(module)
        if not hasattr(module, name) and not hasattr(builtins, name)
    }
    assert not missing


def test_every_exception_of_the_handbook_is_one_of_the_client() -> None:
    named = set(ERROR.findall(HANDBOOK.read_text(encoding="utf-8")))
    assert named
    assert named <= set(importlib.import_module("practio_contracts.client").__all__)


def test_every_result_that_a_query_names_is_a_model_of_the_contracts() -> None:
    named = {name for module in modules() for text in docstrings(module) for name in RESULT.findall(text)}
    assert len(named) > 20
    assert not named - parts()
