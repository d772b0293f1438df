"""The release before, out of the history of this checkout, installed into a virtual environment of its own."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
RELEASES = CHECKOUT / ".previous"
MIGRATIONS = "services/*/practio_*/migrations/versions/*.py"


@dataclass(frozen=True)
class Release:
    """A release that is ready to run: its name, its sources, and the Python that has it installed.

    ``is_release`` is false for the state before the newest migration, which stands for one where there is none yet.
    """

    name: str
    is_release: bool
    sources: Path
    python: Path

    def has(self, service: str) -> bool:
        """Say whether there was a service of that name yet."""
        return (self.sources / "services" / service).is_dir()

    def command(self, service: str, what: str) -> tuple[str, ...]:
        """Give the command that serves or migrates a service of this release."""
        return (str(self.python), "-m", f"practio_{service}", what)


async def previous_release() -> Release:
    """Give the release that PREVIOUS names; else that of the newest tag; else the state before the newest migration.

    It is installed once a commit, with the libraries of its own ``requirements.lock``. Raises AssertionError with what
    git or pip say where there is none.
    """
    reference = await _reference()
    commit = (await _said("git", "rev-parse", "--verify", f"{reference or await _made_up()}^{{commit}}")).strip()
    folder = RELEASES / commit
    release = Release(
        name=commit[:12], is_release=bool(reference), sources=folder / "sources", python=folder / "venv/bin/python"
    )
    ready = folder / "ready"
    if not ready.exists():
        await _install(release, commit)
        ready.touch()
    return release


async def _reference() -> str:
    if named := os.environ.get("PREVIOUS"):
        return named
    tags = await _said("git", "tag", "--merged", "HEAD", "--sort=-version:refname")
    return tags.split()[0] if tags else ""


async def _made_up() -> str:
    return (await _said("git", "log", "-1", "--format=%H", "--diff-filter=A", "--", MIGRATIONS)).strip() + "~1"


async def _install(release: Release, commit: str) -> None:
    release.sources.mkdir(parents=True, exist_ok=True)
    await _said("sh", "-c", 'git archive "$0" | tar -x -C "$1"', commit, str(release.sources))
    await _said(sys.executable, "-m", "venv", "--clear", str(release.python.parents[1]))
    pip = (str(release.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    await _said(*pip, "--require-hashes", "--requirement", str(release.sources / "requirements.lock"))
    ours = [release.sources / "contracts", *(each.parent for each in release.sources.glob("services/*/pyproject.toml"))]
    await _said(*pip, "--no-deps", "--no-build-isolation", *map(str, ours))


async def _said(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=CHECKOUT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complaint = await process.communicate()
    assert process.returncode == 0, f"{' '.join(command)}: {complaint.decode()[-2000:]}"
    return said.decode()
