"""Certificates for one test run: our authority, a foreign one, and the certificate of the servers."""

from dataclasses import dataclass
from pathlib import Path

import trustme

from practio_operator.stack.accounts import change_owner

NAME, OTHER_NAME = "localhost", "127.0.0.1"
"""The one name in the servers' certificate, and another by which they are reached as well."""


@dataclass(frozen=True)
class Certificates:
    """``ours`` and ``others`` are files of authorities; the servers' certificate is from ours."""

    ours: Path
    others: Path
    leaf: trustme.LeafCert

    @classmethod
    def issue(cls, folder: Path) -> "Certificates":
        """Write both authorities into ``folder``."""
        ours, others = trustme.CA(), trustme.CA()
        certificates = cls(folder / "ours.pem", folder / "others.pem", ours.issue_cert(NAME))
        ours.cert_pem.write_to_path(certificates.ours)
        others.cert_pem.write_to_path(certificates.others)
        return certificates

    def write(self, folder: Path, account: str | None = None) -> tuple[Path, Path]:
        """Write a server's certificate and key, readable only for its account."""
        certificate, key = folder / "server.pem", folder / "server.key"
        self.leaf.cert_chain_pems[0].write_to_path(certificate)
        key.touch(mode=0o600)
        self.leaf.private_key_pem.write_to_path(key)
        for path in (certificate, key):
            change_owner(path, account)
        return certificate, key
