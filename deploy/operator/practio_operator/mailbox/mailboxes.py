"""The mailboxes to which letters return: a Maildir, or one on an IMAP server; handled mails are marked as seen."""

import imaplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from yarl import URL

from practio_chassis.environment.production_checks import mailbox_faults
from practio_operator.console.errors import OperatorError
from practio_operator.provisioning.settings import AUTHORITY, refuse_if_production

_SECONDS = 30
_IMAP_PORT, _IMAPS_PORT = 143, 993
_SETTING = "PRACTIO_MAILBOX_URL"


@dataclass(frozen=True, slots=True)
class UnseenMail:
    """A mail that nobody has seen. ``read`` returns its content, or None if it is gone meanwhile."""

    name: str
    read: Callable[[], bytes | None]
    mark_seen: Callable[[], None]


Mailbox = Iterator[UnseenMail]


@contextmanager
def maildir(folder: Path) -> Iterator[Mailbox]:
    """Open a Maildir, which other programs may use meanwhile. Raise OperatorError if it is not one, or that fails."""
    if not all((folder / part).is_dir() for part in ("new", "cur")):
        raise OperatorError(f"{folder} is not a Maildir: it has no folders new and cur.")
    try:
        unseen = [*(folder / "new").iterdir(), *(file for file in (folder / "cur").iterdir() if not _is_seen(file))]
        yield (
            UnseenMail(file.name, partial(_read, file), partial(_mark_maildir_seen, file))
            for file in sorted(unseen, key=_name)
        )
    except OSError as error:
        raise OperatorError(f"The Maildir {folder} cannot be read: {error}.") from None


def _name(file: Path) -> str:
    return file.name


def _is_seen(file: Path) -> bool:
    return "S" in file.name.partition(":2,")[2]


def _read(file: Path) -> bytes | None:
    """Return the content of a mail, or None if another program renamed it (the next look finds it) or removed it."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _mark_maildir_seen(file: Path) -> None:
    """Mark a mail as seen: its name ends with its flags, in alphabetical order.

    If another program has renamed it, it stays unseen, and is found again by its new name.
    """
    name, _, flags = file.name.partition(":2,")
    with suppress(FileNotFoundError):
        file.rename(file.parent.parent / "cur" / f"{name}:2,{''.join(sorted({*flags, 'S'}))}")


@contextmanager
def imap(url: str) -> Iterator[Mailbox]:
    """Open a mailbox such as ``imaps://user:password@mail.example.org/INBOX``.

    ``?cafile=`` names the file of the mail server's own authority. Raise OperatorError if that fails, or if it is not
    safe for production.
    """
    address = URL(url)
    if address.scheme not in ("imap", "imaps") or not address.host or not address.user:
        raise OperatorError(f"{_SETTING} is not valid: write it as imaps://user:password@mail.example.org/INBOX.")
    refuse_if_production(mailbox_faults(_SETTING, url))
    try:
        with _connected(address) as server:
            server.login(address.user, address.password or "")
            selected, _ = server.select(address.path.strip("/") or "INBOX")
            if selected != "OK":
                raise OperatorError(
                    f"There is no mailbox {address.path.strip('/')} on {address.host}: check {_SETTING}."
                )
            yield _unseen(server)
    except (OSError, imaplib.IMAP4.error) as error:
        raise OperatorError(f"The mailbox on {address.host} cannot be read: {error}.") from None


def _connected(address: URL) -> imaplib.IMAP4:
    if address.scheme == "imaps":  # without a context, imaplib verifies nothing
        verifying = ssl.create_default_context(cafile=address.query.get(AUTHORITY))
        return imaplib.IMAP4_SSL(
            str(address.host), address.port or _IMAPS_PORT, timeout=_SECONDS, ssl_context=verifying
        )
    return imaplib.IMAP4(str(address.host), address.port or _IMAP_PORT, timeout=_SECONDS)


def _unseen(server: imaplib.IMAP4) -> Mailbox:
    _, [found] = server.uid("SEARCH", "UNSEEN")
    for uid in (found or b"").decode().split():
        yield UnseenMail(uid, partial(_fetched, server, uid), partial(_mark_imap_seen, server, uid))


def _fetched(server: imaplib.IMAP4, uid: str) -> bytes | None:
    _, parts = server.uid("FETCH", uid, "(BODY.PEEK[])")
    return next((part[1] for part in parts if isinstance(part, tuple)), None)


def _mark_imap_seen(server: imaplib.IMAP4, uid: str) -> None:
    server.uid("STORE", uid, "+FLAGS", r"(\Seen)")
