"""The declarative base of all tables of notifications, beside those of the chassis."""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

from practio_chassis.database.tables import chassis_tables

metadata = MetaData()
CHASSIS_TABLES = chassis_tables(metadata)
Json = dict[str, Any]


class Row(DeclarativeBase):
    """The tables of this service's schema."""

    metadata = metadata
    type_annotation_map = {Json: JSONB(none_as_null=True), str: Text, datetime: DateTime(timezone=True)}
