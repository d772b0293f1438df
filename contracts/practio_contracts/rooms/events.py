"""The events about rooms."""

from typing import Annotated

from practio_contracts.fields import PRIVATE, Id, Instant
from practio_contracts.message import Event
from practio_contracts.rooms.care import Sign
from practio_contracts.rooms.notes import Note
from practio_contracts.rooms.offices import Office
from practio_contracts.rooms.sessions import Session
from practio_contracts.rooms.snapshot import Room


class _AboutRoom(Event):
    room: Room


class RoomDrafted(_AboutRoom, key="rooms.room-drafted.v1"):
    """A room was drafted; for services alone."""


class RoomRevised(_AboutRoom, key="rooms.room-revised.v1"):
    """A room's statements changed; ``changed_fields`` are names of the snapshot's fields."""

    changed_fields: list[str]


class RoomPublished(_AboutRoom, key="rooms.room-published.v1"):
    """A room takes requests."""


class RoomClosed(_AboutRoom, key="rooms.room-closed.v1"):
    """A room takes no new requests."""

    reason: str | None = None


class RoomReopened(_AboutRoom, key="rooms.room-reopened.v1"):
    """A closed room takes requests again."""

    reason: str | None = None


class RoomCancelled(_AboutRoom, key="rooms.room-cancelled.v1"):
    """A room ended for good."""

    reason: str


class RoomArchived(_AboutRoom, key="rooms.room-archived.v1"):
    """A room is finished and stays readable."""


class DraftDiscarded(_AboutRoom, key="rooms.draft-discarded.v1"):
    """A draft was discarded; for services alone. ``reason`` is given if its host was erased."""

    reason: str | None = None


class OfficeChanged(_AboutRoom, key="rooms.office-changed.v1"):
    """A person holds an office from now on (``appointed``), or does no more."""

    person_id: Id
    office: Office
    appointed: bool


class HandOverProposed(_AboutRoom, key="rooms.hand-over-proposed.v1"):
    """A person is proposed as host, ``instead_of`` the person proposed before who had not answered."""

    person_id: Id
    instead_of: Id | None = None


class HandOverDeclined(_AboutRoom, key="rooms.hand-over-declined.v1"):
    """A proposal is no more: declined, taken back by the host, or over for a ``reason`` that is given."""

    person_id: Id
    reason: str | None = None


class HostChanged(_AboutRoom, key="rooms.host-changed.v1"):
    """Another person is host; ``reason`` is given if there was no hand-over."""

    person_id: Id
    former_host_id: Id
    reason: str | None = None


class _AboutSession(_AboutRoom):
    session: Session


class SessionScheduled(_AboutSession, key="rooms.session-scheduled.v1"):
    """A room meets on a date; published once for each date of a series."""


class SessionRescheduled(_AboutSession, key="rooms.session-rescheduled.v1"):
    """A session takes place at another time than ``former_starts_at``."""

    former_starts_at: Instant


class SessionCancelled(_AboutSession, key="rooms.session-cancelled.v1"):
    """A session does not take place; ``ends_series``: nor does any later date of its series."""

    reason: str | None = None
    ends_series: bool = False


class SessionRevised(_AboutSession, key="rooms.session-revised.v1"):
    """A session's statements changed; ``changed_fields`` are ``topic``, ``place`` and ``meeting_url``, those of them.

    Published once for each date.
    """

    changed_fields: list[str]


class RoomReplayed(_AboutRoom, key="rooms.room-said-again.v1"):
    """The present state of a room, published again for consumers that may have missed it; nothing happened to it.

    ``proposed_host_id`` is the person proposed as host. ``sessions`` are the revisions of all sessions that are not
    over, by their ids; each is published separately too. ``signs`` are those that it is quiet, and ``quiet_since`` is
    when the first was seen; ``signs`` is null in events of earlier releases.
    """

    proposed_host_id: Id | None = None
    sessions: dict[Id, int] = {}
    signs: list[Sign] | None = None
    quiet_since: Instant | None = None


class SessionReplayed(_AboutSession, key="rooms.session-said-again.v1"):
    """The present state of a session that is not over, published again after its room; nothing happened to it."""


class _AboutNote(_AboutRoom):
    note: Note


class NoteRecorded(_AboutNote, key="rooms.note-recorded.v1"):
    """People in a room recorded a note; events contain neither its text nor its author."""


class NoteRevised(_AboutNote, key="rooms.note-revised.v1"):
    """A note changed; ``changed_fields`` are names of its fields."""

    changed_fields: list[str]


class NoteWithdrawn(_AboutNote, key="rooms.note-withdrawn.v1"):
    """A note is not there any more."""

    reason: Annotated[str | None, PRIVATE] = None


NoteEvent = NoteRecorded | NoteRevised | NoteWithdrawn

SessionEvent = SessionScheduled | SessionRescheduled | SessionCancelled | SessionRevised

RoomEvent = (
    RoomDrafted
    | RoomRevised
    | RoomPublished
    | RoomClosed
    | RoomReopened
    | RoomCancelled
    | RoomArchived
    | DraftDiscarded
    | OfficeChanged
    | HandOverProposed
    | HandOverDeclined
    | HostChanged
    | SessionEvent
    | RoomReplayed
    | SessionReplayed
)
