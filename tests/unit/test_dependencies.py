"""An image brings every library that its code imports, whichever distribution of ours imports it."""

import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
from tests.support.kept import in_each_file

ROOT = Path(__file__).parents[2]
OWN = [path.parent.name for depth in ("*", "*/*") for path in ROOT.glob(f"{depth}/practio_*/__init__.py")]
LOCKS = list(ROOT.glob("*/*/requirements.lock"))


@cache
def imports() -> grimp.ImportGraph:
    """Return which module of ours imports which, and which libraries."""
    return grimp.build_graph(*OWN, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None)


@cache
def installed() -> Mapping[str, list[str]]:
    """Return the distributions that bring each module: to find them, the files of all are read."""
    return packages_distributions()


def libraries_of(package: str) -> set[str]:
    """Return the libraries, named as in a lock, that a package and everything of ours that it imports need.

    A library that is not installed here has the name of its module.
    """
    modules = {module.split(".")[0] for module in imports().find_upstream_modules(package, as_package=True)}
    distributions = installed()
    needed = modules - set(OWN) - set(sys.stdlib_module_names)
    return {re.sub(r"[-_.]+", "-", distributions.get(module, [module])[0]).lower() for module in needed}


def test_the_lock_of_an_image_has_every_library_that_its_code_imports() -> None:
    modules = [path for depth in ("*", "*/*") for path in sorted(ROOT.glob(f"{depth}/practio_*/**/*.py"))]
    found = in_each_file(unlocked, LOCKS, rules=[Path(__file__), ROOT / "requirements.lock", *modules])
    assert {lock.parent.name: libraries for lock, libraries in found.items() if libraries} == {}, (
        "name the extra of practio-contracts in pyproject.toml and run `make lock`"
    )


def unlocked(lock: Path) -> list[str]:
    """Return the libraries that an image needs and its lock does not have."""
    package = next(lock.parent.glob("practio_*/__init__.py")).parent.name
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock.read_text(encoding="utf-8"), re.M))
    needed = libraries_of(package)
    assert "pydantic" in needed
    return sorted(needed - locked)
