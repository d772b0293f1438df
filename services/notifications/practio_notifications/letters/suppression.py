"""When an address is not written to any more (notifications.md, Rules: Suppression)."""

from datetime import timedelta

from practio_contracts.notifications import BounceKind

SOFT_COUNTED_FOR = timedelta(days=7)
_SOFT_BORNE = 4


def address_key(email: str) -> str:
    """Return the key of an address: hardly any mail server distinguishes capitals from small letters."""
    return email.strip().lower()


def ends_writing(kind: BounceKind, *, soft_in_a_week: int) -> bool:
    """Return whether this bounce suppresses an address; ``soft_in_a_week`` counts soft bounces, including this one."""
    return kind is not BounceKind.SOFT or soft_in_a_week > _SOFT_BORNE
