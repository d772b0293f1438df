"""The tables of people: their addresses, present and former, introductions, and preferences."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from practio_notifications.tables.base import Json, Row


class ContactRow(Row):
    """A person by the newest event about them, or as somebody introduced them, or an address that asked for a link.

    The address has its domain in ASCII. ``introduced``: not by themselves, so that their name is shown to nobody yet.
    ``registered``: a directory or they themselves said who they are. ``asked_at`` is when an address that nobody knew
    asked first; null once its person is registered, or introduced to a room. ``link_version`` is carried by the links
    in letters to them; links with another one have ended. ``calendar_version`` is added to it in the address of their
    calendar, which can end by itself. After erasure all that describes them is null.
    """

    __tablename__ = "contact"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    display_name: Mapped[str | None]
    email: Mapped[str | None]
    locale: Mapped[str | None]
    time_zone: Mapped[str | None]
    introduced: Mapped[bool] = mapped_column(default=False)
    link_version: Mapped[int] = mapped_column(server_default=text("0"))
    calendar_version: Mapped[int] = mapped_column(server_default=text("0"))
    registered: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    asked_at: Mapped[datetime | None]

    __table_args__ = (
        Index("contact_by_address", text("lower(email)")),
        Index("contact_asking", "asked_at", postgresql_where=text("asked_at IS NOT NULL")),
    )


class FormerAddressRow(Row):
    """An address, by its key, that a person had before; until they are erased."""

    __tablename__ = "former_address"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (Index("former_address_by_address", text("lower(email)")),)


class IntroductionRow(Row):
    """One introduction, counted for a day; ``actor_id`` is null if the system introduced the person.

    An address that asks for a link and is written to counts as an introduction of the person by themselves.
    """

    __tablename__ = "introduction"

    introduction_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    actor_id: Mapped[UUID | None]
    at: Mapped[datetime]

    __table_args__ = (
        Index("introduction_by_actor", "actor_id", "at"),
        Index("introduction_of_person", "person_id"),
        Index("introduction_by_time", "at"),
    )


class PreferenceRow(Row):
    """A person's preferences, as JSON; without a row, the defaults apply."""

    __tablename__ = "preference"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    preferences: Mapped[Json] = mapped_column("wished")
