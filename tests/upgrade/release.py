"""The release before, out of the history of this checkout, or made up where it has none."""

import asyncio
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.upgrade.made_up import make_older

CHECKOUT = Path(__file__).parents[2]
RELEASES = CHECKOUT / ".previous"


@dataclass(frozen=True)
class Release:
    """A release that is ready to run: its name, its sources, and how a Python is started that has it."""

    name: str
    sources: Path
    python: tuple[str, ...]

    def has(self, service: str) -> bool:
        """Say whether there was a service of that name yet."""
        return (self.sources / "services" / service).is_dir()

    def command(self, service: str, what: str) -> tuple[str, ...]:
        """Give the command that serves or migrates a service of this release."""
        return (*self.python, "-m", f"practio_{service}", what)

    def practio(self, *arguments: str) -> tuple[str, ...]:
        """Give the operator's command of this release."""
        return (*self.python, "-c", "from practio_operator.main import app; app()", *arguments)


async def previous_release() -> Release:
    """Give the release that PREVIOUS names; else that of the newest tag; else one that is made up.

    Raises AssertionError with what git or pip say where there is none.
    """
    reference = os.environ.get("PREVIOUS") or await _newest_tag()
    return await _installed(reference) if reference else await _made_up()


async def _made_up() -> Release:
    """Make up a release of the newest commit, on the libraries of this checkout, which are those of that commit."""
    sources = RELEASES / "made-up"
    shutil.rmtree(sources, ignore_errors=True)
    await _take("HEAD", sources)
    make_older(sources)
    path = ":".join(map(str, _ours(sources)))
    return Release("made-up", sources, ("env", f"PYTHONPATH={path}", sys.executable))


async def _installed(reference: str) -> Release:
    """Install a release, once a commit, with the libraries of its own ``requirements.lock``."""
    commit = (await _said("git", "rev-parse", "--verify", f"{reference}^{{commit}}")).strip()
    folder = RELEASES / commit
    sources, python, ready = folder / "sources", folder / "venv/bin/python", folder / "ready"
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        await _take(commit, sources)
        await _install(sources, python)
        ready.touch()
    return Release(commit[:12], sources, (str(python),))


async def _newest_tag() -> str:
    tags = await _said("git", "tag", "--merged", "HEAD", "--sort=-version:refname")
    return tags.split()[0] if tags else ""


async def _take(commit: str, sources: Path) -> None:
    await _said("sh", "-c", 'mkdir -p "$1" && git archive "$0" | tar -x -C "$1"', commit, str(sources))


def _ours(sources: Path) -> list[Path]:
    services = (each.parent for each in sources.glob("services/*/pyproject.toml"))
    return [sources / "contracts", *services, sources / "deploy/operator"]


async def _install(sources: Path, python: Path) -> None:
    await _said(sys.executable, "-m", "venv", "--clear", str(python.parents[1]))
    pip = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    await _said(*pip, "--require-hashes", "--requirement", str(sources / "requirements.lock"))
    await _said(*pip, "--no-deps", "--no-build-isolation", *map(str, _ours(sources)))


async def _said(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=CHECKOUT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complaint = await process.communicate()
    assert process.returncode == 0, f"{' '.join(command)}: {complaint.decode()[-2000:]}"
    return said.decode()
