"""Who calls: the name and the password of an account on the broker, by HTTP Basic (RFC 7617)."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass, field

from practio_contracts.catalogue import PAGES
from practio_gateway.faults import NO_LOGIN, WRONG_LOGIN, HttpFault

_OUTSIDE = re.compile(r"(?!practio)[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?")
_NEVER = {PAGES, "guest"}
_MOST_PASSWORD = 500


@dataclass(frozen=True, slots=True)
class Login:
    """An account of an outside system, and its password, which no representation shows."""

    account: str
    password: str = field(repr=False)


def login_of(authorization: str | None) -> Login | HttpFault:
    """Return the login of the header ``Authorization``; a fault if there is none, or no outside account has its name.

    Services, pages and administrators have no business here: their passwords are never tried on the broker.
    """
    scheme, _, written = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return NO_LOGIN
    try:
        account, colon, password = b64decode(written.strip(), validate=True).decode().partition(":")
    except (NotBase64, ValueError):
        return NO_LOGIN
    if not colon:
        return NO_LOGIN
    is_outside = _OUTSIDE.fullmatch(account) and account not in _NEVER
    if not is_outside or not 0 < len(password) <= _MOST_PASSWORD:
        return WRONG_LOGIN
    return Login(account, password)
