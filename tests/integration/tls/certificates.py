"""Certificates for one test run: an authority that is ours, another that is not, and what the servers show."""

from dataclasses import dataclass
from pathlib import Path

import trustme

from practio_operator.stack.accounts import give

NAME, OTHER_NAME = "localhost", "127.0.0.1"
"""The one name in the servers' certificate, and another by which they are reached as well."""


@dataclass(frozen=True)
class Papers:
    """``ours`` and ``others`` are files of authorities; the servers' certificate is from ours."""

    ours: Path
    others: Path
    leaf: trustme.LeafCert

    @classmethod
    def issue(cls, folder: Path) -> "Papers":
        """Write both authorities into ``folder``."""
        ours, others = trustme.CA(), trustme.CA()
        papers = cls(folder / "ours.pem", folder / "others.pem", ours.issue_cert(NAME))
        ours.cert_pem.write_to_path(papers.ours)
        others.cert_pem.write_to_path(papers.others)
        return papers

    def write(self, folder: Path, account: str | None = None) -> tuple[Path, Path]:
        """Write a server's certificate and key, for its account alone."""
        certificate, key = folder / "server.pem", folder / "server.key"
        self.leaf.cert_chain_pems[0].write_to_path(certificate)
        key.touch(mode=0o600)
        self.leaf.private_key_pem.write_to_path(key)
        for path in (certificate, key):
            give(path, account)
        return certificate, key
