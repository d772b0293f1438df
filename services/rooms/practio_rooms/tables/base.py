"""What all tables of the catalogue belong to."""

from sqlalchemy.orm import DeclarativeBase


class Tables(DeclarativeBase):
    """What this service owns; no schema is named, for the roles' search path holds it alone."""
