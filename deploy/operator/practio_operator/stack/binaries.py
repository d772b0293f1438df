"""The machine's PostgreSQL and RabbitMQ programs: where they are, and how they are installed."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from practio_operator.console.errors import OperatorError
from practio_operator.stack import debian

POSTGRES_OLDEST = 15
RABBITMQ_OLDEST = (3, 10)

DEBIAN_POSTGRES = Path("/usr/lib/postgresql")
DEBIAN_RABBITMQ = Path("/usr/lib/rabbitmq/bin")
"""Debian's own scripts; those in /usr/sbin are wrappers that require root or the account rabbitmq."""

PACKAGES = {"PostgreSQL 15 or later": "postgresql", "RabbitMQ 3.10 or later": "rabbitmq-server"}


@dataclass(frozen=True)
class Binaries:
    """The folders of the two servers' programs."""

    postgres: Path
    rabbitmq: Path


def find_binaries() -> Binaries:
    """Return both servers' programs; install missing ones first, for root on Debian or Ubuntu.

    Raise OperatorError, naming the packages, if they are missing and cannot be installed.
    """
    missing = _missing()
    if missing:
        if not debian.can_install():
            raise OperatorError(f"{' and '.join(missing)} not found: install the packages {_packages(missing)}.")
        debian.install([PACKAGES[name] for name in missing])
    postgres, rabbitmq = find_postgres(), find_rabbitmq()
    if postgres is None or rabbitmq is None:
        raise OperatorError(
            f"This system's packages {_packages(_missing())} are too old: install {' and '.join(_missing())}."
        )
    return Binaries(postgres=postgres, rabbitmq=rabbitmq)


def find_postgres() -> Path | None:
    """Return the folder of the newest PostgreSQL programs of at least version 15, or None."""
    folders = [*DEBIAN_POSTGRES.glob("*/bin"), *_folder_of("postgres"), *_folder_of_pg_config()]
    versions = {folder: _postgres_version(folder) for folder in folders if (folder / "initdb").exists()}
    fitting = {folder: version for folder, version in versions.items() if version >= POSTGRES_OLDEST}
    return max(fitting, key=lambda folder: fitting[folder], default=None)


def find_rabbitmq() -> Path | None:
    """Return the folder of RabbitMQ's own scripts of at least version 3.10, or None."""
    folders = [DEBIAN_RABBITMQ, *_folder_of("rabbitmq-server")]
    return next((folder for folder in folders if _rabbitmq_version(folder) >= RABBITMQ_OLDEST), None)


def _missing() -> list[str]:
    found = dict(zip(PACKAGES, (find_postgres(), find_rabbitmq()), strict=True))
    return [name for name, folder in found.items() if folder is None]


def _packages(missing: list[str]) -> str:
    return " and ".join(PACKAGES[name] for name in missing)


def _folder_of(program: str) -> list[Path]:
    path = shutil.which(program)
    return [Path(path).resolve().parent] if path else []


def _folder_of_pg_config() -> list[Path]:
    return [Path(_output("pg_config", "--bindir"))] if shutil.which("pg_config") else []


def _postgres_version(folder: Path) -> int:
    found = re.search(r"\(PostgreSQL\) (\d+)", _output(str(folder / "postgres"), "--version"))
    return int(found[1]) if found else 0


def _rabbitmq_version(folder: Path) -> tuple[int, ...]:
    """Return the version from file names beside the scripts: asking the server itself takes seconds."""
    if not (folder / "rabbitmq-defaults").exists():
        return (0,)
    names = [path.name for place in (folder.parent, folder.parent / "lib") for path in place.glob("rabbitmq_server-*")]
    names += [path.name for path in (folder.parent / "plugins").glob("rabbit-*")] + [folder.parent.name]
    found = [re.search(r"-(\d+)\.(\d+)", name) for name in names]
    return max(((int(match[1]), int(match[2])) for match in found if match), default=(0,))


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip()
