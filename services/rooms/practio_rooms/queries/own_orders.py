"""The orders of a person's own rooms, and the cursors in them."""

from collections.abc import Mapping
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter
from sqlalchemy import BigInteger, cast, func

from practio_contracts.rooms import OwnOrder
from practio_rooms.queries.ordering import Columns, Order
from practio_rooms.tables import CareRow, RoomRow

_BigInt = Annotated[int, Field(ge=-(2**63), lt=2**63)]
_NOT_QUIET = -(2**62)

_RANK = func.coalesce(cast(CareRow.rank, BigInteger), 0)
_QUIET_FOR = func.coalesce(-cast(func.extract("epoch", CareRow.quiet_since), BigInteger), _NOT_QUIET)
"""It falls with each second by which a room has been quiet for less; lowest for those that are not."""

_SOONEST: Columns = {"session_sort_key": RoomRow.session_sort_key, "room_id": RoomRow.room_id}
_QUIETEST: Columns = {"rank": _RANK, "quiet_for": _QUIET_FOR, **_SOONEST}


ORDERS: Mapping[OwnOrder, Order] = {
    OwnOrder.SOONEST: Order("own-room", _SOONEST, TypeAdapter(tuple[Literal["own-room"], _BigInt, UUID])),
    OwnOrder.QUIETEST: Order(
        "own-quiet", _QUIETEST, TypeAdapter(tuple[Literal["own-quiet"], _BigInt, _BigInt, _BigInt, UUID])
    ),
}
