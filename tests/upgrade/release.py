"""The previous release, from the history of this checkout, installed with the libraries that it pins."""

import asyncio
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
INSTALLED = CHECKOUT / ".previous"
RELEASES = Path(__file__).with_name("releases.txt")
"""The commit of each released state, oldest first, one per line."""


@dataclass(frozen=True)
class Release:
    """A release that is ready to run: its name, its sources, and the Python that has it installed."""

    name: str
    sources: Path
    python: Path

    def has(self, service: str) -> bool:
        """Return whether this release already had a service of that name."""
        return (self.sources / "services" / service).is_dir()

    def command(self, service: str, what: str) -> tuple[str, ...]:
        """Return the command that serves or migrates a service of this release."""
        return (str(self.python), "-m", f"practio_{service}", what)

    def practio(self, *arguments: str) -> tuple[str, ...]:
        """Return the operator's command of this release."""
        return (str(self.python), "-c", "from practio_operator.main import app; app()", *arguments)


async def previous_release() -> Release:
    """Return the release that the variable PREVIOUS names, otherwise the newest of ``releases.txt``; install it once.

    Raises AssertionError with the output of git or pip if that release cannot be installed.
    """
    reference = os.environ.get("PREVIOUS") or RELEASES.read_text().split()[-1]
    commit = (await _output("git", "rev-parse", "--verify", f"{reference}^{{commit}}")).strip()
    folder = INSTALLED / commit
    sources, python, ready = folder / "sources", folder / "venv/bin/python", folder / "ready"
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        await _output("sh", "-c", 'mkdir -p "$1" && git archive "$0" | tar -x -C "$1"', commit, str(sources))
        await _install(sources, python)
        ready.touch()
    return Release(commit[:12], sources, python)


async def _install(sources: Path, python: Path) -> None:
    await _output(sys.executable, "-m", "venv", "--clear", str(python.parents[1]))
    pip = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    await _output(*pip, "--require-hashes", "--requirement", str(sources / "requirements.lock"))
    await _output(*pip, "--no-deps", "--no-build-isolation", *map(str, _distributions(sources)))


def _distributions(sources: Path) -> list[Path]:
    services = (each.parent for each in sources.glob("services/*/pyproject.toml"))
    return [sources / "contracts", *services, sources / "deploy/operator"]


async def _output(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=CHECKOUT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, f"{' '.join(command)}: {errors.decode()[-2000:]}"
    return output.decode()
