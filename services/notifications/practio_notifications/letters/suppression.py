"""When an address is not written to any more."""

from datetime import timedelta

from practio_contracts.notifications import BounceKind

SOFT_COUNTED_FOR = timedelta(days=7)
_SOFT_BORNE = 4


def ends_writing(kind: BounceKind, *, soft_in_a_week: int) -> bool:
    """Return whether this bounce suppresses an address; ``soft_in_a_week`` counts soft bounces, including this one."""
    match kind:
        case BounceKind.HARD | BounceKind.COMPLAINT:
            return True
        case BounceKind.SOFT:
            return soft_in_a_week > _SOFT_BORNE
        case BounceKind.REFUSED:
            return False
