"""The viability of a room: whether its people can run its format."""

from collections.abc import Mapping

from practio_contracts.rooms import TRIAD, Format, Room


def missing_roles(room: Room, taken: Mapping[str, int]) -> list[str]:
    """Return the roles, as the room names them, that its format requires and nobody has taken.

    ``taken`` is the number of people by role name. Only triads bind roles: any people may run another format.
    """
    if room.format is not Format.PEER_COACHING:
        return []
    needed = (role.name for role in room.roles if role.name.casefold() in TRIAD)
    return [name for name in needed if not taken.get(name)]


def is_viable(room: Room, taken: Mapping[str, int]) -> bool:
    """Return whether somebody is in the room and in every role that its format binds."""
    return any(taken.values()) and not missing_roles(room, taken)
