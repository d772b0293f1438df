"""The pages to which a letter links: their base address, and the address of each (practio_contracts.links)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr, ValidationInfo, field_validator

from practio_chassis.environment.production_checks import page_faults, secret_faults
from practio_contracts.links import AFTER_A_SESSION, Link, LinkKeys, Links, PagesUrl, Purpose, keys_in
from practio_contracts.rooms import Room
from practio_notifications.letters.kinds import Category
from practio_notifications.letters.relevance import Contact


class PagesSettings(BaseModel):
    """The base address of pages, and the keys that sign links to them; without both, letters have no links."""

    pages_url: PagesUrl | None = None
    link_keys: LinkKeys | None = Field(None, validate_default=True)

    @field_validator("link_keys")
    @classmethod
    def _both_or_neither(cls, keys: SecretStr | None, others: ValidationInfo) -> SecretStr | None:
        if "pages_url" in others.data and (others.data["pages_url"] is None) is not (keys is None):
            raise ValueError("give PRACTIO_PAGES_URL and PRACTIO_LINK_KEYS both, or neither")
        return keys

    @property
    def links(self) -> Links | None:
        """Return what signs links; None: letters have none."""
        if self.pages_url is None or self.link_keys is None:
            return None
        return Links(self.pages_url, keys_in(self.link_keys.get_secret_value()))

    def pages_faults(self) -> Iterator[str]:
        """Yield a sentence for each setting of pages that is not safe in production."""
        if self.pages_url is not None and self.link_keys is not None:
            yield from page_faults("PRACTIO_PAGES_URL", self.pages_url)
            yield from secret_faults("PRACTIO_LINK_KEYS", keys_in(self.link_keys.get_secret_value()))


@dataclass(frozen=True, slots=True)
class PageLinks:
    """The pages of one reader; ``url`` signs a link and returns its address, ``base`` is that of all pages."""

    person_id: UUID
    reader: Contact
    url: Callable[[Link], str]
    base: str

    def runs(self, room: Room) -> bool:
        """Return whether the reader holds an office in a room, and so has its desk."""
        return self.person_id in room.office_ids

    def way(self, room: Room) -> str:
        """Return the address of the reader's page about a room."""
        return self._to(Purpose.WAY, room_id=room.room_id)

    def desk(self, room: Room, part: str = "") -> str:
        """Return the address of a room's desk for its offices, or of a part of it, such as ``people``."""
        desk = self._to(Purpose.DESK, room_id=room.room_id)
        return f"{desk}/{part}" if part else desk

    def queue(self, room: Room) -> str:
        """Return the address of a room's requests, for the people who decide on them."""
        return self._to(Purpose.QUEUE, room_id=room.room_id)

    def memory(self, room: Room) -> str:
        """Return the address of a room's notes, for the people in it."""
        return self._to(Purpose.MEMORY, room_id=room.room_id)

    def thanks(self, room: Room) -> str:
        """Return the address of the thanks in a room, for the people in it."""
        return f"{self.memory(room)}/thanks"

    def session(self, room: Room, session_id: UUID, ends_at: datetime, coming: str | None = None) -> str:
        """Return the address of the reader's page about a session; ``coming`` is the answer that is chosen there."""
        address = self._to(
            Purpose.SESSION, room_id=room.room_id, session_id=session_id, until=ends_at + AFTER_A_SESSION
        )
        return f"{address}?coming={coming}" if coming else address

    def attendance(self, room: Room, session_id: UUID, ends_at: datetime) -> str:
        """Return the address at which an office records who came to a session."""
        return f"{self.session(room, session_id, ends_at)}/attendance"

    def feedback(self, room: Room, session_id: UUID) -> str:
        """Return the address of the form of feedback on a session."""
        return self._to(Purpose.FEEDBACK, room_id=room.room_id, session_id=session_id)

    def start(self, room: Room) -> str:
        """Return the address at which the host of a draft completes it."""
        return self._to(Purpose.START, room_id=room.room_id)

    def public(self, room: Room) -> str:
        """Return the address of a published room that may be passed on: it is for everybody, and does not expire."""
        return f"{self.base}/room/{room.room_id}"

    def rooms(self) -> str:
        """Return the address of the search for rooms."""
        return self._to(Purpose.ROOMS)

    def care(self) -> str:
        """Return the address of all rooms that the reader looks after, those that need most care first."""
        return self._to(Purpose.CARE)

    def sponsor(self, sponsor_id: UUID, month: str) -> str:
        """Return the address of the report on a sponsor's rooms, for one month such as ``2026-03``."""
        return f"{self._to(Purpose.SPONSOR, sponsor_id=sponsor_id)}?from={month}&to={month}"

    def introduce(self, room: Room | None) -> str:
        """Return the address of the page on which the reader says who they are; it then leads on to ``room``."""
        return self._to(Purpose.INTRODUCE, room_id=room.room_id if room else None)

    def preferences(self) -> str:
        """Return the address of the reader's preferences."""
        return self._to(Purpose.PREFERENCES)

    def stop(self, category: Category) -> str:
        """Return the address that unsubscribes from a category (RFC 8058)."""
        return self._to(Purpose.STOP, category=category.value)

    def readdressed(self, link: Link) -> str:
        """Return the address of a page of another reader, for this one."""
        reader = self.reader
        return self.url(
            replace(
                link,
                person_id=self.person_id,
                locale=reader.locale,
                time_zone=reader.time_zone,
                version=reader.link_version,
            )
        )

    def _to(
        self,
        purpose: Purpose,
        *,
        room_id: UUID | None = None,
        category: str | None = None,
        session_id: UUID | None = None,
        until: datetime | None = None,
        sponsor_id: UUID | None = None,
    ) -> str:
        reader = self.reader
        return self.url(
            Link(
                purpose,
                self.person_id,
                room_id,
                category,
                reader.locale,
                reader.time_zone,
                not_after=until,
                version=reader.link_version,
                session_id=session_id,
                sponsor_id=sponsor_id,
            )
        )
