"""Installing server packages on Debian and Ubuntu, without their servers starting."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from practio_operator.console.errors import OperatorError
from practio_operator.console.output import console

POLICY = Path("/usr/sbin/policy-rc.d")
"""The script that every package runs before it starts a service; exit code 101 forbids it (Debian's invoke-rc.d(8))."""


def can_install() -> bool:
    """Return whether this is Debian or Ubuntu, and we are root."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: list[str]) -> None:
    """Install exactly these packages and their dependencies, and print it; no service is started or changed."""
    console.print(f"Installing the packages {', '.join(packages)} with apt-get; their own servers are not started.")
    with _no_service_starts():
        _apt("update", "-qq")
        _apt("install", "-y", "-qq", "--no-install-recommends", *packages)


def _apt(*arguments: str) -> None:
    done = subprocess.run(
        ["apt-get", *arguments],
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        raise OperatorError(f"apt-get {arguments[0]} failed: {''.join(last)}")


@contextmanager
def _no_service_starts() -> Iterator[None]:
    kept = POLICY.with_suffix(".practio")
    if POLICY.exists():
        POLICY.replace(kept)
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()
        if kept.exists():
            kept.replace(POLICY)
