"""A mailbox on an IMAP server, with or without TLS; as a program by itself, it needs nothing but Python.

python imap_box.py PORT MAIL… serves the files MAIL to every login with the password ``secret``.
"""

import socketserver
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustme import LeafCert


@dataclass
class Box:
    """A mailbox: its mails by their ids, and which were seen and fetched."""

    mails: dict[str, bytes]
    seen: set[str] = field(default_factory=set)
    fetched: list[str] = field(default_factory=list)


class _Imap(socketserver.StreamRequestHandler):
    """As much of an IMAP server (RFC 3501) as reading a mailbox needs; the server has the ``box``."""

    def handle(self) -> None:
        self._send("* OK at your service")
        for line in self.rfile:
            tag, command, *words = line.decode().split()
            self._answer(tag, command.upper(), words)

    def _answer(self, tag: str, command: str, words: list[str]) -> None:
        box: Box = self.server.box  # type: ignore[attr-defined]
        match command, words:
            case "CAPABILITY", _:
                self._send("* CAPABILITY IMAP4rev1")
            case "LOGIN", [_, password] if password.strip('"') != "secret":
                self._send(f"{tag} NO who are you")
                return
            case "SELECT", _:
                self._send(f"* {len(box.mails)} EXISTS")
            case "UID", ["SEARCH", *_]:
                self._send(f"* SEARCH {' '.join(uid for uid in box.mails if uid not in box.seen)}")
            case "UID", ["FETCH", uid, *_]:
                box.fetched.append(uid)
                if uid in box.mails:
                    self._send(f"* 1 FETCH (UID {uid} BODY[] {{{len(box.mails[uid])}}}")
                    self.wfile.write(box.mails[uid] + b")\r\n")
            case "UID", ["STORE", uid, *_]:
                box.seen.add(uid)
        self._send(f"{tag} OK done")

    def _send(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def a_box(mails: dict[str, bytes], shown: "LeafCert | None" = None) -> Iterator[tuple[int, Box]]:
    """Serve a box of these mails by their ids, with TLS if it has a certificate; yield its port, and the box."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Imap) as server:
        if shown:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            shown.configure_cert(context)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        box = server.box = Box(mails)  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server.server_address[1], box
        server.shutdown()


if __name__ == "__main__":
    with socketserver.ThreadingTCPServer(("", int(sys.argv[1])), _Imap) as lasting:
        lasting.box = Box({str(uid): Path(mail).read_bytes() for uid, mail in enumerate(sys.argv[2:], 1)})  # type: ignore[attr-defined]
        lasting.serve_forever()
