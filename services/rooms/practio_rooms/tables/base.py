"""The declarative base of all tables of the catalogue."""

from sqlalchemy.orm import DeclarativeBase


class Tables(DeclarativeBase):
    """The tables of this service; no schema is named, because the roles' search path contains only this one."""
