"""Whether the people in a room can run its format (rooms.md, Formats)."""

from collections.abc import Mapping

from practio_contracts.rooms import TRIAD, Format, Room


def missing_roles(room: Room, taken: Mapping[str, int]) -> list[str]:
    """Give the roles, as the room names them, that its format cannot do without and that nobody has taken.

    ``taken`` are the people in each role, by its name. Only triads bind roles: any people may run another format.
    """
    if room.format is not Format.PEER_COACHING:
        return []
    needed = (role.name for role in room.roles if role.name.casefold() in TRIAD)
    return [name for name in needed if not taken.get(name)]


def is_viable(room: Room, taken: Mapping[str, int]) -> bool:
    """Say whether somebody is in the room, and in every role that its format binds."""
    return any(taken.values()) and not missing_roles(room, taken)
