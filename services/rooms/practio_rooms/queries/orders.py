"""The orders of search results."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from practio_contracts.fields import Instant
from practio_contracts.rooms import SearchOrder
from practio_rooms.queries.ordering import Order
from practio_rooms.tables import RoomRow

_BigInt = Annotated[int, Field(ge=-(2**63), lt=2**63)]

NEWEST = Order(
    SearchOrder.NEWEST,
    {"published_at": RoomRow.published_at, "room_id": RoomRow.room_id},
    TypeAdapter(tuple[Literal[SearchOrder.NEWEST], Instant, UUID]),
)
SOONEST = Order(
    SearchOrder.SOONEST,
    {"session_sort_key": RoomRow.session_sort_key, **NEWEST.columns},
    TypeAdapter(tuple[Literal[SearchOrder.SOONEST], _BigInt, Instant, UUID]),
)
