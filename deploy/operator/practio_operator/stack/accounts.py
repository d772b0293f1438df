"""The system account of a private server: PostgreSQL refuses to run as root, and no server should."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from practio_operator.stack.home import Home


def server_account(preferred: str) -> str | None:
    """Return the account for a server if this is root: the preferred one if the system has it, otherwise `nobody`.

    Return None for other users, who run servers as themselves.
    """
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return preferred if preferred in known else "nobody"


def server_data(home: Home, accounts: set[str | None]) -> Path:
    """Return a new folder for the servers' data: in the home, or under /var/tmp if an account cannot enter the home."""
    home.data.mkdir(exist_ok=True)
    home.data.chmod(0o711)
    if all(run_as(account, "test", "-x", str(home.data)).returncode == 0 for account in accounts):
        return home.data
    home.data.rmdir()
    outside = Path(tempfile.mkdtemp(prefix="practio-", dir="/var/tmp"))
    outside.chmod(0o711)
    return outside


def make_private_folder(path: Path, account: str | None) -> None:
    """Make a folder that this account alone may enter."""
    path.mkdir(mode=0o700, exist_ok=True)
    change_owner(path, account)


def change_owner(path: Path, account: str | None) -> None:
    """Make this account the owner of a file or folder."""
    if account is not None:
        shutil.chown(path, account, pwd.getpwnam(account).pw_gid)


def run_as(account: str | None, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end as this account, without a terminal; its output is in the result."""
    entry = pwd.getpwnam(account) if account else None
    return subprocess.run(
        command,
        user=entry.pw_uid if entry else None,
        group=entry.pw_gid if entry else None,
        extra_groups=[] if entry else None,
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
