"""What a room of each format has, unless its host states something else: seats and roles."""

from practio_contracts.rooms.snapshot import TRIAD, Format, Role

USUAL_SEATS = {
    Format.INTERVISION: 8,
    Format.PEER_COACHING: len(TRIAD),
    Format.PEER_SUPERVISION: 10,
    Format.METHOD_PRACTICE: 16,
}
"""The largest capacity that a format advises; peer coaching: one triad."""


def usual_roles(room_format: Format, capacity: int) -> list[Role]:
    """Return the roles of a format: triads share the seats equally, in other formats everyone has the same role."""
    if room_format is not Format.PEER_COACHING:
        return [Role(name="participant")]
    return [Role(name=name, seats=max(1, capacity // len(TRIAD))) for name in TRIAD]
