"""Mail addresses: one form in which they are compared, whatever form they were typed in."""

import unicodedata
from functools import lru_cache

import idna


def normal_address(address: str) -> str:
    """Return ``address`` in NFC, its domain as mail servers write it: in ASCII and small letters (RFC 5890).

    An invalid domain stays as it is, in small letters.
    """
    local_part, at, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    return f"{local_part}{at}{_ascii(domain)}"


def address_key(address: str) -> str:
    """Return the key of an address: hardly any mail server distinguishes capitals from small letters."""
    return unicodedata.normalize("NFC", normal_address(address).lower())


@lru_cache(maxsize=1_000)
def _ascii(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        return domain.lower()
