"""The headers of Standard Webhooks 1.0.0: id, timestamp, and a signature with each secret."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence
from datetime import datetime

from standardwebhooks.webhooks import Webhook

PREFIX = "whsec_"
_BYTES = range(24, 65)


def checked_secret(secret: str) -> str:
    """Return a secret; raise ValueError if it is not ``whsec_`` and 24 to 64 bytes in base64."""
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except NotBase64:
        key = b""
    if not secret.startswith(PREFIX) or len(key) not in _BYTES:
        raise ValueError(f"write it as {PREFIX} and 24 to 64 random bytes in base64: openssl rand -base64 32")
    return secret


def signed_headers(body: bytes, *, id: str, secrets: Sequence[str], now: datetime) -> dict[str, str]:  # noqa: A002
    """Return the headers of an event at an instant (UTC); a receiver accepts them if it has any of the secrets."""
    signatures: list[str] = [Webhook(secret).sign(id, now, body.decode()) for secret in secrets]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
